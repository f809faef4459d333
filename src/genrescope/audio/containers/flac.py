"""FLAC files that a decoder would not read whole: of no or a wrong length, or several joined."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from genrescope.audio.containers.sniff import after_id3
from genrescope.audio.containers.splice import Pieces, Stretch

_HEAD = 26  # bytes: the magic, a block's head, and of the stream information what is read here
_TOTAL = 21  # in them: half a byte, then four bytes, of the number of samples
_TOTAL_BITS = 36
_MOST_PER_BYTE = 1 << 14  # samples: the largest block of silence in the smallest frame, and more
_TAIL = 1 << 18  # holds the last frame
_LOOK = 1 << 16  # holds a frame, mostly
_LOOKS = 8  # places at which positions must rise
_STREAM = re.compile(rb"fLaC[\0\x80]\0\0\x22")


def flac_parts(path: Path) -> list[Pieces]:
    """How to read each stream of a FLAC file; nothing where a decoder reads all of it by itself.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start, size = after_id3(file), file.seek(0, 2)
        starts = [start]
        if not _is_one(file, start, size):
            starts += _further(file, start)
        stops = [*starts[1:], size]
        pieces = [_mended(file, *span) for span in zip(starts, stops, strict=True)]
    return [] if pieces == [(Stretch(0, size),)] else pieces


def _is_one(file: BinaryIO, start: int, size: int) -> bool:
    """Whether frames are numbered as those of one stream, from its beginning to its end."""
    head = _read(file, start, _HEAD)
    last = _sample_before(file, head, max(start, size - _TAIL), size)
    if last is None:
        return True
    places = [start + (size - start) * look // _LOOKS for look in range(1, _LOOKS)]
    found = [_sample_before(file, head, max(start, place - _LOOK), place) for place in places]
    numbers = [number for number in (*found, last) if number is not None]
    if numbers != sorted(numbers):
        return False
    return _total(head) == 0 or last <= _total(head) <= last + int.from_bytes(head[10:12])


def _further(file: BinaryIO, start: int) -> list[int]:
    """Where other streams begin."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return [match.start() for match in _STREAM.finditer(data, start + _HEAD)]


def _mended(file: BinaryIO, start: int, stop: int) -> Pieces:
    """A stream, with a header without a length where its own cannot be."""
    head = _read(file, start, _HEAD)
    total = _total(head)
    last = _sample_before(file, head, max(start, stop - _TAIL), stop) or 0
    if len(head) < _HEAD or total == 0 or last <= total <= _MOST_PER_BYTE * (stop - start):
        return (Stretch(start, stop),)
    half = bytes([head[_TOTAL] & 0xF0])
    return head[:_TOTAL] + half + bytes(4), Stretch(start + _HEAD, stop)


def _read(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    return file.read(count)


def _total(head: bytes) -> int:
    """Samples that a stream declares; 0 where it declares none."""
    return int.from_bytes(head[_TOTAL:_HEAD]) & ((1 << _TOTAL_BITS) - 1)


def _sample_before(file: BinaryIO, head: bytes, start: int, stop: int) -> int | None:
    """First sample of the last frame in some bytes; None where there is none."""
    fixed = head[8:10] == head[10:12]
    for number in _frame_numbers(_read(file, start, stop - start), fixed):
        return number * int.from_bytes(head[10:12]) if fixed else number
    return None


def _frame_numbers(data: bytes, fixed: bool) -> Iterator[int]:
    """The numbers in the headers of frames, from the last one on."""
    sync = b"\xff\xf8" if fixed else b"\xff\xf9"
    place = data.rfind(sync)
    while place >= 0:
        if (number := _frame_number(data[place : place + 16])) is not None:
            yield number
        place = data.rfind(sync, 0, place)


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
