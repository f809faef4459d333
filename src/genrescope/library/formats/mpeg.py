"""MP3 files (and AAC ones): an ID3v2 tag before the audio, perhaps an ID3v1 tag after it.

The genre byte of an ID3v1 tag is kept in step: the number of the first genre, 255 where it has
none. A file with ID3v1 only gets an ID3v2.4 tag with all that the old one says, since players do
not look at the old one any more once there is a new one. APE tags stay as they are.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from genrescope.audio.sniff import id3_length
from genrescope.library.formats import id3
from genrescope.library.formats.fields import Fields, splice

_V1_LENGTH = 128
_V1_TEXTS = {"title": (3, 33), "artist": (33, 63), "album": (63, 93), "year": (93, 97)}
_NO_GENRE = 255


def read(file: BinaryIO) -> Fields:
    """The text fields of the ID3v2 tag, else of the ID3v1 tag."""
    tag = _tag(file)
    return id3.fields(tag) if tag else _old_fields(_old_tag(file))


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the tag is damaged.
    """
    tag, old = _tag(file), _old_tag(file)
    new, written = id3.replace_field(tag or id3.seeded(_old_fields(old)), field, values)
    splice(file, 0, tag.size if tag else 0, id3.render(new))
    if old and field == "genre":
        file.seek(-1, os.SEEK_END)
        file.write(bytes([_number(values)]))
    return written


def others(file: BinaryIO, field: str) -> list[bytes]:
    """Every other frame, and what the ID3v1 tag says besides the genre."""
    tag, old = _tag(file), _old_tag(file)
    frames = id3.others(tag or id3.seeded(_old_fields(old)), field)
    return [*frames, old[:-1] if field == "genre" else old]


def _tag(file: BinaryIO) -> id3.Tag | None:
    file.seek(0)
    head = file.read(10)
    return id3.parse(head + file.read(id3_length(head) - 10)) if id3_length(head) else None


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
    names = id3.genre_names()
    found["genre"] = names[tag[127]] if tag[127] < len(names) else ""
    return {name: (text,) for name, text in found.items() if text}


def _number(genres: tuple[str, ...]) -> int:
    """ID3v1's number of the first genre."""
    names = [name.casefold() for name in id3.genre_names()]
    first = genres[0].casefold() if genres else ""
    return names.index(first) if first in names else _NO_GENRE
