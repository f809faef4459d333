"""ASF as objects: the header of a WMA file taken apart and put together, attributes in their place.

Format: Microsoft's "Advanced Systems Format Specification", revision 01.20.03. Attributes stand in
four objects: one with five fixed texts, one with named values, and two, within the header's
extension, with named values of a language and a stream.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from genrescope.errors import DataError
from genrescope.library.formats.fields import REPAIR, splice

_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
EXTENSION = bytes.fromhex("b503bf5f2ea9cf118ee300c00c205365")
DESCRIPTION = bytes.fromhex("3326b2758e66cf11a6d900aa0062ce6c")
EXTENDED = bytes.fromhex("40a4d0d207e3d21197f000a0c95ea850")
METADATA = bytes.fromhex("eacbf8c5af5b77488467aa8c44fa4cca")
LIBRARY = bytes.fromhex("941c23449894d149a1411d134e457054")
PADDING = bytes.fromhex("74d40618dfca0945a4ba9aabcb96aae8")
HOLDERS = (DESCRIPTION, EXTENDED, METADATA, LIBRARY)
TITLES = ("Title", "Author", "Copyright", "Description", "Rating")
"""Names of the five fixed texts, in their order."""

TEXT = 0
_TYPES = range(7)  # text, bytes, flag, three widths of numbers, GUID
_MOST_BYTES = 1 << 28
_HEAD = 24
_LONG = 22  # of the extension's content: what stands before its objects


@dataclass(frozen=True)
class Attribute:
    """A value in the header.

    Attributes:
        name: of the value.
        data: as it stands in the file; of text without a NUL at its end.
        kind: 0 is text.
        language: number of a language; so is `stream` of a stream.
    """

    name: str
    data: bytes
    kind: int = TEXT
    language: int = 0
    stream: int = 0

    @property
    def text(self) -> str:
        """The value, where it is text."""
        return self.data.decode("utf-16-le", "replace").rstrip("\0")


@dataclass
class Object:
    """An object: its name of 16 bytes, and its content or what that consists of."""

    name: bytes
    data: bytes = b""
    inner: list[Object] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)

    def render(self) -> bytes:
        """The object's bytes."""
        content = self.data
        if self.name == EXTENSION:
            objects = b"".join(item.render() for item in self.inner)
            content = self.data[: _LONG - 4] + struct.pack("<I", len(objects)) + objects
        elif self.name in HOLDERS:
            content = _rendered(self.name, self.attributes)
        return self.name + struct.pack("<Q", _HEAD + len(content)) + content


@dataclass
class Header:
    """The header: how long it is in the file, two bytes of it, and its objects."""

    size: int
    reserved: bytes
    objects: list[Object]

    @property
    def extension(self) -> list[Object]:
        """The objects within the extension.

        Raises:
            DataError: the header has none.
        """
        for item in self.objects:
            if item.name == EXTENSION:
                return item.inner
        raise DataError("the header is damaged: it has no extension", remedy=REPAIR)

    @property
    def all(self) -> list[Object]:
        """All objects, those within the extension after it."""
        return [found for item in self.objects for found in (item, *item.inner)]

    def render(self) -> bytes:
        """The header's bytes."""
        content = b"".join(item.render() for item in self.objects)
        counts = struct.pack("<QI", _HEAD + 6 + len(content), len(self.objects))
        return _HEADER + counts + self.reserved + content


def read_header(file: BinaryIO) -> Header:
    """The header of a file.

    Raises:
        DataError: it is damaged, or has what no reader supports.
    """
    file.seek(0)
    head = file.read(_HEAD + 6)
    size = int.from_bytes(head[16:24], "little")
    if head[:16] != _HEADER or not len(head) <= size <= min(_MOST_BYTES, file.seek(0, os.SEEK_END)):
        raise DataError("the header is damaged", remedy=REPAIR)
    file.seek(len(head))
    try:
        return Header(size, head[28:30], _objects(file.read(size - len(head))))
    except UnicodeDecodeError:
        raise DataError("the header is damaged: a name in it is cut", remedy=REPAIR) from None
    except struct.error:
        raise DataError("the header is damaged: it is cut", remedy=REPAIR) from None


def write_header(file: BinaryIO, header: Header, room: int) -> None:
    """Put a header in the place of the old one; padding keeps its length, else it gets `room`."""
    where = header.extension if any(i.name == PADDING for i in header.extension) else header.objects
    where[:] = [item for item in where if item.name != PADDING]
    rest = header.size - len(header.render())
    if rest != 0:
        where.append(Object(PADDING, bytes(rest - _HEAD if rest >= _HEAD else room)))
    splice(file, 0, header.size, header.render())


def _objects(data: bytes) -> list[Object]:
    found, place = [], 0
    while place < len(data):
        name, size = struct.unpack_from("<16sQ", data, place)
        if not _HEAD <= size <= len(data) - place:
            raise DataError("the header is damaged: an object is too long", remedy=REPAIR)
        content = data[place + _HEAD : place + size]
        item = Object(name, content)
        if name == EXTENSION:
            item.inner = _objects(content[_LONG:])
        elif name in HOLDERS:
            item.attributes = list(_attributes(name, content))
        found.append(item)
        place += size
    return found


def _attributes(holder: bytes, data: bytes) -> list[Attribute]:
    if holder == DESCRIPTION:
        return _titles(data)
    found, place = [], 2
    for _ in range(struct.unpack_from("<H", data)[0]):
        if holder == EXTENDED:
            length = struct.unpack_from("<H", data, place)[0]
            name = data[place + 2 : place + 2 + length]
            kind, size = struct.unpack_from("<HH", data, place + 2 + length)
            language, stream, start = 0, 0, place + 6 + length
        else:
            language, stream, length, kind, size = struct.unpack_from("<HHHHI", data, place)
            name, start = data[place + 12 : place + 12 + length], place + 12 + length
        place = start + size
        if place > len(data) or kind not in _TYPES:
            message = f"the header is damaged: {_named(name)} has no known type or length"
            raise DataError(message, remedy=REPAIR)
        text = name.decode("utf-16-le").rstrip("\0")
        found.append(Attribute(text, data[start:place], kind, language, stream))
    return found


def _named(name: bytes) -> str:
    return f"'{name.decode('utf-16-le', 'replace').rstrip(chr(0))}'"


def _titles(data: bytes) -> list[Attribute]:
    lengths = struct.unpack_from("<5H", data)
    found, place = [], 10
    for name, length in zip(TITLES, lengths, strict=True):
        found.append(Attribute(name, data[place : place + length]))
        place += length
    return found


def _rendered(holder: bytes, attributes: list[Attribute]) -> bytes:
    if holder == DESCRIPTION:
        texts = [item.data for item in attributes]
        return struct.pack("<5H", *map(len, texts)) + b"".join(texts)
    parts = [struct.pack("<H", len(attributes))]
    for item in attributes:
        name = item.name.encode("utf-16-le") + b"\0\0"
        if holder == EXTENDED:
            head = struct.pack("<H", len(name)) + name
            parts.append(head + struct.pack("<HH", item.kind, len(item.data)) + item.data)
        else:
            numbers = item.language, item.stream, len(name), item.kind, len(item.data)
            parts.append(struct.pack("<HHHHI", *numbers) + name + item.data)
    return b"".join(parts)
