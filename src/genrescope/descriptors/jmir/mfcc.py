"""Mel-frequency cepstral coefficients of a magnitude spectrum, as jMIR defines them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.frames import Floats

_FILTERS = 23
_BINS = 256
_LOWEST = 133.3334  # Hz
_FLOOR = -50.0  # of the logarithm of a filter's output
COEFFICIENTS = 13


def filter_edges(rate: int) -> NDArray[np.int64]:
    """Bins at which the filters begin and end.

    Computed with 256 where the length of the transform would be right: every filter lies at half
    its nominal frequency, and the bank ends at a quarter of the rate.

    Args:
        rate: sampling rate in Hz.

    Returns:
        Shape (25,), rising from the lowest edge to 128; filter j (0..22) lies on the bins
        `edges[j + 1]` to `edges[j + 2]`, both included.
    """
    low, high = 2595 * np.log10(1 + np.array([_LOWEST, rate / 2]) / 700)
    mel = low + np.arange(_FILTERS + 1) * (high - low) / (_FILTERS + 1)
    hertz = 700 * (10 ** (mel / 2595) - 1)
    hertz[0] = _LOWEST
    edges = np.floor(hertz / rate * _BINS + 0.5)
    return np.append(edges, _BINS // 2).astype(np.int64)


@lru_cache(maxsize=16)
def filterbank(rate: int) -> NDArray[np.float64]:
    """The 23 rectangular filters, neighbours sharing one bin; shape (23, 256), zeros and ones."""
    edges = filter_edges(rate)
    bins = np.arange(_BINS)
    inside = (bins >= edges[1:-1, None]) & (bins <= edges[2:, None])
    return inside.astype(np.float64)


@lru_cache(maxsize=1)
def cosine_transform() -> NDArray[np.float64]:
    """The first 13 rows of the unscaled DCT-II of 23 values; shape (13, 23)."""
    order = np.arange(COEFFICIENTS)[:, None]
    return np.cos(np.pi * order * (np.arange(_FILTERS) + 0.5) / _FILTERS)


def mfcc(magnitude: Floats, rate: int) -> NDArray[np.float64]:
    """The 13 coefficients; number 0 is the sum of the 23 logarithms, -1150 in silence.

    Args:
        magnitude: shape (w, 256).
        rate: sampling rate in Hz; the edges of the filters depend on it.

    Returns:
        Shape (w, 13), in neper.
    """
    # No filter reaches beyond a quarter of the rate.
    used = slice(_BINS // 2 + 1)
    sums = magnitude[:, used] @ filterbank(rate)[:, used].astype(magnitude.dtype).T
    with np.errstate(divide="ignore"):
        logarithm = np.log(sums.astype(np.float64))
    return np.maximum(logarithm, _FLOOR) @ cosine_transform().T
