"""Ensembles: one prediction of many members', fitted on rows that no member was trained on.

Stacked generalisation (Wolpert, "Stacked generalization", Neural Networks 5, 1992). Members predict
log-probabilities, and a combiner is fitted to those of rows left out of their own training. Every
genre weighs the same, so that the joint prediction is balanced, as its members are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.temperature import (
    Calibration,
    fit_calibration,
    genre_weights,
    log_softmax,
)
from genrescope.data.splits import Split
from genrescope.data.table import Strings
from genrescope.errors import DataError
from genrescope.evaluation.crossval import (
    balanced_log_loss,
    inner_folds,
    out_of_fold,
    stratified_sample,
)

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]

LEAST = 1e-12  # a member's probability of less counts as this
RIDGE = 0.02  # pulls the members' weights together: on little data their differences are noise
_STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)  # C of the logistic regression
_FOLDS = 5


class MetaModel(Protocol):
    """What combines several predictions."""

    def __call__(self, logs: _Floats) -> _Floats:
        """(members, n, genres) log-probabilities to (n, genres) probabilities."""


class MetaLearner(Protocol):
    """What fits a `MetaModel`."""

    @property
    def name(self) -> str:
        """Such as `logistic`."""

    def fit(self, logs: _Floats, truth: _Ints, groups: Strings | None = None, /) -> MetaModel:
        """Fit to the members' predictions of rows that they were not trained on.

        Args:
            logs: (members, n, genres) finite log-probabilities.
            truth: (n,) index of each row's genre.
            groups: (n,) what inner folds must not divide, "" is a row on its own; None means no
                groups.
        """


@dataclass(frozen=True)
class WeightedAverage:
    """Weights of the members, and the calibration of their sum.

    Attributes:
        weights: (members,) not negative.
        calibration: of the weighted sum of log-probabilities.
    """

    weights: _Floats
    calibration: Calibration

    def scores(self, logs: _Floats) -> _Floats:
        """(members, n, genres) to (n, genres) log-probabilities before calibration."""
        return log_softmax(np.tensordot(self.weights, logs, 1))

    def __call__(self, logs: _Floats) -> _Floats:
        """(members, n, genres) log-probabilities to (n, genres) probabilities."""
        return self.calibration.apply(self.scores(logs))


@dataclass(frozen=True)
class GeometricMean:
    """The geometric mean of the members, calibrated."""

    name: str = "average"

    def fit(self, logs: _Floats, truth: _Ints, _: Strings | None = None, /) -> WeightedAverage:
        """Fit the calibration alone; see `MetaLearner.fit`."""
        weights = np.full(len(logs), 1.0 / len(logs))
        return _calibrated(weights, logs, truth)


@dataclass(frozen=True)
class WeightedGeometricMean:
    """The geometric mean with a weight for each member that is not negative, calibrated."""

    name: str = "weighted"

    def fit(self, logs: _Floats, truth: _Ints, _: Strings | None = None, /) -> WeightedAverage:
        """Fit weights, then the calibration; see `MetaLearner.fit`."""
        share = genre_weights(truth) / len(truth)
        return _calibrated(member_weights(logs, truth, share), logs, truth)


@dataclass(frozen=True)
class LogisticStack:
    """Multinomial logistic regression on all members' log-probabilities: the reference.

    Each genre has its own weights for each member. The L2 penalty is weakened until log loss
    rises in cross-validation within the rows given.

    Attributes:
        rows: the penalty is chosen, and the predictions are calibrated, on a stratified sample of
            at most so many rows; all rows are then fitted.
        seed: of the sample and of the folds that choose the strength.
    """

    rows: int = 3000
    seed: int = 0
    name: str = "logistic"

    def fit(self, logs: _Floats, truth: _Ints, groups: Strings | None = None, /) -> MetaModel:
        """Fit regression, then its calibration; see `MetaLearner.fit`."""
        inputs, few = _side_by_side(logs), stratified_sample(truth, self.rows, self.seed)
        inner = None if groups is None else groups[few]
        strength, held_out = self._strength(inputs[few], truth[few], logs.shape[2], inner)
        calibration = fit_calibration(held_out, truth[few], weights=genre_weights(truth[few]))
        decide = _logistic(inputs, truth, strength, logs.shape[2])
        return lambda new: calibration.apply(decide(_side_by_side(new)))

    def _strength(
        self, inputs: _Floats, truth: _Ints, genres: int, groups: Strings | None
    ) -> tuple[float, _Floats]:
        """The penalty of least balanced log loss, and the log-probabilities it gave held out."""
        splits = inner_folds(truth, _FOLDS, seed=self.seed, groups=groups)
        best: tuple[float, float, _Floats] = (np.inf, _STRENGTHS[0], np.empty(0))
        for strength in _STRENGTHS:

            def fit_predict(split: Split, C: float = strength) -> _Floats:
                return _logistic(inputs[split.train], truth[split.train], C, genres)(
                    inputs[split.test]
                )

            held_out = out_of_fold(splits, (len(truth), genres), fit_predict)
            loss = balanced_log_loss(held_out, truth)
            if loss > best[0]:  # weaker penalties, which take longest to fit, are worse still
                break
            best = (loss, strength, held_out)
        return best[1], best[2]


COMBINERS: tuple[MetaLearner, ...] = (GeometricMean(), WeightedGeometricMean(), LogisticStack())


def member_weights(logs: _Floats, truth: _Ints, share: _Floats) -> _Floats:
    """(members,) weights w that minimise the log loss of softmax(sum_m w_m log p_m), w >= 0.

    A ridge pulls them towards their mean.

    Args:
        logs: (members, n, genres) log-probabilities of rows that no member was trained on.
        truth: (n,) index of each row's genre.
        share: (n,) how much each row counts, sum 1.

    Raises:
        DataError: the shapes do not agree, or a log-probability is not finite.
    """
    from scipy.optimize import minimize

    _check(logs, truth, share)
    start = np.full(len(logs), 1.0 / len(logs))
    bounds = [(0.0, None)] * len(logs)
    found = minimize(_loss, start, (logs, truth, share), "L-BFGS-B", jac=True, bounds=bounds)
    return np.asarray(found.x, dtype=np.float64)


def _loss(weights: _Floats, logs: _Floats, truth: _Ints, share: _Floats) -> tuple[float, _Floats]:
    """Log loss with its ridge, and the gradient."""
    joint = log_softmax(np.tensordot(weights, logs, 1))
    rows = np.arange(len(truth))
    excess = np.exp(joint)
    excess[rows, truth] -= 1.0
    gradient = np.einsum("ng,mng,n->m", excess, logs, share)
    centred = weights - weights.mean()
    loss = -float(share @ joint[rows, truth]) + RIDGE * float(centred @ centred)
    return loss, gradient + 2 * RIDGE * centred


def _calibrated(weights: _Floats, logs: _Floats, truth: _Ints) -> WeightedAverage:
    balanced = genre_weights(truth)
    _check(logs, truth, balanced)
    scores = log_softmax(np.tensordot(weights, logs, 1))
    calibration = fit_calibration(scores, truth, weights=balanced)
    return WeightedAverage(weights, calibration)


def _side_by_side(logs: _Floats) -> _Floats:
    """(members, n, genres) to (n, members x genres), each row's mean over genres taken away."""
    centred = logs - logs.mean(axis=2, keepdims=True)
    return np.asarray(centred.transpose(1, 0, 2).reshape(logs.shape[1], -1))


def _logistic(
    inputs: _Floats, truth: _Ints, strength: float, genres: int
) -> Callable[[_Floats], _Floats]:
    """Log-probabilities by a regression on the inputs; `LEAST` for genres not learnt."""
    from sklearn.linear_model import LogisticRegression

    learnt: Any = LogisticRegression(C=strength, class_weight="balanced", max_iter=1000)
    learnt.fit(inputs, truth)

    def decide(new: _Floats) -> _Floats:
        result = np.full((len(new), genres), np.log(LEAST))
        result[:, learnt.classes_] = learnt.predict_log_proba(new)
        return result

    return decide


def _check(logs: _Floats, truth: _Ints, share: _Floats) -> None:
    if logs.ndim != 3 or logs.shape[1] != len(truth) or len(share) != len(truth):
        raise DataError(f"log-probabilities {logs.shape} for {len(truth)} rows")
    if not np.isfinite(logs).all():
        raise DataError("a member's log-probability is not finite")
