"""Energies of mel bands over time: the front end that pretrained networks share.

Frames are transformed in single precision and in blocks whose spectra stay in the cache; NumPy
computes in double precision where the transform is not scaled "forward", so the window is
multiplied by the size instead. Squares lose nothing by it: each network adds a floor to the
energies far above the rounding errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_FRAMES_AT_ONCE = 64
_GROUPS = 4


@dataclass(frozen=True, eq=False)
class MelBands:
    """Windowed frames of a signal to the energies of its mel bands.

    Attributes:
        window: (size,) float32.
        hop: samples from one frame's beginning to the next one's.
        filters: (bands, size // 2 + 1) float32.
    """

    window: Floats
    hop: int
    filters: Floats

    def energies(self, samples: Floats) -> Floats:
        """(n,) samples, n at least the window's size, to (1 + (n - size) // hop, bands)."""
        size = self.window.size
        frames = np.lib.stride_tricks.sliding_window_view(samples, size)[:: self.hop]
        found = np.empty((len(frames), len(self.filters)), np.float32)
        windowed = np.empty((_FRAMES_AT_ONCE, size), np.float32)
        spectra: NDArray[Any] = np.empty((_FRAMES_AT_ONCE, size // 2 + 1), np.complex64)
        magnitudes = np.empty(spectra.shape, np.float32)
        for start in range(0, len(frames), _FRAMES_AT_ONCE):
            block = frames[start : start + _FRAMES_AT_ONCE]
            np.multiply(block, self._scaled_window, out=windowed[: len(block)])
            np.fft.rfft(windowed[: len(block)], norm="forward", out=spectra[: len(block)])
            power = np.abs(spectra[: len(block)], out=magnitudes[: len(block)])
            np.square(power, out=power)
            for bands, bins, weights in self._groups:
                np.matmul(power[:, bins], weights, out=found[start : start + len(block), bands])
        return found

    @cached_property
    def _groups(self) -> list[tuple[slice, slice, Floats]]:
        """Bands side by side, the bins that they reach, and their weights, (bins, bands).

        A band reaches few bins: products of four groups take a quarter of one of all.
        """
        groups = []
        for rows in np.array_split(np.arange(len(self.filters)), _GROUPS):
            reached = np.flatnonzero(self.filters[rows].any(axis=0))
            bands, bins = slice(rows[0], rows[-1] + 1), slice(reached[0], reached[-1] + 1)
            groups.append((bands, bins, np.ascontiguousarray(self.filters[bands, bins].T)))
        return groups

    @cached_property
    def _scaled_window(self) -> Floats:
        return self.window * np.float32(self.window.size)
