"""Finding ids among ids: a million in a moment, by 64-bit keys instead of strings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import Positions, Strings

_MULTIPLIERS = np.random.default_rng(0).integers(2**64, size=256, dtype=np.uint64) | 1


class IdIndex:
    """Where each id of an array stands.

    An id is looked up by a 64-bit key and then compared letter by letter, so what is found is
    right. Should two different ids share a key (one chance in thirty million for a million ids),
    the later one is not found.

    Attributes:
        ids: (n,) the ids, which may repeat.
        keys: (m,) ascending keys of the different ids.
        rows: (m,) the first position of the id of each key.
    """

    def __init__(self, ids: Strings) -> None:
        self.ids = ids
        self.keys, rows = np.unique(_keys(ids), return_index=True)
        self.rows: Positions = rows.astype(np.int64)

    def find(self, wanted: Strings) -> Positions:
        """The first position of every id in `wanted`, (len(wanted),); -1 where it is not there."""
        if not len(self.keys):
            return np.full(len(wanted), -1, dtype=np.int64)
        nearest = np.searchsorted(self.keys, _keys(wanted))
        rows = self.rows[np.minimum(nearest, len(self.keys) - 1)]
        return np.where(self.ids[rows] == wanted, rows, -1)

    def firsts(self) -> Positions:
        """Ascending positions at which an id stands for the first time."""
        return np.sort(self.rows)

    def name(self, key: np.uint64) -> str | None:
        """The id of a key, None where no id has it."""
        place = int(np.searchsorted(self.keys, key))
        known = place < len(self.keys) and self.keys[place] == key
        return str(self.ids[self.rows[place]]) if known else None


def distinct_keys(indexes: Sequence[IdIndex]) -> NDArray[np.uint64]:
    """(m,) ascending keys of all ids that stand in any of the indexes."""
    keys: NDArray[np.uint64] = np.sort(np.concatenate([index.keys for index in indexes]))
    distinct: NDArray[np.uint64] = keys[np.append(True, keys[1:] != keys[:-1])]
    return distinct


def locate(wanted: Strings, among: Strings) -> Positions:
    """The first position in `among` of every id in `wanted`; -1 where it is not there."""
    return IdIndex(among).find(wanted)


def _keys(ids: Strings) -> NDArray[np.uint64]:
    """(n,) a key for each id: the sum of its code points, each times the odd number of its place.

    Trailing zeros, with which NumPy pads strings to one width, add nothing to it.
    """
    width = ids.dtype.itemsize // 4
    letters = np.ascontiguousarray(ids).view(np.uint32).reshape(len(ids), width)
    multipliers = np.resize(_MULTIPLIERS, width)
    # `unsafe` lets einsum widen the letters as it goes, in small pieces instead of a copy.
    keys: NDArray[np.uint64] = np.einsum(
        "ij,j->i", letters, multipliers, dtype=np.uint64, casting="unsafe"
    )
    return keys
