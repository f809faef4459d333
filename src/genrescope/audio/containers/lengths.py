"""WAV files without a length, or one that cannot be: read to the end instead."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from genrescope.audio.containers.splice import Pieces, Stretch

_UNKNOWN = struct.pack("<I", 0xFFFFFFFF)


def wav_to_its_end(path: Path) -> Pieces | None:
    """The file with a header of unknown length, where its own stops amid the samples; or None.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        place = 12
        while len(chunk := _chunk(file, place)) == 8 and not chunk.startswith(b"data"):
            place += 8 + _padded(chunk)
        end = place + 8 + _padded(chunk) if len(chunk) == 8 else size
        if end >= size or _is_chunk(_chunk(file, end), size - end):
            return None
        file.seek(0)
        before = file.read(place + 4)
    return b"RIFF" + _UNKNOWN + before[8:] + _UNKNOWN, Stretch(place + 8, size)


def _chunk(file: BinaryIO, place: int) -> bytes:
    """Name and size of the chunk at `place`."""
    file.seek(place)
    return file.read(8)


def _padded(chunk: bytes) -> int:
    size = int(struct.unpack_from("<I", chunk, 4)[0])
    return size + (size & 1)


def _is_chunk(chunk: bytes, left: int) -> bool:
    """Whether these bytes can be the head of a chunk, or are too few for samples to matter."""
    if left < 64:
        return True
    name = chunk[:4]
    return (name.isascii() and name.decode("ascii").isprintable() and _padded(chunk) <= left) or (
        chunk.startswith((b"ID3", b"TAG"))
    )
