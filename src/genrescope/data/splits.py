"""Splits of a table into training and test rows: stratified, and never through a group.

A group is what a split must not divide: an artist with songs on both sides, which a model would
recognise rather than the genre (Flexer, Schnitzer, "Effects of album and artist filters in audio
similarity computed for very large music databases", Computer Music Journal 34(3), 2010).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import Positions, Strings
from genrescope.errors import DataError, UsageError

_Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """Rows to train on and rows to test on.

    Attributes:
        name: such as `repeat 1 fold 3`; unique within a protocol.
        train: (n,) int64 positions into a table.
        test: (m,) int64 positions into the same table, none of them in `train`.

    Raises:
        DataError: a part is empty, holds a position twice, or shares one with the other part.
    """

    name: str
    train: Positions
    test: Positions

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            positions = np.asarray(getattr(self, part), dtype=np.int64)
            if positions.size == 0:
                raise DataError(f"split '{self.name}' has no {part} rows")
            if _repeats(positions):
                raise DataError(f"split '{self.name}' has a row twice in its {part} part")
            object.__setattr__(self, part, positions)
        if both := _repeats(np.concatenate([self.train, self.test])):
            raise DataError(f"split '{self.name}' has {both} rows in both of its parts")


def _repeats(positions: Positions) -> int:
    """How many positions are there again (sorting, which here is faster than np.unique)."""
    return int((np.diff(np.sort(positions)) == 0).sum())


def stratified_kfold(
    labels: Strings,
    folds: int,
    *,
    repeats: int = 1,
    seed: int = 0,
    groups: Strings | None = None,
) -> list[Split]:
    """Every row is tested once per repeat; each fold has nearly the same share of every genre.

    Groups are assigned whole, largest first, each to the fold with the smallest share of its
    genres; single rows then level the folds. Without groups no two folds differ by more than one
    row of a genre, and every genre is in every training part. A genre with fewer rows (or groups)
    than folds is missing from some test parts.

    Args:
        labels: (rows,) genre of each row.
        folds: parts to make, at least 2.
        repeats: how often to assign again.
        seed: the same seed gives the same splits.
        groups: (rows,) what must not be divided; "" is a row on its own.

    Raises:
        UsageError: fewer than two folds, or no repeat.
        DataError: a row has no label, a genre has fewer than two rows (or groups), or there are
            fewer rows (or groups) than folds.
    """
    if folds < 2 or repeats < 1:
        raise UsageError(f"{folds} folds, {repeats} repeats", remedy="2 folds and 1 repeat or more")
    units = _Units.of(labels, groups)
    units.require(2, f"{folds}-fold cross-validation")
    splits = []
    for repeat in range(repeats):
        fold_of_row = _assign_folds(units, folds, np.random.default_rng((seed, repeat)))
        if (filled := len(np.unique(fold_of_row))) < folds:
            remedy = f"take {filled} folds at most, or add songs"
            raise DataError(f"{folds} folds, of which {folds - filled} are empty", remedy=remedy)
        for fold in range(folds):
            name = f"fold {fold + 1}" if repeats == 1 else f"repeat {repeat + 1} fold {fold + 1}"
            test = fold_of_row == fold
            splits.append(Split(name, np.flatnonzero(~test), np.flatnonzero(test)))
    return splits


def train_validation_split(
    labels: Strings, groups: Strings | None, *, fraction: float = 0.15, seed: int = 0
) -> tuple[Positions, Positions]:
    """Set part of the training rows aside for early stopping and model selection.

    Stratified by genre; a known group lies wholly on one side. A genre with at least two rows (or
    groups) keeps a row to fit on and, unless a group that it shares prevents it, one to validate.

    Args:
        labels: (rows,) genre of each training row.
        groups: (rows,) what must not be divided, "" is a row on its own; None means no groups.
        fraction: share of each genre to set aside, between 0 and 1.
        seed: the same seed gives the same parts.

    Returns:
        (fit, validation): ascending positions into the given arrays.

    Raises:
        UsageError: `fraction` is not between 0 and 1.
        DataError: a row has no label, or no row can be set aside.
    """
    if not 0 < fraction < 1:
        raise UsageError(f"validation fraction {fraction}", remedy="a share between 0 and 1")
    units = _Units.of(labels, groups)
    aside = _set_aside(units, fraction, np.random.default_rng(seed))
    if not aside.any():
        raise DataError("too few rows of each genre to set a validation part aside")
    return np.flatnonzero(~aside), np.flatnonzero(aside)


def can_split(labels: Strings, groups: Strings | None) -> NDArray[np.bool_]:
    """(rows,) whether the row's genre has two rows or groups, so that a split can divide it.

    Args:
        labels: (rows,) genre of each row.
        groups: (rows,) what must not be divided, "" is a row on its own; None means no groups.

    Raises:
        DataError: a row has no label.
    """
    units = _Units.of(labels, groups)
    return np.asarray(units.available > 1)[units.genre]


@dataclass(frozen=True)
class _Units:
    """What is assigned to folds: whole groups, and single rows.

    Attributes:
        names: (genres,) the genres that occur.
        genre: (rows,) index into `names`.
        group: (rows,) index of the row's group, -1 for a single row.
        counts: (groups, genres) rows of each genre in each group.
    """

    names: Strings
    genre: _Counts
    group: _Counts
    counts: _Counts

    @classmethod
    def of(cls, labels: Strings, groups: Strings | None) -> _Units:
        labels = np.asarray(labels, dtype=np.str_)
        if bare := int((labels == "").sum()):
            raise DataError(f"{bare} rows to split have no label", remedy="use table.labelled()")
        names, genre = np.unique(labels, return_inverse=True)
        group = np.full(len(labels), -1, dtype=np.int64)
        if groups is not None:
            known = np.asarray(groups, dtype=np.str_) != ""
            group[known] = np.unique(groups[known], return_inverse=True)[1]
        counts = np.zeros((int(group.max(initial=-1)) + 1, len(names)), dtype=np.int64)
        np.add.at(counts, (group[group >= 0], genre[group >= 0]), 1)
        return cls(names, genre.astype(np.int64), group, counts)

    @property
    def totals(self) -> _Counts:
        """(genres,) rows of each genre."""
        return np.bincount(self.genre, minlength=len(self.names))

    @property
    def single(self) -> _Counts:
        """(genres,) rows of each genre that belong to no group."""
        return np.bincount(self.genre[self.group < 0], minlength=len(self.names))

    @property
    def available(self) -> _Counts:
        """(genres,) single rows and groups of each genre."""
        return np.asarray(self.single + (self.counts > 0).sum(axis=0))

    def require(self, least: int, purpose: str) -> None:
        """Raise DataError unless every genre has `least` single rows and groups together."""
        available = self.available
        if (short := available < least).any():
            listed = ", ".join(f"{self.names[i]} ({available[i]})" for i in np.flatnonzero(short))
            raise DataError(
                f"{purpose} needs {least} songs or artists of every genre; too few of {listed}",
                remedy="leave these genres out or add songs",
            )

    def singles_of(self, genre: int) -> Positions:
        """Rows of `genre` that belong to no group."""
        return np.flatnonzero((self.genre == genre) & (self.group < 0))


def _assign_folds(units: _Units, folds: int, rng: np.random.Generator) -> _Counts:
    """(rows,) the fold of each row."""
    held = np.zeros((folds, len(units.names)), dtype=np.int64)
    fold_of_group = np.zeros(len(units.counts), dtype=np.int64)
    weight = 1.0 / units.totals.astype(np.float64) ** 2
    order = rng.permutation(len(units.counts))
    for group in order[np.argsort(-units.counts[order].sum(axis=1), kind="stable")]:
        # Growth of the sum of squared genre shares; the smallest keeps folds level.
        growth = held @ (units.counts[group] * weight)
        fold = int(np.lexsort((held.sum(axis=1), growth))[0])
        held[fold] += units.counts[group]
        fold_of_group[group] = fold
    fold_of_row = np.where(units.group < 0, -1, np.append(fold_of_group, -1)[units.group])
    for genre in range(len(units.names)):
        rows = rng.permutation(units.singles_of(genre))
        share = _level(held[:, genre], held.sum(axis=1), len(rows))
        fold_of_row[rows] = np.repeat(np.arange(folds), share)
        held[:, genre] += share
    return fold_of_row


def _level(held: _Counts, overall: _Counts, rows: int) -> _Counts:
    """(folds,) how many of `rows` rows each fold gets: those that hold fewest are filled first."""
    levels = range(int(held.max()) + rows + 2)
    level = bisect_right(levels, rows, key=lambda at: np.clip(at - held, 0, None).sum()) - 1
    share = np.clip(level - held, 0, None)
    open_folds = np.flatnonzero(held <= level)
    shortest = open_folds[np.argsort(overall[open_folds], kind="stable")]
    share[shortest[: rows - share.sum()]] += 1
    return share


def _set_aside(units: _Units, fraction: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(rows,) whether a row is set aside."""
    totals, single = units.totals, units.single
    want = np.clip(np.round(fraction * totals).astype(np.int64), 1, None)
    chosen, taken = _groups_aside(units, fraction * (totals - single), want, rng)
    aside = np.append(chosen, False)[units.group]
    for genre in range(len(units.names)):
        room = min(want[genre], totals[genre] - 1) - taken[genre]
        aside[rng.permutation(units.singles_of(genre))[: max(room, 0)]] = True
    return aside


