"""APEv2 tags at the end of files, before ID3v1 and Lyrics3.

Items that are not replaced keep their bytes, flags and order.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, replace
from typing import BinaryIO, NamedTuple

from genrescope.errors import DataError
from genrescope.library.formats import id3v1
from genrescope.library.formats.fields import (
    CUSTOM,
    REPAIR,
    Fields,
    Part,
    add,
    custom_name,
    splice,
)

_MAGIC = b"APETAGEX"
_VERSION = 2000
_LENGTH = 32  # of the header, and of the footer
_LYRICS_END = b"LYRICS200"
_MOST = 1 << 24
_KIND = 0b110  # of an item's flags: 0 is text
_HAS_HEADER, _IS_HEADER = 1 << 31, 1 << 29
_NAMES = ("genre", "album", "artist", "title", "comment", "track", "year")
_RESERVED = ("ID3", "TAG", "OGGS", "MP+")


class Item(NamedTuple):
    """One item: its key as it is spelt, its flags, and its value."""

    key: str
    flags: int
    value: bytes

    @property
    def field(self) -> str:
        """The field that it holds."""
        lower = self.key.lower()
        return lower if lower in _NAMES else CUSTOM + self.key.upper()

    @property
    def raw(self) -> bytes:
        """Its bytes."""
        head = struct.pack("<II", len(self.value), self.flags)
        return head + self.key.encode("latin-1") + b"\0" + self.value


@dataclass(frozen=True)
class Tag:
    """A tag, or the place for one.

    Attributes:
        start: where it begins in the file.
        size: bytes it takes in the file, 0 where there is none.
        items: in the order of the file.
        flags: of the tag.
        version: 2000, or 1000 of old.
        whole: whether all of it was understood.
    """

    start: int
    size: int = 0
    items: tuple[Item, ...] = ()
    flags: int = _HAS_HEADER
    version: int = _VERSION
    whole: bool = True

    def render(self) -> bytes:
        """The tag's bytes, with a header if it had one."""
        body = b"".join(item.raw for item in self.items)
        numbers = self.version, len(body) + _LENGTH, len(self.items)
        head, foot = (
            _MAGIC + struct.pack("<4I8x", *numbers, flags)
            for flags in (self.flags | _IS_HEADER, self.flags & ~_IS_HEADER)
        )
        return (head if self.flags & _HAS_HEADER else b"") + body + foot


def fields(tag: Tag) -> Fields:
    """The text fields of a tag; of a damaged one, those that can be understood."""
    found: Fields = {}
    for item in tag.items:
        if not item.flags & _KIND:
            add(found, item.field, item.value.decode("utf-8", "replace").split("\0"))
    return found


def replace_field(tag: Tag, field: str, values: tuple[str, ...]) -> Tag:
    """The tag with one field's items replaced by one.

    Raises:
        DataError: the tag is damaged or of version 1, or the field's name cannot be a key.
    """
    if not tag.whole:
        raise DataError("the APE tag is damaged", remedy=REPAIR)
    if tag.size and tag.version != _VERSION:
        raise DataError("the APE tag is of version 1", remedy="save it once with its own editor")
    old = [number for number, item in enumerate(tag.items) if item.field == field]
    place = old[0] if old else len(tag.items)
    items = [item for item in tag.items if item.field != field]
    if values:
        key = tag.items[old[0]].key if old else _key(field)
        items.insert(place, Item(key, 0, "\0".join(values).encode()))
    return replace(tag, items=tuple(items))


def has(tag: Tag, field: str) -> bool:
    """Whether a tag has a field."""
    return any(item.field == field for item in tag.items)


def others(tag: Tag, field: str) -> list[Part]:
    """Every item that does not hold the field, in order."""
    return [(item.key, item.raw) for item in tag.items if item.field != field]


def write(file: BinaryIO, tag: Tag) -> None:
    """Put a tag where it is, or would be."""
    splice(file, tag.start, tag.size, tag.render())


def _key(field: str) -> str:
    """The key of a new item.

    Raises:
        DataError: it would not be one: 2 to 255 plain characters.
    """
    key = custom_name(field) if field.startswith(CUSTOM) else field.capitalize()
    plain = key.isascii() and key.isprintable() and key.upper() not in _RESERVED
    if not plain or not 2 <= len(key) <= 255:
        raise DataError(f"an item cannot be named '{key}'", remedy="use plain letters")
    return key


def read_tag(file: BinaryIO) -> Tag:
    """The tag that a file ends with, as far as it can be understood; an empty one without it."""
    end = _end(file)
    file.seek(max(0, end - _LENGTH))
    footer = file.read(min(_LENGTH, end))
    if not footer.startswith(_MAGIC) or len(footer) < _LENGTH:
        return Tag(end)
    version, size, count, flags = struct.unpack_from("<4I", footer, 8)
    start = end - size
    if not _LENGTH <= size <= min(_MOST, end):
        return Tag(end, whole=False)
    file.seek(start)
    items, whole = _items(file.read(size - _LENGTH), count)
    if flags & _HAS_HEADER:
        start -= _LENGTH
        file.seek(max(0, start))
        whole = whole and start >= 0 and file.read(len(_MAGIC)) == _MAGIC
    return Tag(start, end - start, items, flags, version, whole)


def _end(file: BinaryIO) -> int:
    """Where the tag would end: before ID3v1 and Lyrics3."""
    end = file.seek(0, os.SEEK_END)
    end -= len(id3v1.read_tag(file))
    file.seek(max(0, end - len(_LYRICS_END) - 6))
    tail = file.read(len(_LYRICS_END) + 6)
    if tail[6:] == _LYRICS_END and tail[:6].isdigit():
        end -= int(tail[:6]) + len(tail)
    return max(0, end)


def _items(data: bytes, count: int) -> tuple[tuple[Item, ...], bool]:
    """The items, and whether they are all that there is."""
    found: list[Item] = []
    place = 0
    while len(found) < count and place + 8 <= len(data):
        size, flags = struct.unpack_from("<II", data, place)
        key, divided, rest = data[place + 8 :].partition(b"\0")
        found.append(Item(key.decode("latin-1"), flags, rest[:size]))
        place += 8 + len(key) + 1 + size
        if not divided or place > len(data):
            return tuple(found), False
    return tuple(found), len(found) == count and place == len(data)
