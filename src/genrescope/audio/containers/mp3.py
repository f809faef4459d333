"""MP3 files that a decoder would not read whole: joined, badly declared, or behind padding.

A decoder trusts the Xing, Info or VBRI header in the first frame, or estimates the length from that
frame's bitrate, and stops there. Here the frames are followed as far as the header lacks it.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from genrescope.audio.containers.sniff import id3_length
from genrescope.audio.containers.splice import Pieces, Stretch

# Layer III, kbit/s by index; 0 is the free format, which has no fixed frame length.
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_HEADER_BYTES = 4
_SYNC = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")
_CHAIN = 3  # frames in a row that are no accident
_SLACK = 3  # frames by which encoders miscount in their header
_LOOKS = 16  # places at which lengths of frames are compared with what a header declares
_VBRI_PLACE = 36  # from the frame's beginning
Data = mmap.mmap | bytes


class _Counts(NamedTuple):
    """Frames and bytes of a stream."""

    frames: int
    size: int


@dataclass
class _Part:
    """Frames that belong together: the header frame that begins them, if there is one, and runs.

    Attributes:
        first: header of the first frame.
        declared: whether a header frame begins it and has the right length.
        runs: unbroken runs of frames.
        frames: how many, the header frame left out; counted only where it is not declared.
        rates: bitrates met, as far as counted.
    """

    first: bytes
    declared: bool
    runs: list[Stretch] = field(default_factory=list)
    frames: int = 0
    rates: set[int] = field(default_factory=set)

    def pieces(self) -> Pieces:
        if self.declared:
            return tuple(self.runs)
        return (_xing_frame(self.first, self.frames), *self.runs)


def mp3_parts(path: Path) -> list[Pieces]:
    """How to read all of an MP3, part by part; nothing where a decoder reads all of it by itself.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        parts = list(_parts(data))
        if not parts:
            return []
        [part, *others] = parts
        plain = not others and len(part.runs) == 1 and part.runs[0].start == _after_id3(data, 0)
        if plain and (part.declared or len(part.rates) < 2):
            return []
        return [part.pieces() for part in parts]


def first_frame(data: Data) -> int | None:
    """Where the frames of an MP3 begin; None where it has none."""
    return _next_frame(data, _after_id3(data, 0))


def _parts(data: Data) -> Iterator[_Part]:
    part: _Part | None = None
    place = first_frame(data)
    while place is not None:
        declared = _declared(data, place)
        if part is None or declared is not None:
            if part is not None:
                yield part
            part, stop = _begun(data, place, declared)
        else:
            part, stop = _continued(data, place, part)
        place = _next_frame(data, _after_id3(data, stop))
    if part is not None:
        yield part


def _begun(data: Data, place: int, declared: _Counts | None) -> tuple[_Part, int]:
    """(the part that begins at `place`, where its first run ends)."""
    first = data[place : place + _HEADER_BYTES]
    if declared and declared.size and _is_credible(data, place, declared):
        stop = min(place + declared.size, len(data))
        return _Part(first, declared=True, runs=[Stretch(place, stop)]), stop
    part = _Part(first, declared=False)
    start = place if declared is None else place + _frame_length(first)
    return part, _follow(data, start, part)


def _continued(data: Data, place: int, part: _Part) -> tuple[_Part, int]:
    """(the part with what follows at `place`, where that ends): more than it may have declared."""
    if not part.declared:
        return part, _follow(data, place, part)
    stop = _follow(data, place, more := _Part(part.first, declared=False))
    if more.frames <= _SLACK:
        return part, stop
    counted = _Part(part.first, declared=False)
    return counted, _follow(data, part.runs[0].start + _frame_length(part.first), counted)


def _follow(data: Data, place: int, part: _Part) -> int:
    """Add the run of frames from `place` to the part, up to the next header frame; its end."""
    start = place
    while length := _frame_length(header := data[place : place + _HEADER_BYTES]):
        if _declared(data, place) is not None:
            break
        part.frames += 1
        part.rates.add(header[2] >> 4)
        place += length
    place = min(place, len(data))
    if place > start:
        part.runs.append(Stretch(start, place))
    return place


