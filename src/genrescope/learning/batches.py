"""Batches of training rows: of one size, with smoothed labels."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import Matrix

Batch = tuple[Matrix, Matrix, NDArray[np.float32]]
"""Vectors (n, dims), targets (n, genres) and weights (n,)."""

_CHUNK_BYTES = 256 * 2**20  # training rows held in memory at a time


def minibatches(order: NDArray[np.int64], batch: int) -> NDArray[np.int64]:
    """`order` cut into steps of at most `batch` rows and of one size, (steps, size).

    One size, because a compiled step fits one shape and because a last batch of two songs would
    upset batch normalisation; the last step borrows what it lacks from the first.
    """
    several = math.ceil(len(order) / batch)
    size = math.ceil(len(order) / several)
    return np.resize(order, (several, size))


def chunks(order: NDArray[np.int64], dims: int) -> Iterator[NDArray[np.int64]]:
    """Runs of the steps `order` (steps, size) whose vectors of `dims` values fit in memory."""
    several = max(1, _CHUNK_BYTES // (4 * dims * order.shape[1]))
    for start in range(0, len(order), several):
        yield order[start : start + several]


def smooth_labels(classes: NDArray[np.int64], genres: int, smoothing: float) -> Matrix:
    """1 - smoothing on each row's genre, the rest spread evenly over all; (..., genres)."""
    one_hot = np.eye(genres, dtype=np.float32)[classes]
    return (1 - smoothing) * one_hot + smoothing / genres
