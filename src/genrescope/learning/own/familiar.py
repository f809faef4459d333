"""How unlike all songs fitted to a song is.

A Gaussian around the mean of each label, all of one covariance, on principal components of the
columns: minus the logarithm of their sum is the surprise (after Lee, Lee, Lee, Shin, "A simple
unified framework for detecting out-of-distribution samples", NeurIPS 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.temperature import logistic
from genrescope.learning.own.columns import Singles
from genrescope.learning.own.heads import squared_distances

_COMPONENTS = 32
_SHRINKAGE = 0.1


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Where the songs fitted to lie.

    Attributes:
        projection: (columns, components), within labels of unit variance.
        centres: (labels, components) means of the labels.
    """

    projection: Singles
    centres: Singles

    @classmethod
    def of(cls, x: Singles, has: NDArray[np.bool_]) -> Surroundings:
        """Of (n, columns) scaled columns and (n, labels) which song has which label."""
        from sklearn.decomposition import PCA

        mean = x.mean(axis=0)
        count = min(_COMPONENTS, *x.shape)
        axes = PCA(count, svd_solver="randomized", random_state=0).fit(x).components_.T
        places = (x - mean) @ axes
        parts = has / has.sum(axis=1, keepdims=True)
        centres = (parts / np.maximum(parts.sum(axis=0), 1e-9)).T @ places
        rest = places - parts @ centres
        within = rest.T @ rest / len(rest)
        level = float(np.trace(within)) / len(within) or 1.0
        within = (1 - _SHRINKAGE) * within + _SHRINKAGE * level * np.eye(len(within))
        sizes, turn = np.linalg.eigh(within)
        white = turn / np.sqrt(sizes)
        projection = (axes @ white).astype(np.float32)
        return cls(projection, (centres @ white + mean @ projection).astype(np.float32))

    def surprise(self, x: Singles) -> NDArray[np.float64]:
        """(n,) nats, the higher the less like any of the songs."""
        distances = squared_distances(x @ self.projection, self.centres)
        halves = distances.astype(np.float64) / 2
        least = halves.min(axis=1)
        return np.asarray(least - np.log(np.exp(least[:, None] - halves).sum(axis=1)))


@dataclass(frozen=True)
class Limit:
    """From surprise to the probability that a song is of none of the labels.

    Attributes:
        middle: surprise at which it is one half.
        scale: surprise by which its log-odds grow by one.
    """

    middle: float
    scale: float

    @classmethod
    def of(cls, surprise: NDArray[np.float64]) -> Limit:
        """From the surprise (n,) of labelled songs by models that were not fitted to them.

        One song in a hundred of the person's own is as far as that; of songs in the middle it is
        next to impossible.
        """
        middle, usual = np.quantile(surprise, (0.99, 0.5))
        return cls(float(middle), max(float(middle - usual) / 5, 1e-3))

    def probability(self, surprise: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) that a song is of none of the labels."""
        return logistic((surprise - self.middle) / self.scale)
