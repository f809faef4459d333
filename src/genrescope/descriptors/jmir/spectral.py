"""The eight low-level scalars of jMIR, from each window of 512 samples and its spectrum.

McEnnis, McKay, Fujinaga, Depalle: jAudio, ISMIR 2005.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.blocks import bins_below
from genrescope.descriptors.frames import Floats

LOW_ENERGY_MEMORY = 100  # windows, about 2.3 s at 22.05 kHz


def centroid(power: Floats) -> Floats:
    """Centre of gravity of the power in bins; 0 in silence.

    Args:
        power: shape (w, 256).

    Returns:
        Shape (w,), from 0 to 255.
    """
    bins = np.arange(power.shape[1], dtype=power.dtype)
    total = power.sum(axis=1)
    return (power @ bins) / np.where(total > 0, total, 1)


def rolloff(power: Floats) -> NDArray[np.float64]:
    """The bin at which the cumulative power reaches 85 %, as a fraction of 256; 0 in silence.

    Args:
        power: shape (w, 256).

    Returns:
        Shape (w,), from 0 to 255 / 256.
    """
    return bins_below(power, 0.85) / 256


def flux(magnitude: Floats, before: Floats | None) -> Floats:
    """Squared distance of each magnitude spectrum from the one before.

    Args:
        magnitude: shape (w, 256).
        before: the spectrum before the first, shape (256,); None where there is none.

    Returns:
        Shape (w,); NaN where there is no spectrum before.
    """
    values = np.full(len(magnitude), np.nan, magnitude.dtype)
    if before is not None:
        values[0] = np.sum((magnitude[0] - before) ** 2)
    change = magnitude[1:] - magnitude[:-1]
    values[1:] = np.vecdot(change, change)
    return values


def compactness(power: Floats) -> Floats:
    """Roughness of the log magnitude: its distance from the average of itself and its neighbours.

    In nepers times 20. Terms that touch a magnitude of exactly zero are left out.

    Args:
        power: squared magnitudes in any scale, which cancels out; shape (w, 256).

    Returns:
        Shape (w,).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithm = np.log(power)
        bend = logarithm[:, 1:-1] * 2
        bend -= logarithm[:, :-2]
        bend -= logarithm[:, 2:]
    np.abs(bend, out=bend)
    total = bend.sum(axis=1)
    if not np.isfinite(total).all():
        total = np.where(np.isfinite(bend), bend, 0).sum(axis=1)
    # ln m is half of ln p; 20 ln m - 20/3 (three ln m) is 20/3 of the bend.
    nepers: Floats = total * (10.0 / 3.0)
    return nepers


def variability(magnitude: Floats) -> Floats:
    """Sample standard deviation (divisor 255) of the magnitudes.

    Args:
        magnitude: shape (w, 256).

    Returns:
        Shape (w,).
    """
    deviation = magnitude - magnitude.mean(axis=1, keepdims=True)
    spread: Floats = np.sqrt(np.vecdot(deviation, deviation) / (magnitude.shape[1] - 1))
    return spread


def root_mean_square(windows: Floats) -> Floats:
    """Root mean square of the samples, without a window function.

    Args:
        windows: shape (w, 512).

    Returns:
        Shape (w,), in units of full scale.
    """
    level: Floats = np.sqrt(np.vecdot(windows, windows) / windows.shape[1])
    return level


def low_energy_fraction(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the latest 100 windows whose level lies below their average.

    Args:
        level: `root_mean_square` of all windows of the clip, shape (w,).

    Returns:
        Shape (w,); NaN for the first 99.
    """
    fraction = np.full(level.size, np.nan)
    if level.size < LOW_ENERGY_MEMORY:
        return fraction
    latest = np.lib.stride_tricks.sliding_window_view(level, LOW_ENERGY_MEMORY)
    # In a steady signal all are equal, and the last bit of the average decides: they must be
    # added one after the other, the newest first.
    total = np.zeros(len(latest))
    for age in range(1, LOW_ENERGY_MEMORY + 1):
        total += latest[:, -age]
    below = latest < (total / LOW_ENERGY_MEMORY)[:, None]
    fraction[LOW_ENERGY_MEMORY - 1 :] = np.count_nonzero(below, axis=1) / LOW_ENERGY_MEMORY
    return fraction
