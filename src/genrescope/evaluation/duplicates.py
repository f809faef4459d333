"""Songs that are there twice: equal vectors, copied genres, and what a split does to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable, Positions, Strings
from genrescope.evaluation.guard import row_hashes, same_bytes

_GENRE = 5  # songs below which a genre is not called a copy of another, its songs are


def equal_pairs(table: FeatureTable, *, hashes: NDArray[np.uint64] | None = None) -> Positions:
    """(n, 2) each row whose vector is, byte by byte, that of an earlier row, after the earliest.

    Args:
        table: the vectors; a memory map is read in blocks.
        hashes: `row_hashes(table)`, where it is there already.
    """
    hashes = row_hashes(table) if hashes is None else hashes
    _, first, place = np.unique(hashes, return_index=True, return_inverse=True)
    later = np.flatnonzero(first[place] != np.arange(len(hashes)))
    pairs = np.column_stack([first[place[later]], later]).astype(np.int64)
    return pairs[same_bytes(table, pairs)]


def copied_genres(labels: Strings, hashes: NDArray[np.uint64]) -> list[tuple[str, str]]:
    """Pairs of genres, in alphabetical order, that hold the same vectors row by row.

    Args:
        labels: (rows,) genre of each, "" where unknown.
        hashes: (rows,) equal for equal vectors.
    """
    seen: dict[bytes, str] = {}
    pairs = []
    for genre in np.unique(labels[labels != ""]).tolist():
        rows = hashes[labels == genre]
        if len(rows) >= _GENRE and (other := seen.setdefault(rows.tobytes(), genre)) != genre:
            pairs.append((other, genre))
    return pairs


@dataclass(frozen=True)
class DuplicatePair:
    """Two songs that are one, or nearly, in some feature sets.

    Attributes:
        first, second: rows, ascending.
        equal: feature sets in which their vectors are equal.
        near: feature set to their distance there, in units of the usual one to the nearest song.
    """

    first: int
    second: int
    equal: tuple[str, ...]
    near: dict[str, float]

    @property
    def sets(self) -> int:
        """In how many feature sets they are alike."""
        return len(self.equal) + len(self.near)


def merge_duplicates(
    equal: Iterable[tuple[str, Positions]],
    near: Iterable[tuple[str, Positions, NDArray[np.float64]]],
) -> list[DuplicatePair]:
    """One `DuplicatePair` a pair of rows, equal ones first, then by the number of sets that agree.

    Args:
        equal: feature set and (n, 2) pairs.
        near: feature set, (n, 2) pairs and their (n,) distances.
    """
    found: dict[tuple[int, int], DuplicatePair] = {}

    def at(one: int, two: int) -> DuplicatePair:
        return found.setdefault((one, two), DuplicatePair(one, two, (), {}))

    for name, pairs in equal:
        for one, two in pairs.tolist():
            found[one, two] = DuplicatePair(one, two, (*at(one, two).equal, name), {})
    for name, pairs, distances in near:
        for (one, two), distance in zip(pairs.tolist(), distances.tolist(), strict=True):
            at(one, two).near[name] = distance
    nearest = {pair: min(copy.near.values(), default=0.0) for pair, copy in found.items()}
    order = sorted(
        found, key=lambda pair: (-len(found[pair].equal), -found[pair].sets, nearest[pair])
    )
    return [found[pair] for pair in order]


def copy_groups(rows: int, pairs: Positions, groups: Strings | None = None) -> Strings:
    """(rows,) one name for all rows that copies or known groups connect, "" for single rows.

    Args:
        rows: how many.
        pairs: (n, 2) copies.
        groups: (rows,) known groups such as artists, "" where unknown.
    """
    links = [tuple(pair) for pair in pairs.tolist()]
    if groups is not None:
        known = np.flatnonzero(groups != "")
        _, first, place = np.unique(groups[known], return_index=True, return_inverse=True)
        links += zip(known[first[place]].tolist(), known.tolist(), strict=True)
    parent = list(range(rows))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = row = parent[parent[row]]
        return row

    for one, two in links:
        parent[root(two)] = root(one)
    linked = {row for link in links for row in link}
    return np.array([str(root(row)) if row in linked else "" for row in range(rows)])


def leaked_by_group(groups: Strings, split: Split) -> Positions:
    """Tested rows of whose group (artist) a row is trained on, in the order of `split.test`."""
    trained = np.unique(groups[split.train])
    known = groups[split.test] != ""
    tested: Positions = split.test[known & np.isin(groups[split.test], trained)]
    return tested
