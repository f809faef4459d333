"""Scores of predicted probabilities, with bootstrap intervals.

Conventions: the answer is the likeliest genre, the first of equals. Macro recall and macro F1 are
means over the genres that occur in the test part. The calibration error has 15 bins of equal width
(Guo, Pleiss, Sun, Weinberger, ICML 2017). Log loss clips probabilities at 1e-15 from below.

Intervals are 2.5 and 97.5 percentiles of a bootstrap (Efron, Tibshirani, 1993) that draws songs
with replacement within each genre, so that the genre shares stay those of the test part and a rare
genre never drops out of a macro average. A song's repeated predictions are drawn together, because
they are no independent evidence. The retraining of the model is not part of the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import Strings
from genrescope.errors import DataError
from genrescope.evaluation.scores import GenreScore, Interval, ReliabilityBin, Scores

BINS = 15
CLIP = 1e-15
_SCORES = ("macro_recall", "accuracy", "macro_f1", "log_loss", "top3", "calibration_error")
_CALIBRATION = _SCORES.index("calibration_error")
_SUM_TOLERANCE = 1e-4  # float32 softmax over dozens of genres stays far below

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


def evaluate(
    truth: _Ints,
    probabilities: _Floats,
    genres: Sequence[str],
    *,
    songs: Strings | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> Scores:
    """Judge predictions.

    Args:
        truth: (n,) index of each row's true genre.
        probabilities: (n, genres), finite, not negative, rows sum to 1.
        genres: names of the columns.
        songs: (n,) which song a row is about, where songs have several rows; None: all differ.
        resamples: bootstrap resamples; 0 leaves the intervals' ends nan.
        seed: of the bootstrap.

    Raises:
        DataError: no rows, wrong shapes, values that are no probabilities, an index that is no
            genre, or a song with two true genres.
    """
    truth = np.asarray(truth)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    _check(truth, probabilities, len(genres))
    rows = _Rows.of(truth, probabilities)
    values = _statistics(rows, np.ones(len(truth)))
    drawn = _bootstrap(rows, _song_numbers(truth, songs), resamples, np.random.default_rng(seed))
    confusion = np.bincount(rows.truth * rows.genres + rows.answer, minlength=rows.genres**2)
    confusion = confusion.reshape(rows.genres, rows.genres)
    support = confusion.sum(axis=1)
    shares = support[support > 0] / support.sum()
    return Scores(
        rows=len(truth),
        majority_rate=float(shares.max()),
        uniform_log_loss=float(np.log(rows.genres)),
        prior_entropy=float(-(shares * np.log(shares)).sum()),
        genres=_genre_scores(confusion, genres),
        confusion=tuple(map(tuple, confusion.tolist())),
        reliability=_reliability(rows),
        **_intervals(values, drawn),
    )


@dataclass(frozen=True)
class _Rows:
    """What the scores need of each prediction.

    Attributes:
        genres: number of genres.
        truth: (n,) index of the true genre.
        answer: (n,) index of the likeliest genre.
        confidence: (n,) its probability.
        bin: (n,) reliability bin of the confidence, 0 to BINS - 1.
        loss: (n,) negative logarithm of the true genre's probability.
        cell: (n,) truth, answer, bin and whether the truth is in the top three, as one number.
    """

    genres: int
    truth: _Ints
    answer: _Ints
    confidence: _Floats
    bin: _Ints
    loss: _Floats
    cell: _Ints

    @classmethod
    def of(cls, truth: _Ints, probabilities: _Floats) -> _Rows:
        genres = probabilities.shape[1]
        answer = probabilities.argmax(axis=1)
        confidence = probabilities.max(axis=1)
        own = np.take_along_axis(probabilities, truth[:, None], axis=1)
        # Of equals the first is the likelier, as in argmax.
        before = (probabilities == own) & (np.arange(genres) < truth[:, None])
        hit = ((probabilities > own) | before).sum(axis=1) < 3
        bins = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
        cell = ((truth * genres + answer) * BINS + bins) * 2 + hit
        loss = -np.log(np.maximum(own[:, 0], CLIP))
        return cls(genres, truth, answer, confidence, bins, loss, cell)

    def take(self, order: _Ints) -> _Rows:
        """The rows in another order."""
        return _Rows(
            self.genres,
            self.truth[order],
            self.answer[order],
            self.confidence[order],
            self.bin[order],
            self.loss[order],
            self.cell[order],
        )


def _statistics(rows: _Rows, weights: _Floats) -> _Floats:
    """(6,) the scores named in `_SCORES`, each row counted `weights` times."""
    shape = (rows.genres, rows.genres, BINS, 2)
    cells = np.bincount(rows.cell, weights, minlength=int(np.prod(shape))).reshape(shape)
    confusion = cells.sum(axis=(2, 3))
    right, support, answered = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    occurs, total = support > 0, support.sum()
    right_in_bin = np.einsum("iibh->b", cells)
    sure_in_bin = np.bincount(rows.bin, weights * rows.confidence, minlength=BINS)
    return np.array(
        [
            (right[occurs] / support[occurs]).mean(),
            right.sum() / total,
            (2 * right[occurs] / (support + answered)[occurs]).mean(),
            (weights * rows.loss).sum() / total,
            cells[..., 1].sum() / total,
            np.abs(right_in_bin - sure_in_bin).sum() / total,
        ]
    )


def _song_numbers(truth: _Ints, songs: Strings | None) -> _Ints:
    """(n,) number of each row's song; the songs of one genre have consecutive numbers."""
    if songs is None:
        number = np.empty(len(truth), dtype=np.int64)
        number[np.argsort(truth, kind="stable")] = np.arange(len(truth))
        return number
    if len(songs) != len(truth):
        raise DataError(f"{len(truth)} predictions for {len(songs)} songs")
    names, song = np.unique(songs, return_inverse=True)
    pairs, numbers = np.unique(truth * len(names) + song, return_inverse=True)
    if len(pairs) > len(names):
        raise DataError(f"{len(pairs) - len(names)} songs have two true genres")
    return np.asarray(numbers, dtype=np.int64)


