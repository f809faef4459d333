"""MP4 as boxes: walk through them, take apart and put together what holds the tags.

Format: ISO/IEC 14496-12. A box is its length, its name of four letters, and content, which in
some is boxes again. QuickTime calls them atoms.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from genrescope.errors import DataError
from genrescope.library.formats.fields import REPAIR

MOST_BYTES = 1 << 28  # of the box that describes the file
_PARENTS = (b"moov", b"udta", b"meta", b"ilst")
_SHORT = 8


class Place(NamedTuple):
    """A box in a file: its name, where it begins, where its content begins, and where it ends."""

    name: bytes
    at: int
    start: int
    end: int

    @property
    def length(self) -> int:
        """In bytes, its head included."""
        return self.end - self.at


@dataclass
class Box:
    """A box taken apart.

    Attributes:
        name: four letters.
        data: its content; of a box with children what stands before them.
        children: the boxes in it, where it is one of those that lead to the tags.
        tail: what stands after the children and is no box.
    """

    name: bytes
    data: bytes = b""
    children: list[Box] | None = None
    tail: bytes = field(default=b"")

    def render(self) -> bytes:
        """The box's bytes."""
        inner = b"".join(child.render() for child in self.children or ())
        content = self.data + inner + self.tail
        return (_SHORT + len(content)).to_bytes(4) + self.name + content

    def named(self, name: bytes) -> list[Box]:
        """The children of this name."""
        return [child for child in self.children or () if child.name == name]


def places(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[Place]:
    """The boxes from `start` on, not those within them, up to the end or to what is no box."""
    end = file.seek(0, os.SEEK_END) if end is None else end
    while start + _SHORT <= end:
        file.seek(start)
        head = file.read(16)
        length, skip = _length(head, end - start)
        if length < skip or start + length > end:
            return
        yield Place(head[4:8], start, start + skip, start + length)
        start += length


def _length(head: bytes, left: int) -> tuple[int, int]:
    """Length of a box, and of its head; 0 stands for all that is left."""
    length = int.from_bytes(head[:4])
    if length == 1:
        return int.from_bytes(head[8:16]), 16
    return length or left, _SHORT


def find_moov(file: BinaryIO) -> Place:
    """The box that describes the file.

    Raises:
        DataError: there is none, or more than one, or it is beyond all measure.
    """
    found = [place for place in places(file) if place.name == b"moov"]
    if len(found) != 1 or found[0].length > MOST_BYTES:
        raise DataError("the boxes of the file are damaged", remedy=REPAIR)
    return found[0]


def take_apart(file: BinaryIO, place: Place) -> Box:
    """A box of a file, with those within it as far as they lead to the tags."""
    file.seek(place.start)
    return _parsed(place.name, file.read(place.end - place.start))


def _parsed(name: bytes, content: bytes) -> Box:
    if name not in _PARENTS:
        return Box(name, content)
    start = _before_children(name, content)
    box, children = Box(name, content[:start]), list[Box]()
    for child, begin, end in _spans(content, start):
        children.append(_parsed(child, content[begin:end]))
        start = end
    box.children, box.tail = children, content[start:]
    return box


def _before_children(name: bytes, content: bytes) -> int:
    """Version and flags of `meta`, which QuickTime's has not."""
    return 0 if name != b"meta" or content[4:8] == b"hdlr" else 4


def parts(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the boxes that a small box holds."""
    return ((name, content[begin:end]) for name, begin, end in _spans(content))


def _spans(content: bytes, start: int = 0) -> Iterator[tuple[bytes, int, int]]:
    """Name, begin and end of the content of each box from `start` on, up to what is no box."""
    while start + _SHORT <= len(content):
        length, skip = _length(content[start : start + 16], len(content) - start)
        if length < skip or start + length > len(content):
            return
        yield content[start + 4 : start + 8], start + skip, start + length
        start += length
