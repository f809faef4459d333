"""A TensorFlow checkpoint, read without TensorFlow.

A checkpoint of version 2 ("tensor bundle") is an index and data. The index is a sorted string
table in LevelDB's format (a footer leads to an index block, that one to blocks of entries) whose
values are small protocol buffer messages: the header under the empty key and, under the name of
each tensor, its type, its shape and its place in the data. The data are the tensors' raw values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones.weights.crc32c import masked_crc32c
from genrescope.errors import DataError

_MAGIC = bytes.fromhex("57fb808b247547db")
_FOOTER = 48
_STRING = 7
# TensorFlow's numbers of types, as far as NumPy has them.
_TYPES = {
    1: "<f4", 2: "<f8", 3: "<i4", 4: "u1", 5: "<i2", 6: "i1", 8: "<c8", 9: "<i8",
    10: "?", 17: "<u2", 18: "<c16", 19: "<f2", 22: "<u4", 23: "<u8",
}  # fmt: skip


def read_checkpoint(index: bytes, data: bytes) -> dict[str, NDArray[np.generic]]:
    """Every numeric tensor of a checkpoint by its name, its checksum verified; text is left out.

    Args:
        index: content of `NAME.index`.
        data: content of `NAME.data-00000-of-00001`.

    Raises:
        DataError: either is damaged, or of a kind that this reader does not support.
    """
    tensors = {}
    for key, value in _entries(index):
        entry = _Message(value)
        if not key:
            _check_header(entry, value)
        elif entry.number(1) != _STRING:
            name = key.decode("utf-8", "backslashreplace")
            tensors[name] = _tensor(name, entry, value, data)
    return tensors


class _Cursor:
    """A place in a stretch of the index, moving on as it is read."""

    def __init__(self, index: bytes, start: int, stop: int) -> None:
        self.index, self.at, self.stop = index, start, stop
        if stop > len(index):
            raise self.error(f"breaks off: {stop - start:,} bytes expected here")

    def error(self, message: str) -> DataError:
        """An error that names its place in the index."""
        remedy = "the file is damaged: fetch it again"
        return DataError(message, place=f"checkpoint index, byte {self.at}", remedy=remedy)

    def skip(self, count: int) -> _Cursor:
        """The next `count` bytes, as a stretch of their own."""
        if count > self.stop - self.at:
            raise self.error(f"breaks off: {count:,} bytes expected here")
        self.at += count
        return _Cursor(self.index, self.at - count, self.at)

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        part = self.skip(count)
        return self.index[part.at : part.stop]

    def fixed(self) -> int:
        """The next four bytes as a number."""
        return int.from_bytes(self.take(4), "little")

    def varint(self) -> int:
        """The next number: seven bits a byte, the lowest first, the top bit set on all but one."""
        value = 0
        for shift in range(0, 64, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise self.error("a number without an end")


def _entries(index: bytes) -> Iterator[tuple[bytes, _Cursor]]:
    """(key, value) of every entry of a string table."""
    if index[-len(_MAGIC) :] != _MAGIC:
        raise DataError("not the index of a TensorFlow checkpoint", place="checkpoint index")
    footer = _Cursor(index, max(0, len(index) - _FOOTER), len(index))
    footer.varint(), footer.varint()  # a block of filters, which bundles leave empty
    for _, handle in _block(index, footer):
        yield from _block(index, handle)


def _block(index: bytes, handle: _Cursor) -> Iterator[tuple[bytes, _Cursor]]:
    """(key, value) of every entry of the block that `handle` points to.

    A key is given by how many bytes it shares with the one before, and the rest. Behind the
    entries stand places to start from in a search, not needed to read all, and their number.
    """
    start, size = handle.varint(), handle.varint()
    _check_block(_Cursor(index, start, start + size + 5), size)
    stop = start + size - 4
    restarts = _Cursor(index, stop, stop + 4).fixed()
    entries = _Cursor(index, start, stop - 4 * restarts)
    key = b""
    while entries.at < entries.stop:
        shared, rest, length = entries.varint(), entries.varint(), entries.varint()
        key = key[:shared] + entries.take(rest)
        yield key, entries.skip(length)


def _check_block(block: _Cursor, size: int) -> None:
    """Verify the five bytes behind a block: how it is compressed, and its checksum."""
    content = block.take(size + 1)
    if block.fixed() != masked_crc32c(content):
        raise block.error("wrong checksum")
    if content[-1] != 0:
        raise block.error("a compressed index, which this reader does not support")


class _Message:
    """A protocol buffer message: its fields by number, of each the last value given."""

    def __init__(self, part: _Cursor) -> None:
        self.fields: dict[int, list[int | _Cursor]] = {}
        while part.at < part.stop:
            tag = part.varint()
            self.fields.setdefault(tag >> 3, []).append(self._value(part, tag & 7))

    @staticmethod
    def _value(part: _Cursor, wire_type: int) -> int | _Cursor:
        if wire_type == 0:
            return part.varint()
        if wire_type == 2:
            return part.skip(part.varint())
        if wire_type == 5:
            return part.fixed()
        raise part.error("a field of an unknown kind")

    def number(self, field: int) -> int:
        """The number in `field`, 0 where it is absent."""
        value = self.fields.get(field, [0])[-1]
        return value if isinstance(value, int) else 0

    def messages(self, field: int) -> list[_Message]:
        """The messages in `field`."""
        return [_Message(part) for part in self.fields.get(field, []) if isinstance(part, _Cursor)]


def _check_header(header: _Message, place: _Cursor) -> None:
    if header.number(1) != 1:
        raise place.error(f"{header.number(1)} data files, where this reader supports one")
    if header.number(2) != 0:
        raise place.error("big-endian values, which this reader does not support")


def _shape(entry: _Message) -> tuple[int, ...]:
    return tuple(dim.number(1) for shape in entry.messages(2) for dim in shape.messages(2))


def _tensor(name: str, entry: _Message, place: _Cursor, data: bytes) -> NDArray[np.generic]:
    """The values that an entry (type 1, shape 2, offset 4, size 5, checksum 6) points to."""
    shape, offset, size = _shape(entry), entry.number(4), entry.number(5)
    if 7 in entry.fields or entry.number(1) not in _TYPES:
        raise place.error(f"'{name}' is in slices or of a type that this reader does not support")
    dtype = np.dtype(_TYPES[entry.number(1)])
    if size != math.prod(shape) * dtype.itemsize:
        raise place.error(f"'{name}': {size:,} bytes do not make the shape {shape}")
    raw = data[offset : offset + size]
    if len(raw) != size or masked_crc32c(raw) != entry.number(6):
        raise DataError("wrong checksum", place=f"checkpoint data, '{name}'")
    return np.frombuffer(raw, dtype).reshape(shape)
