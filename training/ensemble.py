"""How much each member counts, and what the joint answer is worth: fitted on held-out songs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from genrescope.inference.calibration import Calibration, fit_calibration, log_softmax

Logs = dict[str, NDArray[np.float64]]
_RIDGE = 0.02  # pulls the weights together: what little data says of them is noise


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
    hand say nothing of the shares of genres elsewhere. The weights minimise the log loss of
    softmax(sum_m w_m log p_m), w >= 0, with a ridge towards their mean.
    """
    stacked = np.stack([logs[name] for name in inputs])
    share = balanced(truth, songs)
    start = np.full(len(inputs), 1.0 / len(inputs))
    bounds = [(0.0, None)] * len(inputs)
    found = minimize(_loss, start, (stacked, truth, share), "L-BFGS-B", jac=True, bounds=bounds)
    weights = dict(zip(inputs, map(float, found.x), strict=True))
    scores = log_softmax(np.tensordot(found.x, stacked, 1))
    calibration = fit_calibration(scores, truth, weights=share * len(np.unique(songs)))
    return Ensemble({name: weight for name, weight in weights.items() if weight > 0}, calibration)


def balanced(truth: NDArray[np.int64], songs: NDArray[np.str_]) -> NDArray[np.float64]:
    """(n,) weights, sum 1: every genre the same, within it every song, within it every row."""
    _, number, rows = np.unique(songs, return_inverse=True, return_counts=True)
    first = np.unique(songs, return_index=True)[1]
    of_genre = np.bincount(truth[first], minlength=int(truth.max()) + 1)
    weights = 1.0 / (rows[number] * of_genre[truth])
    return weights / weights.sum()


def _loss(
    weights: NDArray[np.float64],
    logs: NDArray[np.float64],
    truth: NDArray[np.int64],
    share: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64]]:
    """Log loss and its gradient; `logs` is (members, n, genres)."""
    joint = log_softmax(np.tensordot(weights, logs, 1))
    rows = np.arange(len(truth))
    excess = np.exp(joint)
    excess[rows, truth] -= 1.0
    gradient = np.einsum("ng,mng,n->m", excess, logs, share)
    centred = weights - weights.mean()
    loss = -float(share @ joint[rows, truth]) + _RIDGE * float(centred @ centred)
    return loss, gradient + 2 * _RIDGE * centred
