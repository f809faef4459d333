"""Where two fingerprints hold the same recording: whole, in part, or nowhere.

Their bits are correlated at every offset by Fourier transforms. At the best offset the stretches
are taken in which few bits differ over some seconds; what is left is searched again, so that a
piece that was cut out of the middle, or moved, leaves two stretches.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from genrescope.similarity.fingerprint import SECONDS_A_WORD, Bits

_WORD = 32  # bits
_WINDOW = 125  # words, 4 s, over which bits that differ are counted
_DIFFER = 0.3  # share of them below which two windows hold the same sound
_SEARCHES = 6  # offsets looked at, the best first
_LEAST = 8.0  # seconds in common below which nothing is concluded,
_SHORT = 0.9  # of shorter songs this share of them
EDGE = 3.0
"""Seconds that may be missing or different in the same recording: rips begin and end elsewhere."""

_PART = 0.5  # share of the shorter song that is in the longer one where it is an edit of it


class Relation(StrEnum):
    """What two songs are to each other."""

    SAME = "same recording"
    EDIT = "edit"
    OTHER = "other"


@dataclass(frozen=True)
class Alignment:
    """What two fingerprints have in common.

    Attributes:
        one, two: seconds of sound of each.
        common: seconds that are the same, wherever they stand in each.
    """

    one: float
    two: float
    common: float

    @property
    def relation(self) -> Relation:
        """The same recording but for its edges, an edit of it, or another."""
        shorter = min(self.one, self.two)
        if self.common < min(_LEAST, _SHORT * shorter) or not shorter:
            return Relation.OTHER
        if max(self.one, self.two) - self.common <= EDGE:
            return Relation.SAME
        return Relation.EDIT if self.common >= _PART * shorter else Relation.OTHER


def align(one: Bits, two: Bits) -> Alignment:
    """What (n,) and (m,) words of fingerprints have in common."""
    first, second = _signs(one), _signs(two)
    common = 0
    for _ in range(_SEARCHES):
        offset = _best_offset(first, second)
        found = _same(first, second, offset)
        if not found.any():
            break
        common += int(found.sum())
        for signs, start in ((first, max(offset, 0)), (second, max(-offset, 0))):
            signs[start : start + len(found)][found] = 0
    word = SECONDS_A_WORD
    return Alignment(word * len(one), word * len(two), word * common)


def _signs(bits: Bits) -> NDArray[np.float32]:
    """(n, 32) of -1 and 1."""
    unpacked = np.unpackbits(bits.astype("<u4").view(np.uint8)).reshape(len(bits), _WORD)
    return unpacked.astype(np.float32) * 2 - 1


def _best_offset(one: NDArray[np.float32], two: NDArray[np.float32]) -> int:
    """Words by which `two` begins later in `one`, or -it earlier, where most bits agree."""
    size = 1 << (len(one) + len(two)).bit_length()
    spectra = [np.fft.rfft(signs, size, axis=0) for signs in (one, two)]
    agreement = np.fft.irfft((spectra[0] * spectra[1].conj()).sum(axis=1), size)
    best = int(agreement.argmax())
    return best if best < len(one) else best - size


def _same(one: NDArray[np.float32], two: NDArray[np.float32], offset: int) -> NDArray[np.bool_]:
    """(k,) where the k words that overlap at an offset lie in a window of the same sound."""
    one, two = one[max(offset, 0) :], two[max(-offset, 0) :]
    count = min(len(one), len(two))
    if count < _WINDOW:
        return np.zeros(0, dtype=bool)
    agreement = (one[:count] * two[:count]).mean(axis=1)  # 0 where a word was taken before
    sums = np.concatenate([[0.0], np.cumsum(agreement, dtype=np.float64)])
    windows = (sums[_WINDOW:] - sums[:-_WINDOW]) / _WINDOW
    inside = np.zeros(count + 1, dtype=np.int64)
    good = np.flatnonzero(windows > 1 - 2 * _DIFFER)
    np.add.at(inside, good, 1)
    np.add.at(inside, good + _WINDOW, -1)
    found: NDArray[np.bool_] = (np.cumsum(inside)[:count] > 0) & (agreement > 0)
    return found
