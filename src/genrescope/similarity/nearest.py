"""Songs alike: exact search by the cosine of standardised embeddings.

Standardised embeddings have their origin at the average song, so the cosine compares in which
ways two songs differ from it, not how far. Under the Euclidean distance songs near the average are
near to all, and songs far from it are found from nowhere (hubs and orphans: Radovanović,
Nanopoulos, Ivanović, JMLR 11, 2010; Schnitzer, Flexer, Schedl, Widmer, JMLR 13, 2012).
`benchmarks/similar.py` counts both, and takes the time of a search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.errors import DataError

SAME_SOUND = 1 - 1e-5
"""Similarity from which two songs hold the same samples: rounding to half precision is all that
sets them apart."""

_BLOCK = 1 << 12  # rows at a time: of 64 float32 values, 1 MB, which stay in the cache
_ROWS = 1 << 10  # rows compared with a block at a time: 16 MB of similarities


@dataclass(frozen=True, eq=False)
class SongIndex:
    """Embeddings of n songs, ready to be searched.

    Attributes:
        ids: (n) names, paths or keys.
        units: (n, e) float16 or float32, each row of length 1, or all 0 where a song is just the
            average one; may be memory-mapped.
    """

    ids: Sequence[Any]
    units: NDArray[np.floating[Any]]

    @classmethod
    def build(cls, ids: Sequence[Any], embedding: ArrayLike, dtype: type = np.float32) -> Self:
        """An index of standardised embeddings.

        Args:
            ids: (n).
            embedding: (n, e), finite.
            dtype: of the index; float16 halves the memory.

        Raises:
            DataError: they do not fit each other, or a value is not finite.
        """
        rows = np.asarray(embedding)
        if rows.ndim != 2 or len(rows) != len(ids):
            raise DataError(f"embeddings of shape {rows.shape} for {len(ids)} songs")
        units: NDArray[np.floating[Any]] = np.empty(rows.shape, dtype)
        for start in range(0, len(rows), _BLOCK):
            units[start : start + _BLOCK] = _units(rows[start : start + _BLOCK])
        return cls(ids, units)

    def __len__(self) -> int:
        return len(self.units)


def nearest(
    index: SongIndex, query: ArrayLike, count: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The songs most similar to `query`, every song compared.

    Args:
        index: of n songs.
        query: (e,) standardised embedding.
        count: how many are wanted.

    Returns:
        (k,) positions in the index, most similar first, and (k,) similarities, -1 to 1; k is the
        lesser of `count` and n. Of equally similar songs the first in the index comes first.

    Raises:
        DataError: the query is of another model, or not finite.
    """
    similarity = similarities(index, query)
    count = min(max(count, 0), len(similarity))
    if count == 0:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    least = np.partition(similarity, len(similarity) - count)[len(similarity) - count]
    found = np.flatnonzero(similarity >= least)
    found = found[np.argsort(-similarity[found], kind="stable")][:count]
    return found, similarity[found]


def similarities(index: SongIndex, query: ArrayLike) -> NDArray[np.float32]:
    """(n,) cosine of every song with `query`, -1 to 1; see `nearest`."""
    values = np.asarray(query, dtype=np.float32)
    if values.shape != index.units.shape[1:]:
        raise DataError(
            f"a song of {values.shape} values among songs of {index.units.shape[1:]}",
            remedy="compare songs by one model",
        )
    unit = _units(values[None])[0]
    found = np.empty(len(index), np.float32)
    for start in range(0, len(index), _BLOCK):
        block = index.units[start : start + _BLOCK].astype(np.float32, copy=False)
        # Not `@`: BLAS splits even this among threads, which wait for each other on a busy machine.
        np.einsum("ij,j->i", block, unit, out=found[start : start + _BLOCK])
    np.clip(found, -1, 1, out=found)
    return found


def alike(index: SongIndex, least: float) -> NDArray[np.int64]:
    """(pairs, 2) positions of songs with at least this similarity, each pair once, ascending.

    Every song is compared with every other.
    """
    units = index.units.astype(np.float32, copy=False)
    found = [np.empty((0, 2), np.int64)]
    for start in range(0, len(units), _ROWS):
        rows = units[start : start + _ROWS]
        for other in range(start, len(units), _BLOCK):
            pairs = np.argwhere(rows @ units[other : other + _BLOCK].T >= least)
            pairs += (start, other)
            found.append(pairs[pairs[:, 0] < pairs[:, 1]])
    return np.concatenate(found)


def _units(rows: NDArray[Any]) -> NDArray[np.float32]:
    """(n, e) rows brought to length 1; rows of zeros stay."""
    rows = rows.astype(np.float32)
    if not np.isfinite(rows).all():
        raise DataError("an embedding holds values that are not finite")
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    units = np.zeros_like(rows)
    np.divide(rows, lengths, out=units, where=lengths > 0)
    return units
