"""Batches of training rows: of one size, smoothed, mixed."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import Matrix

_CHUNK_BYTES = 256 * 2**20  # training rows held in memory at a time


def steps(order: NDArray[np.int64], batch: int) -> NDArray[np.int64]:
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


def smoothed(classes: NDArray[np.int64], genres: int, smoothing: float) -> Matrix:
    """1 - smoothing on each row's genre, the rest spread evenly over all; (..., genres)."""
    one_hot = np.eye(genres, dtype=np.float32)[classes]
    return (1 - smoothing) * one_hot + smoothing / genres


def mix(
    vectors: Matrix,
    targets: Matrix,
    weights: NDArray[np.float32],
    alpha: float,
    rng: np.random.Generator,
) -> tuple[Matrix, Matrix, NDArray[np.float32]]:
    """A batch of songs, each mixed with another one of the batch (mixup, see `Recipe.mixup`).

    Each song keeps a share of its own, drawn from Beta(alpha, alpha) and at least one half. The
    mixture's loss is the same mixture of both songs' weighted losses.

    Args:
        vectors: (n, dims).
        targets: (n, genres), rows sum to 1.
        weights: (n,) positive.
        alpha: positive.
        rng: draws shares and partners.

    Returns:
        Mixed vectors, targets (whose rows sum to 1) and weights.
    """
    drawn = rng.beta(alpha, alpha, len(vectors))
    share: NDArray[np.float32] = np.maximum(drawn, 1 - drawn).astype(np.float32)
    other = rng.permutation(len(vectors))
    own, others = share * weights, (1 - share) * weights[other]
    mixed = own + others
    return (
        _between(vectors, vectors[other], share),
        _between(targets, targets[other], np.asarray(own / mixed)),
        mixed,
    )


def _between(first: Matrix, second: Matrix, share: NDArray[np.float32]) -> Matrix:
    """Rows of `first` and `second` mixed, `share` (n,) of the first."""
    return np.asarray(share[:, None] * first + (1 - share[:, None]) * second)
