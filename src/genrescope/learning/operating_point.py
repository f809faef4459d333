"""From scores to predictions: calibration, threshold and coverage, fitted to songs held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.coverage import Coverage, choose_threshold, coverage_curve
from genrescope.calibration.temperature import Calibration, fit_calibration
from genrescope.errors import DataError

TARGET = 0.5  # accuracy that the songs above the threshold surely have: more often right than wrong
LEAST = 0.5  # threshold below which no calibrated prediction is likelier right than wrong
_FOLDS = 5


@dataclass(frozen=True)
class OperatingPoint:
    """How the scores of a model become predictions.

    Attributes:
        calibration: from scores to probabilities.
        threshold: confidence from which on a genre is named.
        coverage: what each threshold would do.
        rationale: what the threshold rests on, in words.
    """

    calibration: Calibration
    threshold: float
    coverage: tuple[Coverage, ...]
    rationale: str


def fit_operating_point(
    scores: NDArray[np.float64], truth: NDArray[np.int64], shares: NDArray[np.float64]
) -> OperatingPoint:
    """Calibrate on all the songs; choose the threshold by confidences that are out of sample.

    For threshold and coverage, a fifth of the songs at a time is calibrated by the other four
    fifths: the songs that a calibration was fitted to would make it look better than it is.

    Args:
        scores: (songs, genres) log-probabilities of songs that the weights were not fitted to, as
            of a training that weighed genres alike.
        truth: (songs,) index of each song's genre.
        shares: (genres,) shares of the genres, all above 0, that the probabilities shall assume:
            those that the songs were drawn by.

    Raises:
        DataError: no songs, or scores that are not finite.
    """
    probabilities = _out_of_sample(scores, truth, shares)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    songs = f"{len(truth)} validation songs"
    try:
        threshold = choose_threshold(confidence, right, target=TARGET, least=LEAST)
        rationale = (
            f"the smallest from {LEAST} on at which {songs} show more right than wrong predictions"
        )
    except DataError:
        threshold = LEAST
        rationale = (
            f"{LEAST}, below which predictions are likelier wrong; {songs} are too few to test it"
        )
    curve = coverage_curve(confidence, right)
    return OperatingPoint(_calibrate(scores, truth, shares), threshold, curve, rationale)


def _out_of_sample(
    scores: NDArray[np.float64], truth: NDArray[np.int64], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(songs, genres) probabilities, each song's calibrated by songs of other folds."""
    fold = np.empty(len(truth), dtype=np.int64)
    fold[np.argsort(truth, kind="stable")] = np.arange(len(truth)) % _FOLDS  # stratified
    probabilities = np.exp(scores)
    for number in np.unique(fold):
        inside = fold == number
        if not inside.all():
            calibration = _calibrate(scores[~inside], truth[~inside], shares)
            probabilities[inside] = calibration.apply(scores[inside])
    return probabilities


def _calibrate(
    scores: NDArray[np.float64], truth: NDArray[np.int64], shares: NDArray[np.float64]
) -> Calibration:
    """Move the scores to `shares` by Bayes' rule, then fit what is still wrong.

    Fitted alone, the biases of rare genres would stay near 0 where they have few songs.
    """
    shift = np.log(shares) - np.log(shares).mean()
    fitted = fit_calibration(scores + shift, truth)
    bias = fitted.bias + shift / fitted.temperature  # (scores + shift) / T + b
    return Calibration(fitted.temperature, tuple(bias.tolist()))
