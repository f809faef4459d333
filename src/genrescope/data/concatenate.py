"""Feature sets of the same songs side by side: one long vector a song."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from genrescope.data.table import FeatureTable, Matrix
from genrescope.errors import DataError

SIGN = "+"  # between the names of sets that are joined


@dataclass(frozen=True)
class _ConcatenatedMatrix:
    """Reads like one matrix; nothing is copied before it is read."""

    tables: tuple[FeatureTable, ...]
    base: None = None

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.tables[0]), sum(table.dims for table in self.tables)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Matrix:
        found = np.hstack([table.read(rows) for table in self.tables])
        for table in self.tables:
            table.release()
        return found


def concatenate_features(tables: Sequence[FeatureTable]) -> FeatureTable:
    """Tables of the same songs in the same order as one, its set called `a+b`.

    Labels and groups are those of the first table. Values stay where they are until read.

    Raises:
        DataError: no table, or tables of other songs or in another order.
    """
    if not tables:
        raise DataError("no feature sets to join")
    first = tables[0]
    for table in tables[1:]:
        if not np.array_equal(table.ids, first.ids):
            raise DataError(
                f"'{table.feature_set}' and '{first.feature_set}' hold other songs, or in another "
                "order"
            )
    return FeatureTable(
        SIGN.join(table.feature_set for table in tables),
        first.ids,
        cast("Matrix", _ConcatenatedMatrix(tuple(tables))),
        labels=first.labels,
        groups=first.groups,
        provenance={"joined": [dict(table.provenance) for table in tables]},
    )


def single_sets(names: Sequence[str]) -> list[str]:
    """The sets that names such as `rh` and `rh+ssd` are made of, each once."""
    return list(dict.fromkeys(part for name in names for part in name.split(SIGN)))


def named_tables(names: Sequence[str], tables: Sequence[FeatureTable]) -> list[FeatureTable]:
    """A table for each of `names`, joined where one names several sets.

    Args:
        names: such as `rh`, `ssd` and `rh+ssd`.
        tables: those of `single_sets(names)`, in that order.
    """
    by_name = dict(zip(single_sets(names), tables, strict=True))
    return [
        concatenate_features([by_name[part] for part in name.split(SIGN)])
        if SIGN in name
        else by_name[name]
        for name in dict.fromkeys(names)
    ]
