"""What turns one version of a file into another: pieces of the one, and bytes that it lacks.

The versions differ in their tags only, so the pieces are few and long. What is found need not be
the shortest; it is always right, and short where something was changed, inserted or removed in
places, or many small numbers were changed (as when the pages of an Ogg file are counted again).
"""

from __future__ import annotations

import base64
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

Piece = tuple[int, int]
Delta = list[Piece | bytes]
Buffer = bytes | mmap.mmap

_ANCHOR = 48  # bytes that must agree before a piece is taken
_WINDOW = 1 << 20  # how far from the expected place a piece is looked for
_LONGEST_STEP = 4096
_BLOCK = 1 << 17  # which stays in the cache of a core


def difference(base: Buffer, goal: Buffer) -> Delta:
    """How to make `goal` from `base`: (offset, length) in `base`, or the bytes themselves."""
    delta: Delta = []
    written = place = shift = 0
    while place < len(goal):
        length = _agreement(base, place + shift, goal, place)
        if length >= min(_ANCHOR, len(goal) - place):
            if place > written:
                delta.append(goal[written:place])
            delta.append((place + shift, length))
            place += length
            written = place
        else:
            place, shift = _next_match(base, goal, place, shift, written)
    if place > written:
        delta.append(goal[written:place])
    return delta


def _agreement(base: Buffer, start: int, goal: Buffer, place: int) -> int:
    """How many bytes of `goal` from `place` on are those of `base` from `start` on."""
    if not 0 <= start < len(base):
        return 0
    most, done = min(len(base) - start, len(goal) - place), 0
    while done < most:
        size = min(_BLOCK, most - done)
        at, to = start + done, place + done
        one, two = base[at : at + size], goal[to : to + size]
        if one != two:
            return done + _agreement_within(one, two)
        done += size
    return done


def _agreement_within(one: bytes, two: bytes) -> int:
    """Length of the common beginning of two strings of one length that differ."""
    low, high = 0, len(one)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if one[low:middle] == two[low:middle] else (low, middle)
    return low


def _next_match(
    base: Buffer, goal: Buffer, place: int, shift: int, written: int
) -> tuple[int, int]:
    """Where in `goal` it agrees with `base` again, and how far apart the places are."""
    shifts = (shift, len(base) - len(goal))
    step = 1
    while (place := place + step) < len(goal):
        anchor = goal[place : place + _ANCHOR]
        starts = [place + known for known in shifts]
        found = next((start for start in starts if _at(base, start, anchor)), -1)
        if found < 0:
            low = max(0, place + shift - _WINDOW)
            found = base.find(anchor, low, place + shift + _WINDOW)
        if found >= 0:
            while place > written and found > 0 and base[found - 1] == goal[place - 1]:
                place, found = place - 1, found - 1
            return place, found - place
        step = min(2 * step, _LONGEST_STEP)
    return len(goal), shift


def _at(base: Buffer, start: int, anchor: bytes) -> bool:
    return start >= 0 and base[start : start + len(anchor)] == anchor


def file_difference(base: Path, goal: Path) -> Delta:
    """`difference` of two files.

    Raises:
        OSError: one cannot be read.
    """
    with _mapped(base) as one, _mapped(goal) as two:
        return difference(one, two)


@contextmanager
def _mapped(path: Path) -> Iterator[Buffer]:
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:  # which cannot be mapped
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped


def restore(base: BinaryIO, delta: Delta, goal: BinaryIO) -> None:
    """Write to `goal` what `delta` makes of `base`."""
    for piece in delta:
        if isinstance(piece, bytes):
            goal.write(piece)
            continue
        base.seek(piece[0])
        left = piece[1]
        while left and (block := base.read(min(left, _BLOCK))):
            goal.write(block)
            left -= len(block)


def to_json(delta: Delta) -> list[list[int] | str]:
    """Pieces as lists, bytes in base 64."""
    return [
        base64.b64encode(piece).decode() if isinstance(piece, bytes) else list(piece)
        for piece in delta
    ]


def from_json(items: list[list[int] | str]) -> Delta:
    """Undo `to_json`."""
    return [
        base64.b64decode(item) if isinstance(item, str) else (item[0], item[1]) for item in items
    ]
