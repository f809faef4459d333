"""Feature files as streams of unpacked bytes, cut into blocks of whole lines."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np

from genrescope.errors import DataError

LONGEST_LINE = 64 << 20
_PIECE = 1 << 18
_BREAKS = (EOFError, zlib.error, gzip.BadGzipFile)


@dataclass(frozen=True)
class Part:
    """One file of rows: where its body starts, in bytes of the unpacked file and in lines.

    Attributes:
        path: the file, plain or gzip.
        offset: byte at which the body starts.
        line: 1-based number of its first line.
    """

    path: Path
    offset: int = 0
    line: int = 1


@dataclass(frozen=True)
class Lines:
    """A block of whole lines.

    Attributes:
        text: the lines; the very last line of a file may lack its line end.
        line: 1-based number of the first of them.
        end: where the next block starts.
        position: bytes of the file on disk that have been read, for showing progress.
    """

    text: bytes
    line: int
    end: Part
    position: int


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """(unpacked stream, file on disk) of a plain or gzip file, distinguished by its first bytes."""
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not packed:
            yield raw, raw
            return
        with gzip.GzipFile(fileobj=raw) as stream:
            yield cast(IO[bytes], stream), raw


def header_lines(path: Path) -> Iterator[tuple[Part, str]]:
    """(what follows the line, the line) for each line from the top; undecodable bytes replaced.

    Raises:
        DataError: a gzip file is cut off or damaged.
    """
    after = Part(path)
    with unpacked(path) as (stream, _):
        try:
            while line := stream.readline(LONGEST_LINE):
                after = Part(path, after.offset + len(line), after.line + 1)
                yield after, line.decode("utf-8-sig", "replace").strip()
        except _BREAKS as error:
            raise _damaged(path, after.line, error) from None


def line_blocks(part: Part, size: int) -> Iterator[Lines]:
    """The body of `part` in blocks of whole lines of about `size` bytes.

    Raises:
        DataError: a gzip file is cut off or damaged, or a line has no end; names the line.
    """
    pieces: list[bytes] = []
    with unpacked(part.path) as (stream, raw):
        try:
            stream.seek(part.offset)
            while _fill(pieces, stream, size):
                text = b"".join(pieces)
                end = Part(part.path, part.offset + len(text), part.line + count_line_ends(text))
                yield Lines(text, part.line, end, raw.tell())
                part = end
                pieces.clear()
        except _BREAKS as error:
            raise _damaged(
                part.path, part.line + sum(map(count_line_ends, pieces)), error
            ) from None


def count_line_ends(text: bytes) -> int:
    """Line feeds in `text`, counted piece by piece in the cache; `bytes.count` is slower."""
    values = np.frombuffer(text, dtype=np.uint8)
    pieces = range(0, len(values), _PIECE)
    return sum(int(np.count_nonzero(values[i : i + _PIECE] == 0x0A)) for i in pieces)


def _fill(pieces: list[bytes], stream: IO[bytes], size: int) -> bool:
    """Read `size` bytes and the rest of the line; False at the end.

    The pieces are the caller's: where the stream breaks off, those before the break are in them.

    Raises:
        EOFError: the gzip stream is cut off, or the line has no end.
    """
    rest = 0
    if isinstance(stream, gzip.GzipFile):
        while size > 0 and (piece := stream.read1(size)):
            pieces.append(piece)
            size -= len(piece)
        if pieces:
            pieces.append(stream.readline(LONGEST_LINE))
            rest = len(pieces[-1])
    else:  # one read of the right size spares joining the pieces
        start = stream.tell()
        stream.seek(start + size)
        rest = len(stream.readline(LONGEST_LINE))
        stream.seek(start)
        pieces.append(stream.read(size + rest))
    if rest == LONGEST_LINE:
        raise EOFError(f"a line of more than {LONGEST_LINE:,} bytes")
    return any(pieces)


def _damaged(path: Path, line: int, error: Exception) -> DataError:
    return DataError(
        f"cannot be read on ({error})",
        place=f"{path}:{line}",
        remedy="the file is cut off or damaged: fetch it again",
    )
