"""APEv2 tags at the end of MP3 files, beside or instead of ID3: read, never written."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from genrescope.library.formats.fields import CUSTOM, Fields, add

_MAGIC = b"APETAGEX"
_LENGTH = 32
_V1_LENGTH = 128
_LYRICS_END = b"LYRICS200"
_MOST = 1 << 24
_BINARY = 0b110  # of an item's flags: what is no text
_NAMES = ("genre", "album", "artist", "title", "comment", "track", "year")


def read(file: BinaryIO) -> Fields:
    """The text fields; none where there is no tag, or a damaged one."""
    end = _end(file)
    file.seek(max(0, end - _LENGTH))
    footer = file.read(min(_LENGTH, end))
    if not footer.startswith(_MAGIC) or len(footer) < _LENGTH:
        return {}
    size, count = struct.unpack("<II", footer[12:20])
    if not _LENGTH <= size <= min(_MOST, end):
        return {}
    file.seek(end - size)
    return _fields(file.read(size - _LENGTH), count)


def _end(file: BinaryIO) -> int:
    """Where the tag would end: before ID3v1 and Lyrics3."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - _V1_LENGTH))
    if file.read(3) == b"TAG" and end >= _V1_LENGTH:
        end -= _V1_LENGTH
    file.seek(max(0, end - len(_LYRICS_END) - 6))
    tail = file.read(len(_LYRICS_END) + 6)
    if tail[6:] == _LYRICS_END and tail[:6].isdigit():
        end -= int(tail[:6]) + len(tail)
    return max(0, end)


def _fields(data: bytes, count: int) -> Fields:
    found: Fields = {}
    place = 0
    for _ in range(count):
        if place + 8 > len(data):
            break
        size, flags = struct.unpack_from("<II", data, place)
        key, _, rest = data[place + 8 :].partition(b"\0")
        place += 8 + len(key) + 1 + size
        name = key.decode("latin-1")
        field = name.lower() if name.lower() in _NAMES else CUSTOM + name.upper()
        if not flags & _BINARY:
            add(found, field, rest[:size].decode("utf-8", "replace").split("\0"))
    return found
