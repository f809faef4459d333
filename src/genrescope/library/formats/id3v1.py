"""ID3v1 tags, 128 bytes at the end of a file: read, and their genre kept in step."""

from __future__ import annotations

import os
from typing import BinaryIO

from genrescope.library.formats.fields import Fields
from genrescope.taxonomy.normalise import id3v1_names

LENGTH = 128
_TEXTS = {"title": (3, 33), "artist": (33, 63), "album": (63, 93), "year": (93, 97)}
_NO_GENRE = 255


def read_tag(file: BinaryIO) -> bytes:
    """The bytes of the tag, or nothing."""
    if file.seek(0, os.SEEK_END) < LENGTH:
        return b""
    file.seek(-LENGTH, os.SEEK_END)
    tag = file.read(LENGTH)
    return tag if tag.startswith(b"TAG") else b""


def fields(tag: bytes) -> Fields:
    """The text fields of a tag."""
    if not tag:
        return {}
    texts = {name: tag[start:end] for name, (start, end) in _TEXTS.items()}
    texts["comment"] = tag[97:127]
    found = {name: text.split(b"\0")[0].decode("latin-1").strip() for name, text in texts.items()}
    if tag[125] == 0 and tag[126]:
        found["track"] = str(tag[126])
    names = id3v1_names()
    found["genre"] = names[tag[127]] if tag[127] < len(names) else ""
    return {name: (text,) for name, text in found.items() if text}


def write_genre(file: BinaryIO, genres: tuple[str, ...]) -> None:
    """Set the genre byte of the tag that a file ends with: 255 where the list has no such genre."""
    names = [name.casefold() for name in id3v1_names()]
    first = genres[0].casefold() if genres else ""
    file.seek(-1, os.SEEK_END)
    file.write(bytes([names.index(first) if first in names else _NO_GENRE]))
