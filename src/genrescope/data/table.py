"""`FeatureTable`: vectors of one feature set with their ids, labels and groups."""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import DataError

Strings = NDArray[np.str_]
Matrix = NDArray[np.float32]
Positions = NDArray[np.int64]


@dataclass(frozen=True)
class FeatureTable:
    """Vectors of one feature set; the matrix may be a memory map far larger than memory.

    A table is a view: `take` selects and reorders rows without reading them, `read` and `batches`
    read values.

    Attributes:
        feature_set: name of the set, a key of `KNOWN_SETS` where it is one of these.
        ids: (rows,) unique names of the songs or tracks.
        source: (source rows, dims) float32, an array or a memory map.
        rows: (rows,) the position in `source` of each row of this table; None means all, in order.
        labels: (rows,) canonical genre, "" where unlabelled; None where no labels are known.
        groups: (rows,) artist (or other) group that a split must not divide, "" where unknown.
        provenance: where the values come from, JSON values only.
    """

    feature_set: str
    ids: Strings
    source: Matrix
    rows: Positions | None = None
    labels: Strings | None = None
    groups: Strings | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        expected = len(self.source) if self.rows is None else len(self.rows)
        for name in ("ids", "labels", "groups"):
            column = getattr(self, name)
            if column is not None and len(column) != expected:
                raise DataError(
                    f"table of '{self.feature_set}' has {expected} rows but {len(column)} {name}"
                )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def dims(self) -> int:
        """Values in one vector."""
        return int(self.source.shape[1])

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of ids, labels, groups and values; all of them are read, once."""
        found = hashlib.sha256()
        for column in (self.ids, self.labels, self.groups):
            found.update(b"" if column is None else column.tobytes())
        for _, vectors in self.batches():
            found.update(vectors.tobytes())
        return found.digest()

    def read(self, positions: Positions | slice | None = None) -> Matrix:
        """The vectors at `positions` of this table (all by default), (n, dims), a fresh array."""
        chosen = slice(None) if positions is None else positions
        if self.rows is None:
            if isinstance(chosen, slice):
                return np.array(self.source[chosen], dtype=np.float32)
            return _gather(self.source, chosen)
        return _gather(self.source, self.rows[chosen])

    def batches(self, size: int = 8192) -> Iterator[tuple[int, Matrix]]:
        """(start, vectors) for consecutive runs of at most `size` rows."""
        for start in range(0, len(self), size):
            yield start, self.read(slice(start, min(start + size, len(self))))
            self.release()

    def release(self) -> None:
        """Give back the memory of what has been read of a memory map, which stays on disk."""
        mapped = self.source.base
        if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)

    def take(self, positions: Positions) -> FeatureTable:
        """The table of the rows at `positions`, in that order, without reading their values."""
        positions = np.asarray(positions, dtype=np.int64)
        return replace(
            self,
            ids=self.ids[positions],
            rows=positions if self.rows is None else self.rows[positions],
            labels=None if self.labels is None else self.labels[positions],
            groups=None if self.groups is None else self.groups[positions],
        )

    def require_labels(self) -> Strings:
        """(rows,) the label of each row.

        Raises:
            DataError: the table has none.
        """
        if self.labels is None:
            raise DataError(f"table of '{self.feature_set}' has no labels")
        return self.labels

    def labelled(self) -> FeatureTable:
        """The rows that have a label.

        Raises:
            DataError: no row has one.
        """
        known = self.require_labels() != ""
        if not known.any():
            raise DataError(f"table of '{self.feature_set}' has no labels")
        return self if bool(known.all()) else self.take(np.flatnonzero(known))


def _gather(source: Matrix, rows: Positions) -> Matrix:
    """`source[rows]`, read in file order so that a memory map is read forwards."""
    if len(rows) < 2 or bool((np.diff(rows) > 0).all()):
        return np.asarray(source[rows], dtype=np.float32)
    order = np.argsort(rows, kind="stable")
    result = np.empty((len(rows), source.shape[1]), dtype=np.float32)
    result[order] = source[rows[order]]
    return result
