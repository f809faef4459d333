"""Calibration: probabilities that come true as often as they state.

A network is surer than it is right, and leans to some genres more than the songs do. One
temperature for all genres and one bias for each, fitted on songs held out from training, mend both
without touching what the network learnt: bias-corrected temperature scaling (Alexandari, Kundaje,
Shrikumar, ICML 2020, after Guo, Pleiss, Sun, Weinberger, ICML 2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.errors import DataError

_Floats = NDArray[np.float64]

_MOST_STEPS = 100  # Newton needs about 10
_DECREMENT = 1e-18  # squared Newton decrement, per song, at which the optimum is reached
_ARMIJO = 1e-4
_LEAST_STEP = 1e-12


def logistic(logits: _Floats) -> _Floats:
    """Probabilities 1 / (1 + exp(-x)) of (...) logits, which do not overflow."""
    return np.asarray(0.5 * (1 + np.tanh(logits / 2)))


def log_softmax(logits: _Floats) -> _Floats:
    """Logarithm of the softmax over the last axis, (..., k) to (..., k)."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def log_probabilities(
    probabilities: ArrayLike, floor: float = float(np.finfo(np.float32).tiny)
) -> _Floats:
    """Finite logarithms of (...) probabilities, which count as at least `floor`."""
    return np.asarray(np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), floor)))


def genre_weights(truth: NDArray[np.int64]) -> _Floats:
    """(n,) weights of mean 1 by which every genre that occurs in `truth` (n,) counts the same."""
    counts = np.bincount(truth)
    return np.asarray(len(truth) / (np.count_nonzero(counts) * counts[truth]))


@dataclass(frozen=True)
class Calibration:
    """Maps scores to probabilities: softmax(scores / temperature + bias).

    Attributes:
        temperature: above 0; above 1 it makes predictions less sure, below 1 surer.
        bias: (k,) added to each genre's logit.

    Raises:
        DataError: the temperature is not positive, or a value not finite.
    """

    temperature: float
    bias: tuple[float, ...]

    def __post_init__(self) -> None:
        if not (np.isfinite([self.temperature, *self.bias]).all() and self.temperature > 0):
            raise DataError("a calibration has a positive temperature and finite biases")

    def apply(self, scores: ArrayLike) -> _Floats:
        """Calibrated probabilities.

        Args:
            scores: (..., k) finite log-probabilities (or logits: only differences count).

        Returns:
            (..., k) float64, sum 1 over the last axis.

        Raises:
            DataError: another number of genres than biases.
        """
        scores = np.asarray(scores, dtype=np.float64)
        if scores.shape[-1:] != (len(self.bias),):
            raise DataError(f"scores of shape {scores.shape} for {len(self.bias)} genres")
        return np.exp(log_softmax(scores / self.temperature + np.asarray(self.bias)))


def fit_calibration(
    scores: ArrayLike,
    truth: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    regularisation: float = 1.0,
) -> Calibration:
    """Fit temperature and biases to songs that the model was not trained on.

    Minimises over beta = 1 / temperature and bias b the convex function

        sum_i w_i NLL_i(beta, b) + r (beta - 1 - ln beta) + r |b|^2 / 2

    by Newton's method. The penalty is least where nothing is changed (beta 1, b 0). It keeps beta
    positive, and finite where every prediction is right; it fixes the constant that biases could
    share (they sum to 0); and, as a Gaussian prior of variance 1 / r, it holds the bias of a genre
    that has few songs near 0, while hundreds of songs outweigh it.

    Args:
        scores: (n, k) finite log-probabilities or logits.
        truth: (n,) index of each song's genre.
        weights: (n,) how many songs a row counts for, not negative; None: one each.
        regularisation: r above, positive.

    Raises:
        DataError: no rows, wrong shapes or values.
    """
    scores, truth, weights = _checked(scores, truth, weights, regularisation)
    problem = _Problem(scores, truth, weights, regularisation)
    parameters = np.zeros(scores.shape[1] + 1)
    parameters[0] = 1.0
    for _ in range(_MOST_STEPS):
        gradient, hessian = problem.derivatives(parameters)
        step = np.asarray(-np.linalg.solve(hessian, gradient), dtype=np.float64)
        decrement = -float(gradient @ step)
        if decrement <= _DECREMENT * max(float(weights.sum()), 1.0):
            break
        length = problem.step_length(parameters, step, decrement)
        if length < _LEAST_STEP:  # rounding hides any further descent
            break
        parameters = parameters + length * step
    return Calibration(float(1 / parameters[0]), tuple(parameters[1:].tolist()))


