"""Rank-Gauss: values mapped so that the training rows' are normally distributed.

A value becomes the normal quantile of its rank among the training rows (van der Waerden scores),
read off a polyline through a few quantiles of them. Whatever the tails of a descriptor, and however
it was scaled, what is left is which songs have more of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import Matrix

KNOTS = 33
_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class QuantileTransform:
    """A polyline for each column, flat beyond its ends.

    Attributes:
        start: (segments, dims) value at which a segment starts.
        width: (segments, dims) its width, positive; 1 where nothing rises.
        rise: (segments, dims) what it adds.
        least: (dims,) the result for the smallest values.
    """

    start: _Floats
    width: _Floats
    rise: _Floats
    least: _Floats

    @classmethod
    def of(cls, matrix: Matrix, knots: int = KNOTS) -> QuantileTransform:
        """The polylines through `knots` quantiles of each column of `matrix` (rows, dims).

        The ends are the scores of the least and the greatest of so many rows. Equal quantiles share
        the mean of their scores, so that a constant column comes out as 0.
        """
        rows = len(matrix)
        shares = np.linspace(0, 1, knots)
        normal = NormalDist()
        scores = np.array(
            [normal.inv_cdf(share) for share in np.clip(shares, 0.5 / rows, 1 - 0.5 / rows)]
        )
        # Rounded as a network holds them, before ties are looked for.
        values = np.quantile(matrix, shares, axis=0).astype(np.float32).astype(np.float64)
        tied = values[:, None] == values[None]  # (knots, knots, dims)
        heights = np.einsum("abd,b->ad", tied, scores) / tied.sum(axis=1)
        width = np.diff(values, axis=0)
        rise = np.where(width > 0, np.diff(heights, axis=0), 0.0)
        return cls(values[:-1], np.where(width > 0, width, 1.0), rise, heights[0])

    def __call__(self, vectors: Matrix) -> _Floats:
        """(n, dims) to (n, dims)."""
        knots = np.vstack([self.start, self.start[-1] + self.width[-1]])
        heights = np.cumsum(np.vstack([self.least, self.rise]), axis=0)
        result = np.empty(np.shape(vectors)[::-1])  # column by column: no temporary of its size
        columns = np.ascontiguousarray(np.transpose(vectors))
        for scores, *line in zip(result, columns, knots.T, heights.T, strict=True):
            scores[:] = np.interp(*line)
        return result.T
