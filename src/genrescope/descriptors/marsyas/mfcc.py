"""Mel-frequency cepstral coefficients from a power spectrum, as Marsyas defines them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.blocks import FRAME
from genrescope.descriptors.frames import Floats

_FILTERS = 40
_LINEAR = 13  # band edges spaced evenly, before the logarithmic ones
# Single-precision constants in the original: first edge and spacing in Hz, ratio of later edges.
_FIRST, _SPACING, _RATIO = (float(np.float32(c)) for c in (133.3333, 66.66666, 1.0711703))
COEFFICIENTS = 13


def band_edges() -> NDArray[np.float64]:
    """The 42 edges of the 40 overlapping triangles in Hz, from 133.3 to 6853.8."""
    linear = _FIRST + _SPACING * np.arange(_LINEAR)
    logarithmic = linear[-1] * _RATIO ** np.arange(1, _FILTERS + 2 - _LINEAR + 1)
    return np.concatenate([linear, logarithmic])


@lru_cache(maxsize=16)
def mel_filterbank(rate: int) -> NDArray[np.float64]:
    """Weight of each power bin in each triangle of area 1 (over frequency in Hz).

    Below 13.7 kHz the upper triangles reach past the Nyquist frequency, where the original finds
    the spectrum mirrored one bin off; these weights are folded back here.

    Args:
        rate: sampling rate in Hz.

    Returns:
        Shape (40, 257).
    """
    edges = band_edges()
    low, peak, high = (edges[i : i + _FILTERS, None] for i in range(3))
    frequency = np.arange(FRAME) * rate / FRAME
    height = 2.0 / (high - low)
    rising = (frequency > low) & (frequency <= peak)
    falling = (frequency > peak) & (frequency <= high)
    weights = np.where(rising, height * (frequency - low) / (peak - low), 0.0)
    weights += np.where(falling, height * (high - frequency) / (high - peak), 0.0)
    folded = weights[:, :257].copy()
    folded[:, 2:] += weights[:, :256:-1]
    return folded


@lru_cache(maxsize=16)
def _bins_used(rate: int) -> int:
    """How many bins, from 0 on, have a weight: at 22.05 kHz the triangles end at the 160th."""
    return int(np.flatnonzero(mel_filterbank(rate).any(axis=0))[-1]) + 1


@lru_cache(maxsize=1)
def cosine_transform() -> NDArray[np.float64]:
    """The first 13 rows of the orthonormal DCT-II of 40 values; shape (13, 40)."""
    order = np.arange(COEFFICIENTS)[:, None]
    cosines = np.cos(np.pi * order * (2 * np.arange(_FILTERS) + 1) / (2 * _FILTERS))
    scale = np.where(order > 0, 1.0, np.sqrt(0.5)) / np.sqrt(_FILTERS / 2)
    rows: NDArray[np.float64] = scale * cosines
    return rows


def mfcc(power: Floats, rate: int) -> NDArray[np.float64]:
    """The 13 coefficients, number 0 included. A band without any energy has the logarithm 0.

    Args:
        power: shape (t, 257).
        rate: sampling rate in Hz.

    Returns:
        Shape (t, 13).
    """
    used = slice(_bins_used(rate))
    energy = power[:, used] @ mel_filterbank(rate)[:, used].astype(power.dtype).T
    logarithm = np.log10(np.where(energy > 0, energy, 1).astype(np.float64))
    coefficients: NDArray[np.float64] = logarithm @ cosine_transform().T
    return coefficients