def _groups_aside(
    units: _Units, share: NDArray[np.floating], want: _Counts, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], _Counts]:
    """(groups,) which groups are set aside, and (genres,) the rows they hold.

    Args:
        units: the groups.
        share: (genres,) rows that the groups should yield.
        want: (genres,) rows wanted of each genre in all, at least 1.
        rng: draws the order in which groups are tried.
    """
    chosen = np.zeros(len(units.counts), dtype=np.bool_)
    left, taken = units.totals.copy(), np.zeros_like(units.totals)

    def take(group: np.int64) -> None:
        chosen[group] = True
        taken[:] += units.counts[group]
        left[:] -= units.counts[group]

    def spares(group: np.int64) -> bool:
        """Whether every genre of the group keeps a row to fit on."""
        return bool((left > units.counts[group])[units.counts[group] > 0].all())

    order = rng.permutation(len(units.counts))
    for group in order:
        counts = units.counts[group]
        nearer = (counts * (counts - 2 * (share - taken)) / want**2).sum() < 0
        if nearer and spares(group):
            take(group)
    for genre in np.flatnonzero(units.single == 0):
        owners = np.flatnonzero(units.counts[:, genre])
        for group in owners[np.argsort(units.counts[owners].sum(axis=1), kind="stable")]:
            if taken[genre] == 0 and spares(group):
                take(group)
    return chosen, taken
