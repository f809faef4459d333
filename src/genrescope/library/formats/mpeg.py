"""MP3 files (and AAC ones): ID3v2 before the audio; perhaps APEv2 and ID3v1 after it.

A field that the ID3v2 tag has not is read from the APEv2 tag, else from ID3v1. The genre byte of an
ID3v1 tag is kept in step: the number of the first genre, 255 where it has none. A file without
ID3v2 gets an ID3v2.4 tag with all that its other tags say, since players do not look at those any
more once there is a new one. APE tags stay as they are.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from genrescope.library.formats import apev2, id3
from genrescope.library.formats.fields import Fields, Part, first_of, splice
from genrescope.taxonomy.normalise import id3v1_names

_V1_LENGTH = 128
_V1_TEXTS = {"title": (3, 33), "artist": (33, 63), "album": (63, 93), "year": (93, 97)}
_NO_GENRE = 255


def read(file: BinaryIO) -> Fields:
    """The text fields."""
    return first_of(*map(id3.fields, id3.leading_tags(file)), _end_fields(file))


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the tag is damaged.
    """
    tags, old = id3.leading_tags(file), _old_tag(file)
    tag = tags[0] if tags else id3.seeded(_end_fields(file))
    new, written = id3.replace_field(tag, field, values)
    splice(file, 0, tag.size, id3.render(new))
    if old and field == "genre":
        file.seek(-1, os.SEEK_END)
        file.write(bytes([_number(values)]))
    return written


def others(file: BinaryIO, field: str) -> list[Part]:
    """Every other frame, other ID3v2 tags, and what the ID3v1 tag says besides the genre."""
    tags, old = id3.leading_tags(file), _old_tag(file)
    found = id3.others(tags[0] if tags else id3.seeded(_end_fields(file)), field)
    found += [part for tag in tags[1:] for part in id3.others(tag, "")]
    return [*found, ("ID3v1", old[:-1] if field == "genre" else old)]


def _end_fields(file: BinaryIO) -> Fields:
    """What the tags after the sound say."""
    return first_of(apev2.read(file), _old_fields(_old_tag(file)))


def _old_tag(file: BinaryIO) -> bytes:
    """The 128 bytes of an ID3v1 tag, or nothing."""
    if file.seek(0, os.SEEK_END) < _V1_LENGTH:
        return b""
    file.seek(-_V1_LENGTH, os.SEEK_END)
    tag = file.read(_V1_LENGTH)
    return tag if tag.startswith(b"TAG") else b""


def _old_fields(tag: bytes) -> Fields:
    if not tag:
        return {}
    texts = {name: tag[start:end] for name, (start, end) in _V1_TEXTS.items()}
    texts["comment"] = tag[97:127]
    found = {name: text.split(b"\0")[0].decode("latin-1").strip() for name, text in texts.items()}
    if tag[125] == 0 and tag[126]:
        found["track"] = str(tag[126])
    names = id3v1_names()
    found["genre"] = names[tag[127]] if tag[127] < len(names) else ""
    return {name: (text,) for name, text in found.items() if text}


def _number(genres: tuple[str, ...]) -> int:
    """ID3v1's number of the first genre."""
    names = [name.casefold() for name in id3v1_names()]
    first = genres[0].casefold() if genres else ""
    return names.index(first) if first in names else _NO_GENRE
