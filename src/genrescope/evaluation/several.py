"""Scores of songs that may have several genres at once, or tags.

*Hit*: the likeliest genre is among the song's. Average precision and the area under the ROC curve
are computed a genre, over all songs (Manning, Raghavan, Schütze, "Introduction to information
retrieval", 2008; Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27, 2006),
and averaged over the genres that some songs have and some have not. Intervals are 2.5 and 97.5
percentiles of a bootstrap that draws whole groups (artists).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import Strings
from genrescope.errors import DataError
from genrescope.evaluation.scores import Interval

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]
_AT_ONCE = 50  # draws


@dataclass(frozen=True)
class TagScore:
    """Scores of one genre or tag; None where all songs have it, or none."""

    genre: str
    songs: int
    average_precision: float | None
    roc_auc: float | None


@dataclass(frozen=True)
class SeveralScores:
    """Scores of one set of predictions of songs with one genre or several.

    Attributes:
        songs: predictions scored.
        groups: what the bootstrap draws.
        hit: share of songs whose likeliest genre is among theirs.
        mean_average_precision: over the genres.
        mean_roc_auc: over the genres.
        genres: of each.
    """

    songs: int
    groups: int
    hit: Interval
    mean_average_precision: Interval
    mean_roc_auc: Interval
    genres: tuple[TagScore, ...]


def evaluate_several(
    truth: _Bools,
    probabilities: _Floats,
    genres: Sequence[str],
    *,
    groups: Strings,
    resamples: int = 1000,
    seed: int = 0,
) -> SeveralScores:
    """Scores of predictions of songs that have at least one genre each.

    Args:
        truth: (n, genres) whether a song has a genre.
        probabilities: (n, genres), finite.
        genres: names of the columns.
        groups: (n,) what is drawn together, such as the artist.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        DataError: other shapes, values that are not finite, or a song without a genre.
    """
    if truth.shape != probabilities.shape or truth.shape != (len(groups), len(genres)):
        raise DataError(f"{truth.shape} genres and {probabilities.shape} probabilities")
    if not np.isfinite(probabilities).all() or not truth.any(axis=1).all():
        raise DataError("a probability is not finite, or a song has no genre")
    hits = truth[np.arange(len(truth)), probabilities.argmax(axis=1)].astype(np.float64)
    scored = [j for j in range(len(genres)) if 0 < truth[:, j].sum() < len(truth)]
    parts = [
        (weights @ hits / weights.sum(axis=1), _curves(truth, probabilities, scored, weights))
        for weights in _draws(groups, resamples, np.random.default_rng(seed))
    ]
    drawn = np.concatenate([curves for _, curves in parts], axis=2)
    curves = dict(zip(scored, drawn, strict=True))
    means = [_mean(drawn[:, kind]) for kind in (0, 1)]
    return SeveralScores(
        len(truth),
        len(np.unique(groups)),
        _interval(np.concatenate([shares for shares, _ in parts])),
        _interval(means[0]),
        _interval(means[1]),
        tuple(
            TagScore(
                genre,
                int(truth[:, j].sum()),
                *((float(curves[j][kind][0]) for kind in (0, 1)) if j in curves else (None, None)),
            )
            for j, genre in enumerate(genres)
        ),
    )


def curve_scores(scores: _Floats, positive: _Bools, weights: _Floats) -> tuple[_Floats, _Floats]:
    """(draws,) average precision and (draws,) area under the ROC curve of one genre.

    Args:
        scores: (n,) the higher the likelier; equal ones are one threshold.
        positive: (n,) whether a song has the genre.
        weights: (draws, n) how often a song counts; nan comes of draws with all of it or none.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.diff(scores[order]) != 0, True)
    drawn = weights[:, order]
    found = np.cumsum(drawn * positive[order], axis=1)[:, last]
    listed = np.cumsum(drawn, axis=1)[:, last]
    false = listed - found
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(listed > 0, found / listed, 0.0)
        gained = np.diff(found, axis=1, prepend=0)
        area = (np.diff(false, axis=1, prepend=0) * (found - gained / 2)).sum(axis=1)
        return (
            (gained * precision).sum(axis=1) / found[:, -1],
            area / (found[:, -1] * false[:, -1]),
        )


def _curves(
    truth: _Bools, probabilities: _Floats, scored: Sequence[int], weights: _Floats
) -> _Floats:
    """(scored genres, 2, draws) see `curve_scores`."""
    found = [curve_scores(probabilities[:, j], truth[:, j], weights) for j in scored]
    return np.array(found).reshape(len(scored), 2, len(weights))


def _mean(values: _Floats) -> _Floats:
    """(draws,) mean of (genres, draws) over the genres that a draw has; nan where none."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0))


def _draws(groups: Strings, resamples: int, rng: np.random.Generator) -> Iterator[_Floats]:
    """(1 + resamples, n) weights in blocks of draws, the first draw all 1.

    All at once they would be a gigabyte for a hundred thousand songs.
    """
    names, place = np.unique(groups, return_inverse=True)
    count = len(names)
    yield np.ones((1, len(groups)))
    for start in range(0, resamples, _AT_ONCE):
        times = [
            np.bincount(rng.integers(count, size=count), minlength=count)
            for _ in range(min(_AT_ONCE, resamples - start))
        ]
        yield np.stack(times)[:, place].astype(np.float64)


def _interval(values: _Floats) -> Interval:
    """Of (1 + resamples,) values, the first of which is that of all songs."""
    drawn = values[1:][np.isfinite(values[1:])]
    low, high = np.quantile(drawn, (0.025, 0.975)) if len(drawn) else (np.nan, np.nan)
    return Interval(float(values[0]), float(low), float(high))
