"""Chroma of a power spectrum and its peak ratios, as Marsyas defines them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.frames import Floats

_BINS = 257
_LOWEST_A = 27.5  # Hz


def bin_pitches(rate: int) -> NDArray[np.float64]:
    """Pitch of each bin in semitones above A0; shape (257,).

    The original spaces the bins by rate / 257 where they are rate / 512 apart: an octave higher
    less 7 cent, so that the pitch classes still fit.
    """
    pitch = 12.0 * np.log2(np.arange(1, _BINS) * rate / _BINS / _LOWEST_A)
    return np.concatenate([[pitch[0] - 18.0], pitch])


@lru_cache(maxsize=16)
def chroma_map(rate: int) -> NDArray[np.float64]:
    """Weight of each bin in each pitch class: a Gaussian, at least a semitone wide.

    Args:
        rate: sampling rate in Hz.

    Returns:
        Shape (12, 257); every column has the Euclidean norm 1.
    """
    pitch = bin_pitches(rate)
    width = np.append(np.maximum(1.0, np.diff(pitch)), 1.0)
    distance = np.mod(pitch - np.arange(12)[:, None] + 126.0, 12.0) - 6.0
    weights = np.exp(-0.5 * (2.0 * distance / width) ** 2)
    unit: NDArray[np.float64] = weights / np.linalg.norm(weights, axis=0)
    return unit


def chroma(power: Floats, rate: int) -> Floats:
    """Power in each of the pitch classes A, A#, B, ... G#, in all octaves together.

    Args:
        power: shape (t, 257).
        rate: sampling rate in Hz.

    Returns:
        Shape (t, 12).
    """
    classes: Floats = power @ chroma_map(rate).astype(power.dtype).T
    return classes


def peak_ratios(classes: Floats) -> Floats:
    """The strongest pitch class over the average, and over the weakest; both 0 if that is 0.

    Args:
        classes: `chroma`, shape (t, 12).

    Returns:
        Shape (t, 2); the second has no upper bound.
    """
    by_class = np.ascontiguousarray(classes.T)  # across rows is three times as fast as along them
    strongest, weakest = by_class.max(axis=0), by_class.min(axis=0)
    silent = weakest <= 0
    against = np.where(silent, 1, np.stack([by_class.mean(axis=0), weakest]))
    return np.where(silent, 0, strongest / against).T
