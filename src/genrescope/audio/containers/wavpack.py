"""WavPack files: blocks, each with a header of 32 bytes that has where its samples belong."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

from genrescope.audio.containers.splice import Pieces, between

_MAGIC = b"wvpk"
_HEADER = 32
_INITIAL = 0x800  # flag of the first of the blocks with the channels of one moment
_LEAST, _MOST = 24, 1 << 20  # bytes that a block declares after its first eight
Data = mmap.mmap | bytes


def wavpack_parts(path: Path) -> list[Pieces]:
    """How to read each song of a file; nothing where it is one, which begins the file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return between(list(_starts(data)), len(data))


def _starts(data: Data) -> Iterator[int]:
    """Where songs begin: with the samples of number 0."""
    for place in _blocks(data):
        high, index, samples, flags = struct.unpack_from("<B5xIII", data, place + 10)
        if high == index == 0 and samples and flags & _INITIAL:
            yield place


def _blocks(data: Data) -> Iterator[int]:
    """Where blocks begin; what lies between them, such as tags, is passed over."""
    place = data.find(_MAGIC)
    while 0 <= place <= len(data) - _HEADER:
        (size,) = struct.unpack_from("<I", data, place + 4)
        if not _LEAST <= size <= _MOST:
            place = data.find(_MAGIC, place + 1)
            continue
        yield place
        place = data.find(_MAGIC, place + 8 + size)
