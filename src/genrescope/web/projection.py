"""Songs as points of a map: the two directions in which a library's songs differ most.

Principal components of the embeddings, each brought to length 1 as in
`genrescope.similarity.nearest`, so that near means similar in the same sense there and here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.similarity.nearest import SongIndex

LARGEST = 65535
"""Coordinates are whole numbers from 0 to this."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Points of a map.

    Attributes:
        points: (n, 2) uint16; both axes on one scale, the longer from 0 to `LARGEST`.
        explained: share of the variance of the songs that the map shows, 0 to 1.
    """

    points: NDArray[np.uint16]
    explained: float


def project(embedding: ArrayLike) -> Projection:
    """The map of n songs; the same songs give the same map.

    Args:
        embedding: (n, e) standardised.
    """
    units = SongIndex.build(range(len(np.asarray(embedding))), embedding).units
    if len(units) == 0:
        return Projection(np.empty((0, 2), np.uint16), 0.0)
    centred = units - units.mean(axis=0, dtype=np.float64).astype(np.float32)
    # The singular vectors of the songs are those of their small (e, e) scatter matrix.
    directions, spread, _ = np.linalg.svd((centred.T @ centred).astype(np.float64))
    directions = np.pad(directions[:, :2], ((0, 0), (0, max(0, 2 - directions.shape[1]))))
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=0)[None], axis=0)
    directions *= np.where(largest < 0, -1.0, 1.0)  # a direction has no sign of its own
    found = centred @ directions
    explained = float(spread[:2].sum() / spread.sum()) if spread.sum() > 0 else 0.0
    return Projection(_quantised(found), explained)


def _quantised(points: NDArray[np.float64]) -> NDArray[np.uint16]:
    low, high = points.min(axis=0), points.max(axis=0)
    scale = LARGEST / max(float((high - low).max()), 1e-12)
    middle = (LARGEST - scale * (high - low)) / 2
    placed = (scale * (points - low) + middle).round().clip(0, LARGEST)
    return np.asarray(placed, dtype=np.uint16)