@dataclass(frozen=True, eq=False)
class _Problem:
    """The function to minimise, of parameters (1 + k,): beta, then the biases."""

    scores: _Floats
    truth: NDArray[np.int64]
    weights: _Floats
    regularisation: float

    def value(self, parameters: _Floats) -> float:
        beta, bias = parameters[0], parameters[1:]
        if beta <= 0:
            return np.inf
        logs = log_softmax(beta * self.scores + bias)
        own = np.take_along_axis(logs, self.truth[:, None], axis=1)[:, 0]
        penalty = beta - 1 - np.log(beta) + bias @ bias / 2
        return float(self.regularisation * penalty - self.weights @ own)

    def derivatives(self, parameters: _Floats) -> tuple[_Floats, _Floats]:
        """Gradient (1 + k,) and Hessian (1 + k, 1 + k)."""
        beta, bias = parameters[0], parameters[1:]
        p = np.exp(log_softmax(beta * self.scores + bias))
        excess = p.copy()
        excess[np.arange(len(p)), self.truth] -= 1
        excess *= self.weights[:, None]
        weighted = p * self.weights[:, None]
        # Each row's scores about their expectation: its covariances with the genre indicators.
        centred = self.scores - (p * self.scores).sum(axis=1, keepdims=True)
        gradient = np.append((excess * self.scores).sum(), excess.sum(axis=0))
        hessian = np.empty((len(gradient), len(gradient)))
        hessian[0, 0] = (weighted * centred**2).sum()
        hessian[0, 1:] = hessian[1:, 0] = (weighted * centred).sum(axis=0)
        hessian[1:, 1:] = np.diag(weighted.sum(axis=0)) - weighted.T @ p
        gradient += self.regularisation * np.append(1 - 1 / beta, bias)
        curvature = np.append(beta**-2, np.ones(len(bias)))
        return gradient, hessian + self.regularisation * np.diag(curvature)

    def step_length(self, parameters: _Floats, step: _Floats, decrement: float) -> float:
        """The first of 1, 1/2, 1/4... that descends enough (Armijo), or next to nothing."""
        before, length = self.value(parameters), 1.0
        while length >= _LEAST_STEP:
            if self.value(parameters + length * step) <= before - _ARMIJO * length * decrement:
                break
            length /= 2
        return length


def _checked(
    scores: ArrayLike, truth: ArrayLike, weights: ArrayLike | None, regularisation: float
) -> tuple[_Floats, NDArray[np.int64], _Floats]:
    scores, truth = np.asarray(scores, dtype=np.float64), np.asarray(truth)
    weights = np.ones(len(truth)) if weights is None else np.asarray(weights, dtype=np.float64)
    if scores.ndim != 2 or len(scores) == 0 or not np.isfinite(scores).all():
        raise DataError("calibration needs finite scores of shape (songs, genres)")
    if truth.shape != scores.shape[:1] or weights.shape != truth.shape:
        raise DataError(f"{len(scores)} scores, {truth.shape} genres, {weights.shape} weights")
    if truth.dtype.kind not in "iu" or truth.min() < 0 or truth.max() >= scores.shape[1]:
        raise DataError(f"true genres must be indices below {scores.shape[1]}")
    if not (np.isfinite(weights).all() and weights.min() >= 0 and regularisation > 0):
        raise DataError("weights must not be negative, and the regularisation be positive")
    return scores, truth.astype(np.int64), weights
