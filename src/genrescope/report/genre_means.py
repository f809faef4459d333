"""Mean vectors of genres, and how each differs from the others'."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import FeatureTable
from genrescope.errors import DataError

_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GenreMeans:
    """Mean vectors of the genres of one feature set.

    Attributes:
        feature_set: a key of `FEATURE_SETS`.
        genres: genres that have songs.
        songs: how many of each.
        means: (genres, dims) mean of the genre's songs, in the set's unit.
        differences: (genres, dims) `means` less the mean of all genres, in standard deviations of
            a song drawn from a genre drawn at random: no genre weighs more for having more songs.
    """

    feature_set: str
    genres: tuple[str, ...]
    songs: tuple[int, ...]
    means: _Floats
    differences: _Floats


def genre_means(table: FeatureTable, genres: Sequence[str]) -> GenreMeans:
    """Mean vectors of the genres of a labelled table, read twice in batches, never whole.

    Values that are not finite are left out of their column's mean.

    Args:
        table: rows without a label, or of another genre, are left out.
        genres: genres in the order wanted; those without a row are left out.

    Raises:
        DataError: the table has no row of any of the genres.
    """
    labels = np.asarray(table.labelled().labels)
    songs = {genre: int((labels == genre).sum()) for genre in genres}
    present = [genre for genre in genres if songs[genre]]
    if not present:
        raise DataError(f"table of '{table.feature_set}' has no song of {', '.join(genres)}")
    means = _genre_means(table, present)
    centre = means.mean(axis=0)
    spread = np.sqrt(_genre_means(table, present, about=centre).mean(axis=0))
    differences = np.divide(
        means - centre, spread, out=np.zeros_like(means), where=spread > 1e-9 * np.abs(centre)
    )
    counts = tuple(songs[genre] for genre in present)
    return GenreMeans(table.feature_set, tuple(present), counts, means, differences)


def _genre_means(
    table: FeatureTable, genres: Sequence[str], about: _Floats | None = None
) -> _Floats:
    """(genres, dims) mean of each genre, or its mean squared distance from `about`."""
    total = np.zeros((len(genres), table.dims))
    number = np.zeros((len(genres), table.dims))
    for position, values in _by_genre(table, genres):
        finite = np.isfinite(values)
        kept = np.where(finite, values, 0.0 if about is None else about)
        total[position] += (kept if about is None else (kept - about) ** 2).sum(axis=0)
        number[position] += finite.sum(axis=0)
    return total / np.maximum(number, 1)


def _by_genre(table: FeatureTable, genres: Sequence[str]) -> Iterator[tuple[int, _Floats]]:
    """(position of the genre, its vectors) batch by batch."""
    labels = np.asarray(table.labels)
    for start, values in table.batches():
        here = labels[start : start + len(values)]
        for position, genre in enumerate(genres):
            yield position, values[here == genre].astype(np.float64)
