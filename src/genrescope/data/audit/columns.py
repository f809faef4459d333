"""Columns that a learner should not meet: constant, broken, copied, in other units somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.data.audit.scale import sample_rows
from genrescope.data.table import FeatureTable, Matrix, Positions

NEARLY = 0.99
"""A column is nearly constant where more than this share of the rows has one value."""

OUTLIER = 20
"""A value is absurd so many times the middle 95 % of its column away from the median ..."""

GAP = 5
"""... if the absurd ones are in the (geometric) mean so many times that far: no mere tail."""

RESCALED = 30
"""Quartiles so many times farther apart in one part than in another are of another unit."""

_FEW = 20  # rows below which the scale of a part is not estimated
_PART_ROWS = 2000


@dataclass(frozen=True)
class ColumnFaults:
    """Columns by what is wrong with them, each by its position in a vector.

    Attributes:
        constant: one value in all rows; tuple of columns.
        nearly_constant: column to the share of rows that have its commonest value.
        not_finite: column to the number of values that are missing, NaN or infinite.
        copies: column to the first column that has the same value in every row.
        outliers: column to (rows with an absurd value, the row with the worst).
    """

    constant: tuple[int, ...]
    nearly_constant: Mapping[int, float]
    not_finite: Mapping[int, int]
    copies: Mapping[int, int]
    outliers: Mapping[int, tuple[int, int]]


def column_faults(table: FeatureTable) -> ColumnFaults:
    """Look at every value of a table; medians and usual ranges are those of 20,000 rows or all."""
    tally = _Tally.of(table.read(sample_rows(np.arange(len(table)))))
    for start, vectors in table.batches():
        tally.add(start, vectors)
    same = tally.low >= tally.high
    nearly = ~same & (tally.usual > NEARLY * len(table))
    apart = tally.logarithms >= tally.absurd * np.log(GAP)
    absurd = (tally.absurd > 0) & apart & ~same & ~nearly
    return ColumnFaults(
        tuple(np.flatnonzero(same).tolist()),
        {int(i): float(tally.usual[i] / len(table)) for i in np.flatnonzero(nearly)},
        {int(i): int(tally.broken[i]) for i in np.flatnonzero(tally.broken)},
        _copies(tally.hashes, same),
        {int(i): (int(tally.absurd[i]), int(tally.worst[i])) for i in np.flatnonzero(absurd)},
    )


@dataclass
class _Tally:
    """What one pass over the rows counts, all (columns,).

    Attributes:
        median: the value in the middle, which is the commonest one of a nearly constant column.
        far: distance from the median from which a value is absurd.
        low, high: extremes so far.
        usual: rows that have the median.
        broken: values that are not finite.
        absurd, reach, worst: values beyond `far`, the greatest distance, and its row.
        logarithms: sum over those values of the logarithm of their distance in units of `far`.
        hashes: equal for columns with equal bytes.
    """

    median: NDArray[np.float32]
    far: NDArray[np.float64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    usual: NDArray[np.int64]
    broken: NDArray[np.int64]
    absurd: NDArray[np.int64]
    reach: NDArray[np.float64]
    logarithms: NDArray[np.float64]
    worst: NDArray[np.int64]
    hashes: NDArray[np.uint64]

    @classmethod
    def of(cls, sample: Matrix) -> _Tally:
        low, median, high = _quantiles(sample, (0.025, 0.5, 0.975))
        dims = sample.shape[1]
        wide = high.astype(np.float64) - low
        return cls(
            median=median,
            far=np.where(wide > 0, OUTLIER * wide, np.inf),
            low=np.full(dims, np.inf, np.float32),
            high=np.full(dims, -np.inf, np.float32),
            usual=np.zeros(dims, np.int64),
            broken=np.zeros(dims, np.int64),
            absurd=np.zeros(dims, np.int64),
            reach=np.zeros(dims),
            logarithms=np.zeros(dims),
            worst=np.zeros(dims, np.int64),
            hashes=np.zeros(dims, np.uint64),
        )

    def add(self, start: int, vectors: Matrix) -> None:
        """Count rows `start` and following."""
        finite = np.isfinite(vectors)
        self.broken += (~finite).sum(axis=0)
        self.low = np.fmin(self.low, np.where(finite, vectors, np.inf).min(axis=0))
        self.high = np.fmax(self.high, np.where(finite, vectors, -np.inf).max(axis=0))
        self.usual += (vectors == self.median).sum(axis=0)
        distance = np.where(finite, np.abs(vectors.astype(np.float64) - self.median), 0)
        absurd = distance > self.far
        self.absurd += absurd.sum(axis=0)
        self.logarithms += np.log(np.where(absurd, distance / self.far, 1)).sum(axis=0)
        farthest = distance.argmax(axis=0)
        reach = distance[farthest, np.arange(len(farthest))]
        self.worst = np.where(reach > self.reach, start + farthest, self.worst)
        self.reach = np.maximum(reach, self.reach)
        draws = np.random.default_rng(start).integers(2**64, size=len(vectors), dtype=np.uint64)
        self.hashes += (draws | np.uint64(1)) @ vectors.view(np.uint32)


def _quantiles(vectors: Matrix, shares: tuple[float, ...]) -> NDArray[np.float32]:
    """(shares, columns) values that occur, 0 for a column without a finite one."""
    columns = np.where(np.isfinite(vectors), vectors, np.nan)
    columns[:, np.isnan(columns).all(axis=0)] = 0
    return np.asarray(np.nanquantile(columns, shares, axis=0, method="nearest"), np.float32)


def _copies(hashes: NDArray[np.uint64], constant: NDArray[np.bool_]) -> dict[int, int]:
    """Columns that equal an earlier one, constant ones left out."""
    first: dict[int, int] = {}
    copies = {}
    for column in np.flatnonzero(~constant).tolist():
        original = first.setdefault(int(hashes[column]), column)
        if original != column:
            copies[column] = original
    return copies


def rescaled_columns(table: FeatureTable, parts: Mapping[str, Positions]) -> dict[int, str]:
    """Columns whose quartiles lie far wider apart in one of `parts`, and in which.

    Args:
        table: the vectors.
        parts: name to ascending rows; parts of fewer than 20 rows are passed over. A part should
            hold several genres, which may well differ this much.
    """
    names = [name for name, rows in parts.items() if len(rows) >= _FEW]
    if len(names) < 2:
        return {}
    wide = np.stack([_width(table, sample_rows(parts[name], _PART_ROWS)) for name in names])
    least = np.where(wide > 0, wide, np.inf).min(axis=0)
    changed = np.flatnonzero(wide.max(axis=0) > RESCALED * least)
    return {int(i): names[int(wide[:, i].argmax())] for i in changed}


def _width(table: FeatureTable, rows: Positions) -> NDArray[np.float64]:
    """(columns,) distance between the quartiles."""
    low, high = _quantiles(table.read(rows), (0.25, 0.75))
    return np.asarray(high.astype(np.float64) - low)


def runs(rows: int, count: int = 10) -> dict[str, Positions]:
    """Consecutive parts of equal size, called by their first and last row."""
    pieces = [piece for piece in np.array_split(np.arange(rows), count) if len(piece)]
    return {f"rows {piece[0]:,} to {piece[-1]:,}": piece for piece in pieces}
