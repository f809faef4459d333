"""Labelled songs: which labels have enough songs to learn from, and which songs have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from genrescope.data.splits import Split, stratified_kfold
from genrescope.data.table import Strings
from genrescope.errors import DataError
from genrescope.evaluation.bootstrap import drawn_units
from genrescope.taxonomy.normalise import commonest_spellings

LEAST_SONGS = 8
"""Of a label that is learned."""
LEAST_GROUPS = 3
"""Groups (artists) that they come from."""


@dataclass(frozen=True, eq=False)
class LabelledSongs:
    """Songs with labels of their own.

    Attributes:
        names: (n,) of the songs, such as their paths.
        labels: the labels, commonest first.
        has: (n, labels) whether a song has a label; each has one at least.
        groups: (n,) what folds must not divide, such as the artist; "" is a song on its own.
        positions: (n,) of the songs among those that were given.
        left_out: other labels, and why they are not learned.
        spellings: other spellings of labels, and the label that they were joined to.
    """

    names: Strings
    labels: tuple[str, ...]
    has: NDArray[np.bool_]
    groups: Strings
    positions: NDArray[np.int64]
    left_out: Mapping[str, str] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """(labels,) share of the songs, one of several labels counting as its part; sum 1."""
        return np.asarray((self.has / self.has.sum(axis=1, keepdims=True)).mean(axis=0))

    @cached_property
    def units(self) -> Strings:
        """(n,) the group of each song; one without is its own."""
        return drawn_units(self.groups, np.arange(len(self)).astype(np.str_))

    def take(self, rows: NDArray[np.int64]) -> LabelledSongs:
        """Some of the songs, with all labels."""
        return LabelledSongs(
            *(self.names[rows], self.labels, self.has[rows], self.groups[rows]),
            *(self.positions[rows], self.left_out, self.spellings),
        )

    def only(self, kept: NDArray[np.bool_], reason: str) -> tuple[LabelledSongs, NDArray[np.int64]]:
        """The songs of some of the labels, and their rows; the others are left out with a reason.

        Args:
            kept: (labels,)
            reason: why the others are left out.
        """
        rows = np.flatnonzero(self.has[:, kept].any(axis=1))
        labels = zip(self.labels, kept.tolist(), strict=True)
        left = {label: reason for label, good in labels if not good}
        some = self.take(rows)
        good = tuple(label for label, wanted in zip(self.labels, kept, strict=True) if wanted)
        return LabelledSongs(
            *(some.names, good, some.has[:, kept], some.groups, some.positions),
            *({**self.left_out, **left}, self.spellings),
        ), rows

    def folds(self, count: int, seed: int = 0) -> list[Split]:
        """Folds that divide no group, with nearly the same share of every label.

        A song counts as one of its rarest label. A label all of whose songs, as counted so, are of
        one group is drawn with the commonest of the others.
        """
        primary = self.has.shape[1] - 1 - self.has[:, ::-1].argmax(axis=1)
        several = {
            label
            for label, n in Counter(
                p for p, _ in set(zip(primary.tolist(), self.units.tolist(), strict=True))
            ).items()
            if n > 1
        }
        usual = Counter(label for label in primary.tolist() if label in several).most_common(1)
        home = usual[0][0] if usual else 0
        strata = np.array([label if label in several else home for label in primary.tolist()])
        return stratified_kfold(strata.astype(np.str_), count, seed=seed, groups=self.groups)


def choose_labels(
    labels: Sequence[Iterable[str]],
    groups: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    *,
    least_songs: int = LEAST_SONGS,
    least_groups: int = LEAST_GROUPS,
) -> LabelledSongs:
    """The songs whose labels can be learned.

    Spellings that differ in case, blanks and punctuation only are one label, spelt as most songs
    have it.

    Args:
        labels: of each song, in any number.
        groups: of each song; "" or None: a song on its own.
        names: of the songs; None: their numbers.
        least_songs: of a label.
        least_groups: of its songs.

    Raises:
        DataError: fewer than two labels are left.
    """
    groups = [""] * len(labels) if groups is None else list(groups)
    names = [str(number) for number in range(len(labels))] if names is None else list(names)
    if not len(labels) == len(groups) == len(names):
        raise DataError(f"{len(labels)} labels for {len(names)} songs of {len(groups)} groups")
    values = [list(filter(None, (value.strip() for value in each))) for each in labels]
    spelt = commonest_spellings(values)
    joined = [{spelt[value] for value in each} for each in values]
    counts, left_out = Counter(label for each in joined for label in each), {}
    for label in list(counts):
        mine = [row for row, each in enumerate(joined) if label in each]
        units = {groups[row] or f"\n{row}" for row in mine}
        if reason := _too_few(len(mine), len(units), least_songs, least_groups):
            left_out[label] = reason
            del counts[label]
    kept = tuple(sorted(counts, key=lambda label: (-counts[label], label)))
    if len(kept) < 2:
        raise DataError(
            f"{len(kept)} labels with {least_songs} songs of {least_groups} artists or more",
            remedy="label more songs; two labels are needed",
        )
    has = np.array([[label in each for label in kept] for each in joined], dtype=bool)
    rows = np.flatnonzero(has.any(axis=1))
    others = {value: label for value, label in spelt.items() if value != label}
    return LabelledSongs(
        *(np.array(names)[rows], kept, has[rows], np.array(groups)[rows], rows, left_out, others)
    )


def _too_few(songs: int, groups: int, least_songs: int, least_groups: int) -> str:
    if songs < least_songs:
        return f"{songs} songs, {least_songs} are needed"
    if groups < least_groups:
        return f"songs of {groups} artists, {least_groups} are needed"
    return ""
