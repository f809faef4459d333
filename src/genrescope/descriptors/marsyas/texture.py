"""Texture window and song statistics (Tzanetakis and Cook, IEEE TSAP 10(5), 2002)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MEMORY = 20  # frames
_BLOCK = 128  # frames worked on at a time, so that they stay in the cache


def texture(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean and standard deviation of each feature over the latest 20 frames.

    Before the first frame the memory is full of copies of it.

    Args:
        features: shape (t, d), t at least 1.

    Returns:
        Shape (t, 2 d): d means, then d standard deviations (divisor 20).
    """
    first = np.broadcast_to(features[0], (_MEMORY - 1, features.shape[1]))
    history = np.concatenate([first, features])
    rows = np.empty((len(features), 2 * features.shape[1]))
    for start in range(0, len(features), _BLOCK):
        part = history[start : start + _BLOCK + _MEMORY - 1]
        mean = _window_sums(part) / _MEMORY
        variance = _window_sums(part * part) / _MEMORY - mean * mean
        block = rows[start : start + _BLOCK]
        block[:, : mean.shape[1]] = mean
        np.sqrt(np.maximum(variance, 0.0), out=block[:, mean.shape[1] :])
    return rows


def _window_sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of 20 rows in a row, by doubling: 2, 4, 8, 16, and 4 more.

    A difference of running totals would be as fast, but the ratios of pure tones (1e7 and more)
    would then leave their rounding errors in every later window.
    """
    two = values[1:] + values[:-1]
    four = two[2:] + two[:-2]
    eight = four[4:] + four[:-4]
    sixteen = eight[8:] + eight[:-8]
    return sixteen[4:] + four[: len(sixteen) - 4]


def song_statistics(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means, then population standard deviations, of all columns.

    Args:
        rows: shape (t, d).

    Returns:
        Shape (2 d,).
    """
    return np.concatenate([rows.mean(axis=0), rows.std(axis=0)])
