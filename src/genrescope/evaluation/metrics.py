"""Scores of predicted probabilities, with bootstrap intervals.

Conventions: the likeliest genre is predicted, the first of equals. Macro recall and macro F1 are
means over the genres that occur in the test part. The calibration error has 15 bins of equal width
(Guo, Pleiss, Sun, Weinberger, ICML 2017). Log loss clips probabilities at 1e-15 from below.

Intervals are 2.5 and 97.5 percentiles of a bootstrap (Efron, Tibshirani, 1993) that draws songs
with replacement within each genre, so that the genre shares stay those of the test part and a rare
genre never drops out of a macro average. A song's repeated predictions are drawn together, because
they are no independent evidence. The retraining of the model is not part of the interval.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import Strings
from genrescope.errors import DataError
from genrescope.evaluation.bootstrap import BINS, SCORES, SongDraws, WeightedPredictions, statistics
from genrescope.evaluation.scores import GenreScore, Interval, ReliabilityBin, Scores

_CALIBRATION = SCORES.index("calibration_error")
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
    """Scores of predictions.

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
    check_predictions(truth, probabilities, len(genres))
    weighted = WeightedPredictions.of(truth, probabilities)
    values = statistics(weighted, np.ones(len(truth)))
    draws, rng = SongDraws.of(truth, songs), np.random.default_rng(seed)
    drawn = _bootstrap(weighted.take(draws.order), draws, resamples, rng)
    confusion = np.bincount(truth * len(genres) + weighted.predicted, minlength=len(genres) ** 2)
    confusion = confusion.reshape(len(genres), len(genres))
    support = confusion.sum(axis=1)
    shares = support[support > 0] / support.sum()
    return Scores(
        rows=len(truth),
        majority_rate=float(shares.max()),
        uniform_log_loss=float(np.log(len(genres))),
        prior_entropy=float(-(shares * np.log(shares)).sum()),
        genres=_genre_scores(confusion, genres),
        confusion=tuple(map(tuple, confusion.tolist())),
        reliability=_reliability(weighted),
        **_intervals(values, drawn),
    )


def _bootstrap(
    weighted: WeightedPredictions, draws: SongDraws, resamples: int, rng: np.random.Generator
) -> _Floats:
    """(resamples, 6) scores of resamples; `weighted` in the order of `draws`."""
    drawn = np.empty((resamples, len(SCORES)))
    for scores in drawn:
        scores[:] = statistics(weighted, draws.draw(rng))
    return drawn


def _intervals(values: _Floats, drawn: _Floats) -> dict[str, Interval]:
    if len(drawn) == 0:
        return {
            name: Interval(float(v), np.nan, np.nan) for name, v in zip(SCORES, values, strict=True)
        }
    # Resampling noise adds to a sum of absolute values: centre the calibration error's resamples.
    error = drawn[:, _CALIBRATION]
    drawn[:, _CALIBRATION] = np.clip(error + values[_CALIBRATION] - error.mean(), 0, 1)
    ends = np.quantile(drawn, (0.025, 0.975), axis=0)
    columns = zip(SCORES, values.tolist(), *ends.tolist(), strict=True)
    return {name: Interval(value, low, high) for name, value, low, high in columns}


def _genre_scores(confusion: _Ints, genres: Sequence[str]) -> tuple[GenreScore, ...]:
    def ratio(part: int, whole: int) -> float | None:
        return part / whole if whole else None

    right = confusion.diagonal().tolist()
    support, predicted = confusion.sum(axis=1).tolist(), confusion.sum(axis=0).tolist()
    return tuple(
        GenreScore(
            genre,
            support=there,
            predicted=times,
            precision=ratio(good, times),
            recall=ratio(good, there),
            f1=ratio(2 * good, there + times),
        )
        for genre, good, there, times in zip(genres, right, support, predicted, strict=True)
    )


def _reliability(weighted: WeightedPredictions) -> tuple[ReliabilityBin, ...]:
    count = np.bincount(weighted.bin, minlength=BINS)
    sure = np.bincount(weighted.bin, weighted.confidence, minlength=BINS)
    right = np.bincount(weighted.bin, weighted.truth == weighted.predicted, minlength=BINS)
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


def check_predictions(truth: _Ints, probabilities: _Floats, genres: int) -> None:
    """Raise DataError unless these are indices of genres and their probabilities."""
    if truth.ndim != 1 or len(truth) == 0:
        raise DataError("there are no predictions to evaluate")
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
