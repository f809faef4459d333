"""Near duplicates: songs whose vectors are far closer than is usual where they lie.

Vectors are standardised by median and quartiles and looked at along their leading principal
directions. A pair is a near duplicate where around both songs a multiple of their distance holds
next to no other song. The multiple is such that less than one song would pass by chance in a table
of this size and intrinsic dimension (Levina, Bickel, "Maximum likelihood estimation of intrinsic
dimension", NIPS 2004).

Small tables are searched pair by pair. In large ones only songs that fall into one leaf of a random
projection tree are compared, for several trees (Dasgupta, Freund, "Random projection trees and low
dimensional manifolds", STOC 2008): a pair at the limit can then be missed, a closer one hardly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.data.audit.scale import reduce
from genrescope.data.table import FeatureTable, Matrix, Positions

_NEIGHBOURS = 10  # so many must not lie in the shell around a pair
_MOST = 0.25  # of the distance at which others begin: nearer than songs of one album are
_ALL_PAIRS = 20_000  # rows up to which every pair is compared
_TREES = 12
_LEAF = 64
_BUDGET = 5_000_000_000  # distances computed to look around pairs
_CELLS = 1 << 24  # distances held at once


@dataclass(frozen=True)
class NearDuplicates:
    """What a search found and how it was made.

    Attributes:
        pairs: (n, 2) positions in the table, nearest first, ascending in each pair.
        distances: (n,) of each pair, in units of the usual distance of a song to its nearest.
        searched: distinct rows with finite values, among which was searched.
        directions: principal directions looked at.
        dimension: intrinsic dimension of the table; nan where too few rows were there.
        limit: largest distance of a pair as a share of that of its surroundings.
        exhaustive: whether every pair was compared.
        unchecked: candidates, the farthest, that were left aside because there were too many.
    """

    pairs: Positions
    distances: NDArray[np.float64]
    searched: int
    directions: int
    dimension: float
    limit: float
    exhaustive: bool
    unchecked: int


def near_duplicates(table: FeatureTable, rows: Positions, *, seed: int = 0) -> NearDuplicates:
    """Search `rows` of a table, whose vectors must all be different, for near duplicates.

    Args:
        table: the vectors; a memory map is read in blocks, `directions` values a row are kept.
        rows: positions; leave out all but one of equal vectors, which would hide others.
        seed: of the trees and of the sample that shows what is usual.
    """
    kept, points = reduce(table, rows)
    rng = np.random.default_rng(seed)
    if len(points) <= _NEIGHBOURS or not points.shape[1]:
        return _nothing(len(points), points.shape[1])
    usual, dimension = _usual(points, rng)
    limit = min(_MOST, (1 / (_NEIGHBOURS * len(points))) ** (1 / dimension))
    exhaustive = len(points) <= _ALL_PAIRS
    radius = 2 * limit * usual
    pairs = _all_pairs(points, radius) if exhaustive else _tree_pairs(points, radius, limit, rng)
    pairs, distances = _nearest_first(points, pairs)
    most = max(1_000, _BUDGET // len(points))
    alone = _alone(points, pairs[:most], distances[:most], limit)
    return NearDuplicates(
        np.sort(kept[pairs[:most][alone]], axis=1),
        distances[:most][alone] / usual,
        len(points),
        points.shape[1],
        dimension,
        limit,
        exhaustive,
        max(0, len(pairs) - most),
    )


def _nothing(rows: int, directions: int) -> NearDuplicates:
    """Too few rows, or no value that differs between them, to measure what is usual."""
    none = np.empty((0, 2), dtype=np.int64)
    return NearDuplicates(none, np.empty(0), rows, directions, np.nan, 0.0, True, 0)


def _squared(points: Matrix, others: Matrix) -> Matrix:
    """(..., n, m) squared distances, up to rounding."""
    own, theirs = (points * points).sum(axis=-1), (others * others).sum(axis=-1)
    product = points @ np.swapaxes(others, -1, -2)
    product *= -2
    product += own[..., :, None]
    product += theirs[..., None, :]
    return product


def _usual(points: Matrix, rng: np.random.Generator) -> tuple[float, float]:
    """Median distance to the nearest neighbour, and the intrinsic dimension; from a sample."""
    some = min(len(points), int(np.clip(2e8 / len(points), 100, 1000)))
    sample = np.sort(rng.choice(len(points), some, replace=False))
    nearest = np.empty((some, _NEIGHBOURS + 1))
    step = max(1, _CELLS // len(points))
    for start in range(0, some, step):
        block = _squared(points[sample[start : start + step]], points)
        block[np.arange(len(block)), sample[start : start + step]] = np.inf
        few = min(_NEIGHBOURS + 1, len(points) - 1)
        found = np.sort(np.partition(block, few - 1, axis=1)[:, :few], axis=1)
        nearest[start : start + step] = np.sqrt(np.maximum(found[:, -1:], 1e-12))
        nearest[start : start + step, :few] = np.sqrt(np.maximum(found, 1e-12))
    spread = float(np.log(nearest[:, -1:] / nearest[:, :-1]).mean())
    return float(np.median(nearest[:, 0])), 1 / max(spread, 1e-3)


def _all_pairs(points: Matrix, radius: float) -> Positions:
    """(n, 2) every pair within `radius`."""
    found = []
    step = max(1, _CELLS // len(points))
    for start in range(0, len(points), step):
        near = _squared(points[start : start + step], points[start:]) <= radius**2
        found.append(np.argwhere(np.triu(near, 1)) + start)
    return np.concatenate(found)


def _tree_pairs(points: Matrix, radius: float, limit: float, rng: np.random.Generator) -> Positions:
    """(n, 2) pairs within `radius` that share a leaf of a tree and are alone in it."""
    keys = [_keys_of_tree(points, radius, limit, rng) for _ in range(_TREES)]
    both = np.unique(np.concatenate(keys))
    return np.column_stack(np.divmod(both, len(points)))


def _keys_of_tree(
    points: Matrix, radius: float, limit: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Pairs of one tree, each as `first * rows + second`."""
    keys = []
    leaves = _leaves(points, rng)
    step = max(1, _CELLS // leaves.shape[1] ** 2)
    for start in range(0, len(leaves), step):
        members = leaves[start : start + step]
        squared = _squared(points[members], points[members])
        squared[np.broadcast_to((members < 0)[:, None, :], squared.shape)] = np.inf
        leaf, one, two = np.nonzero(np.triu(squared <= radius**2, 1))
        own = squared[leaf, one, two]
        alone = _shell(squared[leaf, one], own, limit) & _shell(squared[leaf, two], own, limit)
        ends = np.sort(np.column_stack([members[leaf, one], members[leaf, two]])[alone], axis=1)
        ends = ends[ends[:, 0] >= 0]
        keys.append(ends[:, 0] * len(points) + ends[:, 1])
    return np.concatenate(keys)


def _leaves(points: Matrix, rng: np.random.Generator) -> Positions:
    """(leaves, size) rows that lie together, -1 where a leaf is not full.

    All cells of one level are halved along one random direction, each at its median.
    """
    depth = max(0, int(np.ceil(np.log2(len(points) / _LEAF))))
    size = -(-len(points) // 2**depth)
    order = np.full(size * 2**depth, -1, dtype=np.int64)
    order[: len(points)] = np.arange(len(points))
    cells = order[None]
    for _ in range(depth):
        direction = rng.standard_normal(points.shape[1], dtype=np.float32)
        heights = np.append(points @ direction, np.float32(np.inf))[cells]
        half = cells.shape[1] // 2
        halves = np.argpartition(heights, half, axis=1)
        cells = np.take_along_axis(cells, halves, axis=1).reshape(-1, half)
    return cells


def _nearest_first(points: Matrix, pairs: Positions) -> tuple[Positions, NDArray[np.float64]]:
    """The pairs in order of their distances, and these, exactly."""
    distances = np.empty(len(pairs))
    for start in range(0, len(pairs), _LEAF**2):
        block = pairs[start : start + _LEAF**2]
        difference = (points[block[:, 0]] - points[block[:, 1]]).astype(np.float64)
        distances[start : start + _LEAF**2] = np.sqrt((difference**2).sum(axis=1))
    order = np.argsort(distances, kind="stable")
    return pairs[order], distances[order]


def _shell(squared: Matrix, own: NDArray[Any], limit: float) -> NDArray[np.bool_]:
    """Whether few rows lie beyond twice a pair's distance and within it divided by `limit`.

    (Up to twice that distance there may be more copies of the same song.)

    Args:
        squared: (n, others) squared distances from one song of each pair.
        own: (n,) squared distance of the pair.
        limit: see `NearDuplicates`.
    """
    inside = (squared <= (own / limit**2)[:, None]).sum(axis=1)
    return np.asarray(inside - (squared <= 4 * own[:, None]).sum(axis=1) < _NEIGHBOURS)


def _alone(
    points: Matrix, pairs: Positions, distances: NDArray[np.float64], limit: float
) -> NDArray[np.bool_]:
    """(pairs,) whether both songs of a pair have next to nobody else around them."""
    alone = np.ones(len(pairs), dtype=bool)
    for chosen, side in _blocks(pairs, len(points)):
        squared = _squared(points[pairs[chosen, side]], points)
        alone[chosen] &= _shell(squared, np.square(distances[chosen]), limit)
    return alone


def _blocks(pairs: Positions, rows: int) -> Iterator[tuple[slice, int]]:
    step = max(1, _CELLS // rows)
    for start in range(0, len(pairs), step):
        for side in (0, 1):
            yield slice(start, start + step), side
