"""How much each member counts, and what the joint answer is worth: fitted on held-out songs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.temperature import Calibration, fit_calibration, log_softmax
from genrescope.learning.ensembles.stacking import member_weights

Logs = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Ensemble:
    """Weights of the members and the calibration of their sum.

    Attributes:
        weights: by input, not negative.
        calibration: of the summed log-probabilities.
    """

    weights: dict[str, float]
    calibration: Calibration

    def scores(self, logs: Logs) -> NDArray[np.float64]:
        """(n, genres) log-probabilities before calibration."""
        return log_softmax(sum(w * logs[name] for name, w in self.weights.items()))

    def probabilities(self, logs: Logs) -> NDArray[np.float64]:
        """(n, genres) calibrated."""
        return self.calibration.apply(self.scores(logs))


def fit_ensemble(
    logs: Logs, truth: NDArray[np.int64], songs: NDArray[np.str_], inputs: list[str]
) -> Ensemble:
    """Fit to rows of songs that no member was trained on.

    Every genre counts the same, within a genre every song, within a song every row: the songs at
    hand say nothing of the shares of genres elsewhere. For the weights see `member_weights`.
    """
    stacked = np.stack([logs[name] for name in inputs])
    share = balanced(truth, songs)
    found = member_weights(stacked, truth, share)
    weights = dict(zip(inputs, map(float, found), strict=True))
    scores = log_softmax(np.tensordot(found, stacked, 1))
    calibration = fit_calibration(scores, truth, weights=share * len(np.unique(songs)))
    return Ensemble({name: weight for name, weight in weights.items() if weight > 0}, calibration)


def balanced(truth: NDArray[np.int64], songs: NDArray[np.str_]) -> NDArray[np.float64]:
    """(n,) weights, sum 1: every genre the same, within it every song, within it every row."""
    _, number, rows = np.unique(songs, return_inverse=True, return_counts=True)
    first = np.unique(songs, return_index=True)[1]
    of_genre = np.bincount(truth[first], minlength=int(truth.max()) + 1)
    weights = 1.0 / (rows[number] * of_genre[truth])
    return weights / weights.sum()
