"""ID3v1 tags, 128 bytes at the end of a file: read, and their genre kept in step.

Some have an extension of 227 bytes before them, which gives the genre as text too.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from genrescope.library.formats.fields import Fields
from genrescope.taxonomy.normalise import id3v1_names

LENGTH, EXTENSION_LENGTH = 128, 227
MAGIC, EXTENSION = b"TAG", b"TAG+"
_TEXTS = {"title": (3, 33), "artist": (33, 63), "album": (63, 93), "year": (93, 97)}
_LONG_GENRE = slice(185, 215)  # of the extension
_NO_GENRE = 255


def read_tag(file: BinaryIO) -> bytes:
    """The bytes of the tag, with its extension before it; or nothing."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LENGTH - EXTENSION_LENGTH))
    tail = file.read()
    if not tail[-LENGTH:].startswith(MAGIC) or len(tail) < LENGTH:
        return b""
    return tail if tail.startswith(EXTENSION) else tail[-LENGTH:]


def fields(tag: bytes) -> Fields:
    """The text fields of a tag."""
    if not tag:
        return {}
    tag = tag[-LENGTH:]
    texts = {name: tag[start:end] for name, (start, end) in _TEXTS.items()}
    texts["comment"] = tag[97:127]
    found = {name: text.split(b"\0")[0].decode("latin-1").strip() for name, text in texts.items()}
    if tag[125] == 0 and tag[126]:
        found["track"] = str(tag[126])
    names = id3v1_names()
    found["genre"] = names[tag[127]] if tag[127] < len(names) else ""
    return {name: (text,) for name, text in found.items() if text}


def write_genre(file: BinaryIO, genres: tuple[str, ...]) -> None:
    """Set the genre of the tag, if the file has one: 255 where the list has no such genre."""
    if tag := read_tag(file):
        file.seek(-len(tag), os.SEEK_END)
        file.write(_with_genre(tag, genres[0] if genres else ""))


def without_genre(tag: bytes) -> bytes:
    """A tag that has no genre, else the same."""
    return _with_genre(tag, "") if tag else b""


def _with_genre(tag: bytes, genre: str) -> bytes:
    names = [name.casefold() for name in id3v1_names()]
    number = names.index(genre.casefold()) if genre.casefold() in names else _NO_GENRE
    extension = bytearray(tag[:-LENGTH])
    if extension:
        room = _LONG_GENRE.stop - _LONG_GENRE.start
        text = genre.encode("latin-1", "replace")
        extension[_LONG_GENRE] = text[:room].ljust(room, b"\0")
    return bytes(extension) + tag[-LENGTH:-1] + bytes([number])