def _after_id3(data: Data, place: int) -> int:
    """Behind the ID3v2 tags that begin at `place`."""
    while (length := id3_length(data[place : place + 10])) and place + length <= len(data):
        place += length
    return place


def _next_frame(data: Data, place: int) -> int | None:
    """The first place from `place` on at which several frames follow each other."""
    while (found := _SYNC.search(data, place)) is not None:
        place = found.start()
        if _is_chain(data, place):
            return place
        place += 1
    return None


def _is_chain(data: Data, place: int) -> bool:
    first = data[place : place + _HEADER_BYTES]
    for _ in range(_CHAIN):
        header = data[place : place + _HEADER_BYTES]
        # Version, layer and sampling rate stay what they are.
        same = header[1:2] == first[1:2] and header[2:3] and not (header[2] ^ first[2]) & 0x0C
        if not same or not (length := _frame_length(header)):
            return False
        place += length
        if place >= len(data):
            return place - length + _HEADER_BYTES < len(data)
    return True


def _declared(data: Data, place: int) -> _Counts | None:
    """What a header frame declares, 0 where it lacks one of both; None for any other frame."""
    if data[place + _VBRI_PLACE : place + _VBRI_PLACE + 4] == b"VBRI":
        counts = place + _VBRI_PLACE + 10
        return _Counts(frames=_number(data, counts + 4), size=_number(data, counts))
    tag = place + _HEADER_BYTES + _side_bytes(data[place : place + _HEADER_BYTES])
    if data[tag : tag + 4] not in (b"Xing", b"Info"):
        return None
    if _number(data, tag + 4) & 3 != 3:  # the flags of both counts
        return _Counts(frames=0, size=0)
    return _Counts(frames=_number(data, tag + 8), size=_number(data, tag + 12))


def _is_credible(data: Data, place: int, declared: _Counts) -> bool:
    """Whether a header frame's counts can be, going by frames at places."""
    stop = min(place + declared.size, len(data))
    places = (place + (stop - place) * look // _LOOKS for look in range(1, _LOOKS))
    found = [frame for at in places if (frame := _next_frame(data, at)) is not None]
    lengths = [_frame_length(data[at : at + _HEADER_BYTES]) for at in found if at < stop]
    if not lengths:
        return True
    expected = declared.size * sum(1 / length for length in lengths) / len(lengths)
    constant = max(lengths) - min(lengths) <= 1
    return abs(declared.frames - expected) <= (0.02 if constant else 0.4) * expected + _SLACK


def _number(data: Data, place: int) -> int:
    return int.from_bytes(data[place : place + 4], "big")


def _side_bytes(header: bytes) -> int:
    """Bytes of side information behind the header of a frame without a checksum."""
    mono = header[3] >> 6 == 3
    if header[1] >> 3 & 3 == 3:
        return 17 if mono else 32
    return 9 if mono else 17


def _frame_length(header: bytes) -> int:
    """Bytes of the frame with this header, 0 where it is none of MPEG layer III."""
    if len(header) < _HEADER_BYTES or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate == 15 or rate == 3:
        return 0
    kbits = (_KBITS_1 if version == 3 else _KBITS_2)[bitrate]
    if kbits == 0:
        return 0
    slots = 144000 if version == 3 else 72000
    return slots * kbits // _RATES[version][rate] + (header[2] >> 1 & 1)


def _xing_frame(like: bytes, frames: int) -> bytes:
    """A frame like one with the header `like`, which holds only the number of frames."""
    # Largest bitrate, no padding, no checksum: side information then has its plain length.
    header = bytes((like[0], like[1] | 1, like[2] & 0x0C | 0xE0, like[3]))
    body = bytes(_side_bytes(header)) + b"Xing" + struct.pack(">II", 1, frames)
    return (header + body).ljust(_frame_length(header), b"\0")
