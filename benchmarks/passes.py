"""The passes over memory that the thirteen sets need in NumPy, each once, in kept buffers.

What `limit.py` compares the sets with beside their transforms: windowing, transform, powers, the
logarithms and products that the formulas name, for as many frames as 30 s have. No statistics over
the clip, no check of the samples, no call that a set needs for few values of a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

_AT_ONCE, _SIZE = 128, 512
_BINS = _SIZE // 2 + 1
_SINGLE, _DOUBLE = np.float32, np.float64


def tuwien_passes(segments: int) -> Callable[[], None]:
    """Window, transform, squares and bands of four blocks a segment; loudness of 24 x 511."""
    frames, windowed, spectrum = _frames(_SINGLE), _empty(_SIZE), _empty(_BINS, np.complex64)
    window, parts = np.hanning(_SIZE).astype(_SINGLE), spectrum.view(_SINGLE)
    low, high = np.ones((126, 15), _SINGLE), np.ones((2 * _BINS - 126, 9), _SINGLE)
    powers = _empty(24)
    sones = np.full((24, 511), 2, _SINGLE)
    level, above = np.empty_like(sones), np.empty_like(sones)

    def segment() -> None:
        for _ in range(4):
            np.multiply(frames, window, out=windowed)
            np.fft.rfft(windowed, norm="forward", out=spectrum)
            np.square(parts, out=parts)
            np.matmul(parts[:, :126], low, out=powers[:, :15])
            np.matmul(parts[:, 126:], high, out=powers[:, 15:])
        np.log(sones, out=level)  # decibel
        for _ in range(5):  # the hinges from decibel to phon
            np.subtract(level, 1, out=above)
            np.maximum(above, 0, out=above)
            np.multiply(above, 0.5, out=above)
            np.add(level, above, out=level)
        np.exp(np.log(sones, out=above), out=above)  # from phon to sone, soft and loud
        np.sort(level, axis=1)  # of which minimum, median and maximum are read

    def run() -> None:
        for _ in range(segments):
            segment()

    return run


def marsyas_passes(frames: int) -> Callable[[], None]:
    """Spectra; log powers and their change; crossings; bands, chroma, centroid and rolloff."""
    spectra, power, kept = _Spectra(), _empty(_BINS), _empty(_BINS)
    bands = np.ones((_BINS, 40 + 12 + 2 + 16), _SINGLE)

    def block() -> None:
        np.square(spectra(), out=power)
        np.log(power, out=kept)
        np.subtract(kept, power, out=kept)
        np.square(kept, out=kept)
        kept.max(axis=1)
        kept.sum(axis=1)
        spectra.crossings()
        power @ bands

    return lambda: _repeat(block, frames)


def jmir_passes(frames: int) -> Callable[[], None]:
    """Spectra; change, spread, compactness; crossings; bands and moments; autocorrelation."""
    spectra, power, kept = _Spectra(), _empty(_BINS), _empty(_BINS)
    bands, moments = np.ones((_BINS, 23 + 2 + 16), _SINGLE), np.ones((_BINS, 5))
    double = np.ones((_AT_ONCE, _BINS))

    def block() -> None:
        magnitude = spectra()
        np.square(magnitude, out=power)
        np.log(power, out=kept)
        np.subtract(kept, power, out=kept)  # compactness: twice the middle less both sides
        np.subtract(kept, power, out=kept)
        np.abs(kept, out=kept)
        kept.sum(axis=1)
        for _ in range(2):  # flux, variability
            np.subtract(magnitude, power, out=kept)
            np.vecdot(kept, kept)
        spectra.crossings()
        power @ bands
        np.copyto(double, magnitude)
        double @ moments
        for lag in range(10):
            np.vecdot(spectra.windowed[:, : _SIZE - lag], spectra.windowed[:, lag:])

    return lambda: _repeat(block, frames)


class _Spectra:
    """Magnitudes of a block of frames, transformed in double precision, in single precision."""

    def __init__(self) -> None:
        self.frames, self.windowed = _frames(_SINGLE), _frames(_DOUBLE)
        self._window = np.hanning(_SIZE)
        self._spectrum, self._narrow = _empty(_BINS, np.complex128), _empty(_BINS, np.complex64)
        self._magnitude = _empty(_BINS)

    def __call__(self) -> Floats:
        np.copyto(self.windowed, self.frames)
        np.multiply(self.windowed, self._window, out=self.windowed)
        np.fft.rfft(self.windowed, out=self._spectrum)
        np.copyto(self._narrow, self._spectrum, casting="same_kind")
        return np.abs(self._narrow, out=self._magnitude)

    def crossings(self) -> None:
        """Signs, and how many differ from the one before."""
        sides = (self.frames > 0).view(np.int8) - (self.frames < 0).view(np.int8)
        (sides[:, 1:] != sides[:, :-1]).view(np.uint8).sum(axis=1, dtype=np.uint16)


def _frames(dtype: type[np.floating[Any]]) -> Floats:
    samples: Floats = np.random.default_rng(0).normal(0, 0.1, (_AT_ONCE, _SIZE)).astype(dtype)
    return samples


def _empty(columns: int, dtype: type[np.inexact[Any]] = _SINGLE) -> NDArray[Any]:
    return np.ones((_AT_ONCE, columns), dtype)


def _repeat(block: Callable[[], None], frames: int) -> None:
    for _ in range(round(frames / _AT_ONCE)):
        block()
