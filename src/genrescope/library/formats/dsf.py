"""DSF files: an ID3v2 tag at the end, to which the first chunk points.

Format: Sony's "DSF File Format Specification", 1.01. The first chunk of 28 bytes has the length of
the file and the place of the tag, 0 where there is none.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from genrescope.errors import DataError
from genrescope.library.formats import id3
from genrescope.library.formats.fields import REPAIR, Fields, Part, splice

NAMES_MOOD = True
_MAGIC = b"DSD "
_HEAD = 28


def read(file: BinaryIO) -> Fields:
    """The text fields."""
    return id3.fields(_tag(file)[0])


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the tag is damaged, or the lengths in the file are.
    """
    tag, place = _tag(file)
    new, written = id3.replace_field(tag, field, values)
    content = id3.render(new)
    splice(file, place, tag.size, content)
    file.seek(12)
    file.write(struct.pack("<QQ", place + len(content), place))
    return written


def others(file: BinaryIO, field: str) -> list[Part]:
    """Every other frame, and all before the tag but the numbers that are its place."""
    tag, place = _tag(file)
    file.seek(0)
    head = file.read(12)
    file.seek(_HEAD)
    rest = file.read(min(place, _HEAD + 64) - _HEAD)
    return [*id3.others(tag, field), ("DSD", head), ("fmt", rest)]


def _tag(file: BinaryIO) -> tuple[id3.Tag, int]:
    """The tag, an empty one where there is none, and where it is or would be.

    Raises:
        DataError: what the file declares of its length and of its tag is wrong.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(_HEAD)
    if len(head) < _HEAD or not head.startswith(_MAGIC):
        raise DataError("the header is damaged", remedy=REPAIR)
    length, place = struct.unpack_from("<QQ", head, 12)
    if length != size or place > size or 0 < place < _HEAD:
        raise DataError("the lengths in the file do not add up", remedy=REPAIR)
    if not place:
        return id3.Tag(), size
    file.seek(place)
    data = file.read()
    tag = id3.parse(data) if data.startswith(b"ID3") and len(data) > 10 else id3.Tag()
    if tag.size != len(data):
        raise DataError("the ID3 tag is damaged", remedy=REPAIR)
    return tag, place
