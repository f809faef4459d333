"""A full pass over a store or a feature file: what is in it that training cannot use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genrescope.data.opened import open_source
from genrescope.data.store.reader import wrong_checksums
from genrescope.data.table import FeatureTable, Matrix


@dataclass(frozen=True)
class CheckReport:
    """What a check found.

    Attributes:
        feature_set: name of the set.
        rows: rows seen.
        dims: values in one vector.
        not_finite: values that are missing, NaN or infinite.
        constant: names of the columns with one value in all rows: harmless, but of no use.
        duplicates: rows whose id had come before.
        damaged: files of a store whose contents have changed since they were written.
    """

    feature_set: str
    rows: int
    dims: int
    not_finite: int
    constant: tuple[str, ...]
    duplicates: int
    damaged: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong (constant columns are not)."""
        return not (self.not_finite or self.duplicates or self.damaged)


def check(path: str | Path) -> CheckReport:
    """What is wrong with a store or a feature file, all of which is read.

    Raises:
        DataError: it cannot be read; names the place.
    """
    source, columns = open_source(path)
    if isinstance(source, FeatureTable):
        batches = (
            (source.ids[at : at + len(rows)].tolist(), rows) for at, rows in source.batches()
        )
        return _pass(source.feature_set, columns, batches, tuple(wrong_checksums(Path(path))))
    chunks = ((chunk.ids, chunk.vectors) for chunk in source.chunks(missing="nan"))
    return _pass(source.feature_set, columns, chunks)


def _pass(
    feature_set: str,
    columns: Sequence[str],
    chunks: Iterable[tuple[list[str], Matrix]],
    damaged: tuple[str, ...] = (),
) -> CheckReport:
    low = np.full(len(columns), np.inf, np.float32)
    high = -low
    rows = not_finite = 0
    seen: set[str] = set()
    for ids, vectors in chunks:
        rows += len(vectors)
        seen.update(ids)
        not_finite += vectors.size - int(np.count_nonzero(np.isfinite(vectors)))
        low = np.fmin(low, np.fmin.reduce(vectors, axis=0, initial=np.inf))
        high = np.fmax(high, np.fmax.reduce(vectors, axis=0, initial=-np.inf))
    constant = tuple(name for name, same in zip(columns, low >= high, strict=True) if same)
    return CheckReport(
        feature_set, rows, len(columns), not_finite, constant, rows - len(seen), damaged
    )
