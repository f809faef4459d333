"""Matroska and WebM (.mka, .mkv, .webm): SimpleTags in the Segment's Tags.

Format: RFC 9559. How a field is found among them: `genrescope.library.formats.matroska.simpletags`;
where new tags are put: `genrescope.library.formats.matroska.placing`.
"""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from genrescope.library.formats.fields import Fields, Part
from genrescope.library.formats.matroska import simpletags
from genrescope.library.formats.matroska.ebml import CRC, VOID, Element, content
from genrescope.library.formats.matroska.placing import place_tags
from genrescope.library.formats.matroska.positions import targets
from genrescope.library.formats.matroska.segment import (
    CLUSTER,
    CUES,
    NAMES,
    SEEK_HEAD,
    TAGS,
    Segment,
    check_writable,
    read_segment,
    sound_uid,
    title,
)

_BLOCK = 1 << 17
_ELSEWHERE = (CLUSTER, CUES, SEEK_HEAD, TAGS, VOID, CRC)


def read(file: BinaryIO) -> Fields:
    """The text fields; a title that no tag has is the Segment's."""
    segment = read_segment(file)
    found = simpletags.fields(_tags(file, segment))
    name = title(file, segment).strip()
    return ({"title": (name,)} if name else {}) | found


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the file is damaged, or has no room.
    """
    segment = read_segment(file)
    check_writable(file, segment)
    tags = simpletags.replace_field(_tags(file, segment), field, values)
    place_tags(file, segment, tags.render())
    return values


def others(file: BinaryIO, field: str) -> list[Part]:
    """Every other tag, every other element but the sound, and what lists of positions point to."""
    segment = read_segment(file)
    check_writable(file, segment)
    rest = [it for it in segment.elements if it.id not in _ELSEWHERE]
    found = [(NAMES.get(it.id, f"element {it.id:x}"), _digest(file, it)) for it in rest]
    found += [("EBML", content(file, segment.header)), *targets(file, segment)]
    return simpletags.others(_tags(file, segment), field) + found


def _tags(file: BinaryIO, segment: Segment) -> simpletags.Tags:
    contents = [content(file, found) for found in segment.all(TAGS)]
    return simpletags.parse(contents, sound_uid(file, segment))


def _digest(file: BinaryIO, found: Element) -> bytes:
    """A hash of an element, which may be large, such as attached files."""
    digest, left = hashlib.blake2b(), found.end - found.start
    file.seek(found.start)
    while left and (block := file.read(min(left, _BLOCK))):
        digest.update(block)
        left -= len(block)
    return digest.digest()
