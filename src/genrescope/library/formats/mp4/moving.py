"""MP4: make room in the midst of a file, and correct every number that is a position.

Numbers that count from the beginning of the file: the tables of chunks (`stco`, `co64`), the
positions of auxiliary data (`saio`), in fragments the base of `tfhd`, in the table of fragments at
the end `tfra`, and in an index before the moved part `sidx`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import BinaryIO

import numpy as np

from genrescope.errors import DataError
from genrescope.library.formats.fields import REPAIR, splice
from genrescope.library.formats.mp4.boxes import Place, places

_PARENTS = frozenset(
    (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mfra", b"udta", b"edts")
)
_HAS_BASE = 1  # flag of a fragment's head: it has where its data are counted from


def replace_box(file: BinaryIO, old: Place, new: bytes) -> None:
    """Put `new` in the place of a top-level box; what follows moves, and is found again.

    Raises:
        DataError: a number has no room, or is of a kind that cannot be corrected.
    """
    growth = len(new) - old.length
    splice(file, old.at, old.length, new)
    if growth:
        _correct(file, None, _Shift(old.at, old.end, growth))


class _Shift:
    """What moved: everything from `end` on, by `growth`."""

    def __init__(self, at: int, end: int, growth: int) -> None:
        self.at, self.end, self.growth = at, end, growth

    def one(self, offset: int) -> int:
        """Where that is now which was at this offset."""
        return offset + self.growth if offset >= self.end else offset

    def table(self, data: bytes, width: int) -> bytes:
        """A table of offsets of so many bytes each."""
        kind = np.dtype(f">u{width}")
        old = np.frombuffer(data, kind, len(data) // width).astype(np.int64)
        new = np.where(old >= self.end, old + self.growth, old)
        if len(new) and (new.min() < 0 or new.max() >= 1 << 8 * width):
            raise DataError("the file has no room for longer tags", remedy=REPAIR)
        return new.astype(kind).tobytes() + data[len(old) * width :]


def _correct(file: BinaryIO, outer: Place | None, shift: _Shift) -> None:
    """Correct what is within a box, or in the whole file."""
    for place in list(places(file, outer.start, outer.end) if outer else places(file)):
        if outer and outer.name == b"traf" and place.name == b"saio":
            continue  # counts from the fragment
        if place.name in _PARENTS:
            _correct(file, place, shift)
        elif place.name == b"meta":
            _check_items(file, place)
        elif change := _CORRECTIONS.get(place.name):
            file.seek(place.start)
            data = file.read(place.end - place.start)
            new = change(data, shift, place)
            if new != data:
                file.seek(place.start)
                file.write(new)


def _check_items(file: BinaryIO, meta: Place) -> None:
    """See that no item, such as a picture, is found by its place in the file."""
    if any(place.name == b"iloc" for place in places(file, meta.start + 4, meta.end)):
        raise DataError("it holds pictures that cannot be moved", remedy=REPAIR)


def _chunks(width: int) -> Callable[[bytes, _Shift, Place], bytes]:
    def change(data: bytes, shift: _Shift, _: Place) -> bytes:
        count = int.from_bytes(data[4:8])
        end = 8 + min(count * width, len(data) - 8)
        return data[:8] + shift.table(data[8:end], width) + data[end:]

    return change


def _auxiliary(data: bytes, shift: _Shift, _: Place) -> bytes:
    start = 8 if data[3] & 1 else 0  # the kind of data, where it is given
    width = 8 if data[0] else 4
    return data[: start + 8] + shift.table(data[start + 8 :], width)


def _fragment_head(data: bytes, shift: _Shift, _: Place) -> bytes:
    if not data[3] & _HAS_BASE or len(data) < 16:
        return data
    return data[:8] + shift.one(int.from_bytes(data[8:16])).to_bytes(8) + data[16:]


def _fragment_table(data: bytes, shift: _Shift, _: Place) -> bytes:
    """Entries of time and place, 32 or 64 bits each, then three numbers of 1 to 4 bytes."""
    width = 8 if data[0] else 4
    lengths = int.from_bytes(data[8:12])
    entry = 2 * width + sum((lengths >> bits & 3) + 1 for bits in (4, 2, 0))
    new = bytearray(data)
    for number in range(int.from_bytes(data[12:16])):
        at = 16 + number * entry + width
        if at + width > len(data):
            break
        new[at : at + width] = shift.one(int.from_bytes(data[at : at + width])).to_bytes(width)
    return bytes(new)


def _segment_index(data: bytes, shift: _Shift, place: Place) -> bytes:
    """Its first place counts from its own end: more lies between where it stands before."""
    kind = ">Q" if data[0] else ">I"
    at = 12 + struct.calcsize(kind)
    first = struct.unpack_from(kind, data, at)[0]
    if place.at >= shift.at or place.end + first < shift.end:
        return data
    return data[:at] + struct.pack(kind, first + shift.growth) + data[at + struct.calcsize(kind) :]


_CORRECTIONS: dict[bytes, Callable[[bytes, _Shift, Place], bytes]] = {
    b"stco": _chunks(4),
    b"co64": _chunks(8),
    b"saio": _auxiliary,
    b"tfhd": _fragment_head,
    b"tfra": _fragment_table,
    b"sidx": _segment_index,
}
