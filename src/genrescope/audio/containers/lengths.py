"""Lengths that headers declare: WAV files without one or joined ones, WMA files that have none."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from genrescope.audio.containers.splice import Pieces, Stretch, between

_UNKNOWN = struct.pack("<I", 0xFFFFFFFF)
_ASF_HEAD = 30  # bytes before the first object of the header
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_BROADCAST = 1  # flag: the length and other numbers were not known yet


def wav_parts(path: Path) -> list[Pieces]:
    """How to read each of several WAV files in one, or one without a length; nothing: as it is.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        size, places = file.seek(0, 2), [0]
        while (end := _next_file(file, places[-1])) is not None:
            places.append(end)
    if joined := between(places, size):
        return joined
    pieces = wav_to_its_end(path)
    return [] if pieces is None else [pieces]


def _next_file(file: BinaryIO, place: int) -> int | None:
    """Where another WAV file follows the one at `place`; None where none does."""
    size = int.from_bytes(_chunk(file, place)[4:], "little")
    for end in (place + 8 + size, place + 8 + size + size % 2):
        file.seek(end)
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:] == b"WAVE" and end > place + 12:
            return end
    return None


def asf_has_length(path: Path) -> bool:
    """Whether an ASF file (WMA) declares how long it plays; a recorded stream does not.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        end = int.from_bytes(file.read(24)[16:], "little")
        place = _ASF_HEAD
        while place < end:
            file.seek(place)
            head = file.read(24 + 68)
            if head[:16] == _ASF_PROPERTIES and len(head) == 24 + 68:
                duration, flags = struct.unpack_from("<40xQ16xI", head, 24)
                return bool(duration) and not flags & _ASF_BROADCAST
            place += max(24, int.from_bytes(head[16:24], "little"))
    return True


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
