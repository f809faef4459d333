"""Headers of FLAC and WAV without a length, or one that cannot be: read to the end instead."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from genrescope.audio.containers.sniff import after_id3
from genrescope.audio.containers.splice import Pieces, Stretch

_TOTAL = 21  # in a FLAC file: half a byte, then four bytes, of the number of samples
_MOST_PER_BYTE = 1 << 14  # samples: the largest block of silence in the smallest frame, and more
_TAIL = 1 << 18  # holds the last frame
_UNKNOWN = struct.pack("<I", 0xFFFFFFFF)


def flac_to_its_end(path: Path) -> Pieces | None:
    """The file with a header without a length, where its own cannot be; None where it can.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start = after_id3(file)
        file.seek(start)
        head = file.read(_TOTAL + 5)
        size = file.seek(0, 2)
        if len(head) < _TOTAL + 5 or not head.startswith(b"fLaC"):
            return None
        total = int.from_bytes(head[_TOTAL : _TOTAL + 5], "big") & 0xF_FFFF_FFFF
        possible = _last_sample(file, head, start, size) <= total <= _MOST_PER_BYTE * size
    if total == 0 or possible:
        return None if start == 0 else (Stretch(start, size),)
    half = bytes([head[_TOTAL] & 0xF0])
    return head[:_TOTAL] + half + bytes(4), Stretch(start + _TOTAL + 5, size)


def _last_sample(file: BinaryIO, head: bytes, start: int, size: int) -> int:
    """First sample of the last frame; 0 where none is found."""
    file.seek(max(start, size - _TAIL))
    tail = file.read()
    largest = int.from_bytes(head[10:12], "big")
    fixed = head[8:10] == head[10:12]
    sync = b"\xff\xf8" if fixed else b"\xff\xf9"
    place = tail.rfind(sync)
    while place >= 0:
        if (number := _frame_number(tail[place : place + 16])) is not None:
            return number * largest if fixed else number
        place = tail.rfind(sync, 0, place)
    return 0


def _frame_number(header: bytes) -> int | None:
    """The number in a frame's header, of the frame or the sample; None where it is no header."""
    if len(header) < 16 or header[2] >> 4 == 0 or header[3] & 1 or header[3] >> 4 > 10:
        return None
    first = header[4]
    length = next((n for n in range(8) if not first & 0x80 >> n), 8)
    if length in (1, 8):  # a byte in the middle, or nothing at all
        return None
    number = first & 0x7F >> length
    for byte in header[5 : 4 + max(length, 1)]:
        if byte & 0xC0 != 0x80:
            return None
        number = number << 6 | byte & 0x3F
    extra = {6: 1, 7: 2}.get(header[2] >> 4, 0) + {12: 1, 13: 2, 14: 2}.get(header[2] & 15, 0)
    end = 4 + max(length, 1) + extra
    return number if _crc8(header[:end]) == header[end] else None


def _crc8(data: bytes) -> int:
    """The checksum of a frame's header: polynomial x^8 + x^2 + x + 1."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc << 1 & 0xFF ^ (7 if crc & 0x80 else 0)
    return crc


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
