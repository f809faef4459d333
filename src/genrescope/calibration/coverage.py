"""How many songs a threshold leaves named, how many of them rightly, and which threshold to take.

A song is named where the model's confidence reaches the threshold; else its genre is `unknown`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.errors import DataError

_STEPS = 20  # points of the curve: the surest 5 %, 10 % ... of the songs


@dataclass(frozen=True)
class Coverage:
    """What a threshold does, measured on songs that the model was not fitted to.

    Attributes:
        threshold: least confidence with which a genre is named.
        coverage: share of the songs that are named, 0 to 1.
        accuracy: share of the named songs whose genre is right, 0 to 1.
    """

    threshold: float
    coverage: float
    accuracy: float


def coverage_curve(confidence: ArrayLike, right: ArrayLike) -> tuple[Coverage, ...]:
    """Coverage and accuracy at the thresholds that name all songs, the surest 95 %, 90 % ... 5 %.

    Args:
        confidence: (n,) of songs held out from training and calibration, one row a song.
        right: (n,) whether the likeliest genre was the true one.

    Returns:
        Points of rising threshold; each threshold is the least confidence that it names. Songs of
        equal confidence stay together, so there may be fewer points than steps.

    Raises:
        DataError: no songs, or values that are no confidences.
    """
    confidence, right = _sorted(confidence, right)
    counts = _named_counts(confidence)
    hits = np.cumsum(right)
    return tuple(
        Coverage(float(confidence[n - 1]), n / len(right), float(hits[n - 1] / n))
        for n in reversed(counts)
    )


def choose_threshold(
    confidence: ArrayLike,
    right: ArrayLike,
    *,
    target: float,
    level: float = 0.95,
    least: float = 0.5,
    start: float = 0.25,
) -> float:
    """The smallest threshold at which the accuracy of the named songs surely reaches `target`.

    Surely: an exact binomial test against `target` rejects a lower accuracy at `level`, so that
    the Clopper-Pearson lower bound is at least `target`. Thresholds are tested in a fixed order,
    from the one that names the surest quarter of the songs downwards in steps of 5 % of the songs,
    and the first failure ends it. So the many thresholds looked at spoil nothing (fixed sequence
    testing): with probability `level` the accuracy at the threshold returned is at
    least `target` on further songs from where these came from. One row a song: several excerpts
    of one song are no independent evidence.

    Never below `least`: with calibrated confidence, a genre under 0.5 is more often wrong than
    right, whatever the target (Chow, "On optimum recognition error and reject tradeoff", IEEE
    Trans. Information Theory 16(1), 1970: the best threshold for confidence p is 1 - d / c where a
    wrong genre costs c and none costs d; 0.5 makes a wrong genre twice as bad as none).

    Args:
        confidence: (n,) as in `coverage_curve`.
        right: (n,) bool.
        target: accuracy among the named songs, between 0 and 1.
        level: of the test, between 0 and 1.
        least: threshold that is taken where a lower one would do.
        start: share of the songs, the surest, with which the tests begin.

    Raises:
        DataError: no songs, values that are no confidences, or too few right to reach the target.
    """
    confidence, right = _sorted(confidence, right)
    hits, chosen = np.cumsum(right), None
    for n in _named_counts(confidence):
        if n < start * len(right):
            continue
        if _binomial_tail(n, int(hits[n - 1]), target) > 1 - level:
            break
        chosen = float(confidence[n - 1])
    if chosen is None:
        raise DataError(
            f"{len(right)} songs do not show an accuracy of {target:.0%} at any threshold",
            remedy="a lower target, or more songs",
        )
    return max(chosen, least)


def _binomial_tail(n: int, hits: int, share: float) -> float:
    """Probability of at least `hits` successes in `n` trials of success probability `share`."""
    if hits == 0:
        return 1.0
    k = np.arange(hits, n + 1)
    # ln C(n, k) from ln C(n, hits) on, by the ratio of neighbours.
    first = math.lgamma(n + 1) - math.lgamma(hits + 1) - math.lgamma(n - hits + 1)
    steps = np.log((n - k[:-1]) / (k[:-1] + 1))
    logs = first + np.concatenate([[0.0], np.cumsum(steps)])
    return float(np.exp(logs + k * math.log(share) + (n - k) * math.log1p(-share)).sum())


def _named_counts(confidence: NDArray[np.float64]) -> list[int]:
    """Numbers of songs that the steps name, rising; songs of equal confidence stay together."""
    wanted = np.ceil(len(confidence) * np.arange(1, _STEPS + 1) / _STEPS).astype(np.int64)
    # The songs whose confidence is at least that of the last wanted one.
    counts = np.searchsorted(-confidence, -confidence[wanted - 1], side="right")
    return [int(count) for count in np.unique(counts)]


def _sorted(
    confidence: ArrayLike, right: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Both, the surest first."""
    confidence, right = np.asarray(confidence, dtype=np.float64), np.asarray(right, dtype=bool)
    if confidence.ndim != 1 or confidence.shape != right.shape or len(right) == 0:
        raise DataError(f"{confidence.shape} confidences for {right.shape} predictions")
    if not (confidence.min() >= 0 and confidence.max() <= 1):
        raise DataError("confidences lie between 0 and 1")
    order = np.argsort(-confidence, kind="stable")
    return confidence[order], right[order]
