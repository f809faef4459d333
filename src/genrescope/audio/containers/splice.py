"""Pieces of a file, with bytes of our own between them, read as if they were one file."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple


class Stretch(NamedTuple):
    """The bytes of a file from `start` to before `stop`."""

    start: int
    stop: int


Pieces = tuple[bytes | Stretch, ...]


def between(starts: Sequence[int], end: int) -> list[Pieces]:
    """Each part from its start to the next; nothing where there is one, from the beginning."""
    if list(starts) in ([], [0]):
        return []
    return [(Stretch(*part),) for part in zip(starts, (*starts[1:], end), strict=True)]


class Splice(io.RawIOBase):
    """The pieces one after the other, to be read and sought in; nothing is held in memory."""

    def __init__(self, path: Path, pieces: Sequence[bytes | Stretch]) -> None:
        self._file = path.open("rb", buffering=0)
        self._pieces = tuple(pieces)
        self._ends = tuple(accumulate(map(_length, pieces)))
        self._place = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go elsewhere; the new place."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place

    @property
    def _size(self) -> int:
        return self._ends[-1] if self._ends else 0

    def readinto(self, buffer: object) -> int:
        """Fill the buffer; less only at the end."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        filled = 0
        while filled < len(view) and self._place < self._size:
            data = self._some(len(view) - filled)
            if not data:  # the file became shorter
                break
            view[filled : filled + len(data)] = data
            filled += len(data)
            self._place += len(data)
        return filled

    def _some(self, count: int) -> bytes:
        """At most `count` bytes from here, of one piece."""
        number = next(n for n, end in enumerate(self._ends) if end > self._place)
        piece = self._pieces[number]
        offset = self._place - (self._ends[number] - _length(piece))
        if isinstance(piece, bytes):
            return piece[offset : offset + count]
        self._file.seek(piece.start + offset)
        return self._file.read(min(count, piece.stop - piece.start - offset)) or b""


def _length(piece: bytes | Stretch) -> int:
    return len(piece) if isinstance(piece, bytes) else piece.stop - piece.start
