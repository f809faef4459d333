"""EBML: elements of an identifier, a length and content, in files and in bytes.

Format: RFC 8794. Identifiers are numbers here, with the bits that mark their length.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from genrescope.errors import DataError
from genrescope.library.formats.fields import REPAIR

VOID, CRC = 0xEC, 0xBF
_MOST_HEAD = 12  # bytes: identifiers have up to 4, lengths up to 8
_MOST_NUMBER = 8  # bytes
_MOST_BYTES = 1 << 28  # of an element that is read whole
_LONG_VOID = 9  # bytes before the content of a long one
DAMAGED = "the elements are damaged"


class Element(NamedTuple):
    """Where an element is in a file; one of unknown length ends with what it is in.

    Attributes:
        id: identifier.
        start: offset of the identifier; `body` of the content, `end` of what follows.
        sized: whether its length is known.
    """

    id: int
    start: int
    body: int
    end: int
    sized: bool = True


class Node(NamedTuple):
    """An element in memory: identifier, content, and all its bytes."""

    id: int
    body: bytes
    raw: bytes

    @property
    def number(self) -> int:
        """The content as an unsigned number.

        Raises:
            DataError: it is longer than numbers are.
        """
        if len(self.body) > _MOST_NUMBER:
            raise damaged("a number is too long")
        return int.from_bytes(self.body)

    @property
    def text(self) -> str:
        """The content as text, without zeros at its end."""
        return self.body.decode("utf-8", "replace").rstrip("\0")


def damaged(what: str) -> DataError:
    """The error for a file that cannot be understood."""
    return DataError(f"{DAMAGED}: {what}", remedy=REPAIR)


def read_element(file: BinaryIO, start: int, end: int) -> Element:
    """The element at an offset, within what ends at `end`.

    Raises:
        DataError: there is none, or it is longer than that.
    """
    file.seek(start)
    id_, body, size = _head(file.read(min(_MOST_HEAD, max(0, end - start))))
    stop = end if size is None else start + body + size
    if stop > end:
        raise damaged("one ends after what it is in")
    return Element(id_, start, start + body, stop, size is not None)


def elements(file: BinaryIO, start: int, end: int) -> Iterator[Element]:
    """The elements from one offset to another; see `read_element` for errors."""
    while start < end:
        found = read_element(file, start, end)
        yield found
        start = found.end


def content(file: BinaryIO, element: Element) -> bytes:
    """The content of an element.

    Raises:
        DataError: it is longer than memory should hold, or cut.
    """
    length = element.end - element.body
    file.seek(element.body)
    data = file.read(length) if length <= _MOST_BYTES else b""
    if len(data) < length:
        raise damaged("one is too long")
    return data


def nodes(data: bytes) -> list[Node]:
    """The elements that `data` consists of.

    Raises:
        DataError: it does not.
    """
    found, place = [], 0
    while place < len(data):
        id_, length, size = _head(data[place : place + _MOST_HEAD])
        stop = place + length + (size or 0)
        if size is None or stop > len(data):
            raise damaged("one ends after what it is in")
        found.append(Node(id_, data[place + length : stop], data[place:stop]))
        place = stop
    return found


def is_checked(data: bytes) -> bool:
    """Whether the content of an element begins with a checksum of the rest.

    Raises:
        DataError: it does, and that is wrong.
    """
    head = number_bytes(CRC) + b"\x84"
    if not data.startswith(head):
        return False
    if data[len(head) : 6] != _checksum(data[6:]):
        raise damaged("a checksum is wrong")
    return True


def parts(data: bytes) -> list[Node]:
    """The elements in an element's content, without checksum and padding; see `nodes`."""
    return [node for node in nodes(data) if node.id not in (VOID, CRC)]


def element(id_: int, body: bytes, width: int = 0) -> bytes:
    """The bytes of an element; its length takes `width` bytes, or as few as can be."""
    width = width or length_width(len(body))
    return number_bytes(id_) + size_bytes(len(body), width) + body


def master(id_: int, inner: Iterable[bytes], *, checked: bool = False) -> bytes:
    """The bytes of an element of elements, with a checksum where wanted."""
    return element(id_, joined(inner, checked=checked))


def joined(inner: Iterable[bytes], *, checked: bool) -> bytes:
    """The content of an element of elements, with a checksum where wanted."""
    body = b"".join(inner)
    return element(CRC, _checksum(body)) + body if checked else body


def void(size: int) -> bytes:
    """Padding of so many bytes, 0 or from 2 on."""
    if not size:
        return b""
    width = 8 if size > _LONG_VOID else 1
    return element(VOID, bytes(size - 1 - width), width)


def number_bytes(value: int, width: int = 0) -> bytes:
    """An unsigned number in `width` bytes, or in as few as can be.

    Raises:
        OverflowError: it needs more.
    """
    return value.to_bytes(width or max(1, (value.bit_length() + 7) // 8))


def size_bytes(size: int, width: int) -> bytes:
    """A length in so many bytes.

    Raises:
        OverflowError: it needs more.
    """
    if size >= (1 << 7 * width) - 1:
        raise OverflowError
    return (size | 1 << 7 * width).to_bytes(width)


def length_width(size: int) -> int:
    """Bytes that a length needs; all ones mean that it is unknown."""
    return next(width for width in range(1, 9) if size < (1 << 7 * width) - 1)


def file_size(file: BinaryIO) -> int:
    """Bytes of a file."""
    return file.seek(0, os.SEEK_END)


def _head(data: bytes) -> tuple[int, int, int | None]:
    """Identifier, bytes of the head, and length of the content: None where it is unknown."""
    id_width = 9 - data[0].bit_length() if data else 9
    width = 9 - data[id_width].bit_length() if len(data) > id_width else 9
    if id_width > 4 or width > 8 or id_width + width > len(data):
        raise damaged("one has no head")
    size = int.from_bytes(data[id_width : id_width + width]) & (1 << 7 * width) - 1
    known = size < (1 << 7 * width) - 1
    return int.from_bytes(data[:id_width]), id_width + width, size if known else None


def _checksum(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4, "little")
