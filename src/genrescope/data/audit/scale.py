"""Robust standardisation, and a table reduced to its leading principal directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import FeatureTable, Matrix, Positions

DIRECTIONS = 32
_SAMPLE = 20_000  # rows for medians, quartiles and directions
_NORMAL = 1.349  # quartiles of a normal distribution are so many deviations apart
_BLOCK = 8192


@dataclass(frozen=True)
class RobustScale:
    """(values - median) / deviation by quartiles, column by column, far values drawn in.

    The inverse hyperbolic sine keeps small values and turns large ones into their logarithms, so
    that no value rules and no two become equal.

    Attributes:
        columns: (kept,) columns that vary between their quartiles and are finite nearly everywhere.
        median, deviation: (kept,).
    """

    columns: Positions
    median: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @classmethod
    def of(cls, vectors: Matrix) -> RobustScale:
        """Learn medians and quartiles of (rows, dims) vectors."""
        finite = np.isfinite(vectors)
        sound = np.flatnonzero(finite.mean(axis=0) > 0.99)
        values = np.where(finite, vectors, np.nan)[:, sound].astype(np.float64)
        low, median, high = np.nanquantile(values, (0.25, 0.5, 0.75), axis=0)
        varies = high > low
        return cls(sound[varies], median[varies], (high - low)[varies] / _NORMAL)

    def __call__(self, vectors: Matrix) -> NDArray[np.float64]:
        """(rows, kept) standardised; nan where not finite."""
        chosen = vectors[:, self.columns].astype(np.float64)
        values = np.arcsinh((chosen - self.median) / self.deviation)
        values[~np.isfinite(chosen)] = np.nan
        return values


def sample_rows(rows: Positions, most: int = _SAMPLE) -> Positions:
    """At most `most` of ascending `rows`, spread evenly over them."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]


def reduce(table: FeatureTable, rows: Positions) -> tuple[Positions, Matrix]:
    """(those of `rows` with finite values, (n, directions) float32 principal coordinates).

    Distances are those of standardised vectors along at most `DIRECTIONS` principal directions. A
    table without a column that varies has no direction.
    """
    sample = table.read(sample_rows(rows))
    scale = RobustScale.of(sample)
    values = scale(sample)
    values = values[np.isfinite(values).all(axis=1)]
    center = values.mean(axis=0) if len(values) else np.zeros(len(scale.columns))
    _, vectors = np.linalg.eigh((values - center).T @ (values - center))
    axes = vectors[:, ::-1][:, :DIRECTIONS]
    points = np.empty((len(rows), axes.shape[1]), dtype=np.float32)
    for start in range(0, len(rows), _BLOCK):
        block = scale(table.read(rows[start : start + _BLOCK]))
        points[start : start + _BLOCK] = (block - center) @ axes
        table.release()
    finite = np.isfinite(points).all(axis=1)
    return (rows, points) if finite.all() else (rows[finite], points[finite])
