"""Centroid, rolloff and flux of a power spectrum, as Marsyas defines them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.blocks import bins_below
from genrescope.descriptors.frames import Floats

_LOG_OF_SILENCE = float(
    np.log(np.finfo(np.float64).tiny)
)  # -708.396, of the smallest normal double


def centroid(power: Floats) -> Floats:
    """Centre of gravity of the power, as a fraction of the 257 bins; 0.5 in silence.

    Args:
        power: shape (t, 257).

    Returns:
        Shape (t,), from 0 to 256 / 257.
    """
    bins = np.arange(power.shape[1], dtype=power.dtype)
    total, weighted = power.sum(axis=1), power @ bins
    return np.where(total > 0, weighted / np.where(total > 0, total, 1) / 257, 0.5)


def rolloff(power: Floats) -> NDArray[np.float64]:
    """The last bin at which the cumulative power is still below 90 %, as a fraction of 257.

    Where that would be bin 0 or 1, and in silence, it is 1.0.

    Args:
        power: shape (t, 257).

    Returns:
        Shape (t,), from 2 / 257 to 1.
    """
    last = bins_below(power, 0.9) - 1
    return np.where(last >= 2, last / 257, 1.0)


def log_power(power: Floats) -> Floats:
    """Natural logarithm of bins 1..256; -708.396 where there is nothing.

    Args:
        power: shape (t, 257).

    Returns:
        Shape (t, 256).
    """
    with np.errstate(divide="ignore"):
        logarithm = np.log(power[:, 1:])
    floored: Floats = np.maximum(logarithm, _LOG_OF_SILENCE, out=logarithm)
    return floored


def flux(logarithm: Floats, before: Floats) -> Floats:
    """Squared change of the log power since the frame before, relative to the largest in a bin.

    Args:
        logarithm: `log_power` of the frames, shape (t, 256).
        before: `log_power` of the frame before the first, shape (256,).

    Returns:
        Shape (t,), from 0 to 256 / 257.
    """
    change = np.empty_like(logarithm)
    np.subtract(logarithm[0], before, out=change[0])
    np.subtract(logarithm[1:], logarithm[:-1], out=change[1:])
    change *= change
    largest = change.max(axis=1)
    return np.where(largest > 0, change.sum(axis=1) / (257 * np.where(largest > 0, largest, 1)), 0)