def _bootstrap(rows: _Rows, song: _Ints, resamples: int, rng: np.random.Generator) -> _Floats:
    """(resamples, 6) scores of resamples of the songs, drawn within each genre."""
    order = np.argsort(song, kind="stable")
    rows = rows.take(order)
    first = np.flatnonzero(np.diff(song[order], prepend=-1))
    repeats = np.diff(first, append=len(song))  # rows of each song
    sizes = np.bincount(rows.truth[first])  # songs of each genre
    drawn = np.empty((resamples, len(_SCORES)))
    for scores in drawn:
        times = [np.bincount(rng.integers(n, size=n), minlength=n) for n in sizes if n]
        scores[:] = _statistics(rows, np.repeat(np.concatenate(times).astype(np.float64), repeats))
    return drawn


def _intervals(values: _Floats, drawn: _Floats) -> dict[str, Interval]:
    if len(drawn) == 0:
        return {
            name: Interval(float(v), np.nan, np.nan)
            for name, v in zip(_SCORES, values, strict=True)
        }
    # Resampling noise adds to a sum of absolute values: centre the calibration error's resamples.
    error = drawn[:, _CALIBRATION]
    drawn[:, _CALIBRATION] = np.clip(error + values[_CALIBRATION] - error.mean(), 0, 1)
    ends = np.quantile(drawn, (0.025, 0.975), axis=0)
    columns = zip(_SCORES, values.tolist(), *ends.tolist(), strict=True)
    return {name: Interval(value, low, high) for name, value, low, high in columns}


def _genre_scores(confusion: _Ints, genres: Sequence[str]) -> tuple[GenreScore, ...]:
    def ratio(part: int, whole: int) -> float | None:
        return part / whole if whole else None

    right = confusion.diagonal().tolist()
    support, answered = confusion.sum(axis=1).tolist(), confusion.sum(axis=0).tolist()
    return tuple(
        GenreScore(
            genre,
            support=there,
            predicted=said,
            precision=ratio(good, said),
            recall=ratio(good, there),
            f1=ratio(2 * good, there + said),
        )
        for genre, good, there, said in zip(genres, right, support, answered, strict=True)
    )


def _reliability(rows: _Rows) -> tuple[ReliabilityBin, ...]:
    count = np.bincount(rows.bin, minlength=BINS)
    sure = np.bincount(rows.bin, rows.confidence, minlength=BINS)
    right = np.bincount(rows.bin, rows.truth == rows.answer, minlength=BINS)
    return tuple(
        ReliabilityBin(
            low=i / BINS,
            high=(i + 1) / BINS,
            count=int(n),
            confidence=float(sure[i] / n) if n else None,
            accuracy=float(right[i] / n) if n else None,
        )
        for i, n in enumerate(count)
    )


def _check(truth: _Ints, probabilities: _Floats, genres: int) -> None:
    """Raise DataError unless these are indices of genres and their probabilities."""
    if truth.ndim != 1 or len(truth) == 0:
        raise DataError("there are no predictions to judge")
    if probabilities.shape != (len(truth), genres):
        raise DataError(
            f"probabilities have shape {probabilities.shape}, not {(len(truth), genres)}"
        )
    if truth.dtype.kind not in "iu" or truth.min() < 0 or truth.max() >= genres:
        raise DataError(f"true genres must be indices below {genres}")
    faults = {
        "not finite": ~np.isfinite(probabilities).all(axis=1),
        "negative": (probabilities < 0).any(axis=1),
        "without sum 1": np.abs(probabilities.sum(axis=1) - 1) > _SUM_TOLERANCE,
    }
    for fault, rows in faults.items():
        if rows.any():
            raise DataError(
                f"{int(rows.sum())} of {len(rows)} rows of probabilities are {fault}, "
                f"the first is row {int(rows.argmax())}"
            )
