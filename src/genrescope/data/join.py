"""Several feature sets of the same songs: aligned on the ids they share, without reading values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genrescope.data.ids import IdIndex, distinct_keys
from genrescope.data.table import FeatureTable, Positions, Strings
from genrescope.errors import DataError, UsageError

_EXAMPLES = 3


@dataclass(frozen=True)
class TableReport:
    """What the join found in one table.

    Attributes:
        feature_set: name of the table's set.
        rows: rows of the table.
        duplicated: rows left out because their id stands further up, here or when the table's
            file was read.
        missing: ids that another table has and this one lacks.
        missing_examples: a few of those.
        unlabelled: rows of the aligned table without a label; None where it has no labels.
    """

    feature_set: str
    rows: int
    duplicated: int
    missing: int
    missing_examples: tuple[str, ...]
    unlabelled: int | None

    def __str__(self) -> str:
        parts = [f"{self.feature_set}: {self.rows:,} rows"]
        if self.duplicated:
            parts.append(f"{self.duplicated:,} repeat an id")
        if self.missing:
            more = ", ..." if self.missing > len(self.missing_examples) else ""
            parts.append(f"{self.missing:,} ids missing ({', '.join(self.missing_examples)}{more})")
        if self.unlabelled:
            parts.append(f"{self.unlabelled:,} without a label")
        return ", ".join(parts)


@dataclass(frozen=True)
class JoinReport:
    """Counts of a join: `common` ids that all tables have, and one `TableReport` a table."""

    common: int
    tables: tuple[TableReport, ...]

    def __str__(self) -> str:
        lines = [f"{self.common:,} ids in all of {len(self.tables)} sets", *map(str, self.tables)]
        return "\n".join(lines)


@dataclass(frozen=True)
class Joined:
    """Tables of equal length with equal ids, row by row."""

    tables: tuple[FeatureTable, ...]
    report: JoinReport


def join(tables: Sequence[FeatureTable]) -> Joined:
    """Align tables on the ids that all of them have, in the first table's order.

    Matrices are not read: the results are views. Of an id that a table repeats, the first row
    counts.

    Raises:
        UsageError: there is no table.
        DataError: the tables have no id in common.
    """
    if not tables:
        raise UsageError("no table to join", remedy="name at least one feature set")
    indexes = [IdIndex(table.ids) for table in tables]
    firsts = indexes[0].firsts()
    names = tables[0].ids[firsts]
    rows = np.stack([firsts, *(index.find(names) for index in indexes[1:])])
    rows = rows[:, (rows >= 0).all(axis=0)]
    if not rows.shape[1]:
        sets = ", ".join(table.feature_set for table in tables)
        raise DataError(f"{sets} have no id in common", remedy="are the files of one data set?")
    names = tables[0].ids[rows[0]]
    aligned = tuple(_aligned(table, own, names) for table, own in zip(tables, rows, strict=True))
    union = distinct_keys(indexes)
    reports = tuple(
        _report(table, result, index, union, indexes)
        for table, result, index in zip(tables, aligned, indexes, strict=True)
    )
    return Joined(aligned, JoinReport(rows.shape[1], reports))


def _aligned(table: FeatureTable, rows: Positions, names: Strings) -> FeatureTable:
    if len(rows) == len(table) and bool((rows == np.arange(len(table))).all()):
        return table
    return replace(table.take(rows), ids=names)  # one array of ids for all tables


def _report(
    table: FeatureTable,
    aligned: FeatureTable,
    index: IdIndex,
    union: NDArray[np.uint64],
    indexes: Sequence[IdIndex],
) -> TableReport:
    missing = np.setdiff1d(union, index.keys, assume_unique=True)
    examples = [other.name(key) for key in missing[:_EXAMPLES] for other in indexes]
    return TableReport(
        feature_set=table.feature_set,
        rows=len(table),
        duplicated=len(table) - len(index.keys) + int(table.provenance.get("duplicates", 0)),
        missing=len(missing),
        missing_examples=tuple(dict.fromkeys(name for name in examples if name is not None)),
        unlabelled=None if aligned.labels is None else int((aligned.labels == "").sum()),
    )
