"""How many songs each genre has, and each artist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from genrescope.data.table import Strings


@dataclass(frozen=True)
class Artists:
    """Songs of known artists (or other groups).

    Attributes:
        artists: how many there are.
        songs: rows whose artist is known.
        median, most: songs an artist, the middle and the largest.
        largest: the artist with most songs.
        by_genre: artists of each genre.
    """

    artists: int
    songs: int
    median: float
    most: int
    largest: str
    by_genre: Mapping[str, int]


@dataclass(frozen=True)
class Balance:
    """Songs of each genre.

    Attributes:
        counts: genre to songs, most first.
        unlabelled: rows without a genre.
        artists: None where none is known.
    """

    counts: Mapping[str, int]
    unlabelled: int
    artists: Artists | None

    @property
    def labelled(self) -> int:
        """Rows with a genre."""
        return sum(self.counts.values())

    @property
    def majority(self) -> tuple[str, float]:
        """The commonest genre and its share, the accuracy of always predicting it."""
        genre, songs = next(iter(self.counts.items()))
        return genre, songs / self.labelled

    @property
    def rarest(self) -> tuple[str, int]:
        """The genre with fewest songs, and how many."""
        return min(self.counts.items(), key=lambda item: item[1])


def balance(labels: Strings, groups: Strings | None) -> Balance:
    """Count `labels` and `groups`, (rows,) each, "" where unknown."""
    genres, counts = np.unique(labels[labels != ""], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    by_genre = {str(genres[i]): int(counts[i]) for i in order}
    return Balance(by_genre, int((labels == "").sum()), _artists(labels, groups))


def _artists(labels: Strings, groups: Strings | None) -> Artists | None:
    if groups is None or not (known := groups != "").any():
        return None
    names, songs = np.unique(groups[known], return_counts=True)
    _, artist = np.unique(groups, return_inverse=True)
    genres, genre = np.unique(labels, return_inverse=True)
    pairs = np.unique((genre * (artist.max() + 1) + artist)[known]) // (artist.max() + 1)
    each = np.bincount(pairs, minlength=len(genres))
    return Artists(
        len(names),
        int(songs.sum()),
        float(np.median(songs)),
        int(songs.max()),
        str(names[songs.argmax()]),
        {str(g): int(n) for g, n in zip(genres, each, strict=True) if g},
    )
