"""A support vector machine that tunes itself on its training rows.

Transform, kernel, C and gamma are those of the least log loss, genres weighing the same, in a
cross-validation of the training rows alone (whole artists where these are known). A genre's score
is the sum of log-sigmoids of its margins against every other genre, after Hastie, Tibshirani,
"Classification by pairwise coupling", NIPS 1997: unlike votes, margins keep how sure a machine is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from genrescope.calibration.temperature import log_softmax
from genrescope.data.splits import Split
from genrescope.data.table import Matrix
from genrescope.evaluation.crossval import (
    balanced_log_loss,
    inner_folds,
    out_of_fold,
    stratified_sample,
)
from genrescope.learning.baselines.baseline import (
    Baseline,
    BaselineClassifier,
    Classes,
    Floats,
    Scores,
    TrainingData,
    best_temperature,
    expand_classes,
)
from genrescope.learning.quantiles import QuantileTransform

_LEAST = -1e3  # log-probability of a genre that a fold had no song of
_STEEPNESS = 2.0  # of the sigmoid of a margin, which is 1 at the edge of the street


@dataclass(frozen=True)
class Choice:
    """One setting of the machine.

    Attributes:
        transform: of the values: to mean 0 and deviation 1, the same of their asinh, or ranks.
        kernel: `linear` or `rbf`.
        C: penalty of errors.
        gamma: of the RBF, times the number of values.
    """

    transform: Literal["standard", "asinh", "ranks"]
    kernel: Literal["linear", "rbf"]
    C: float
    gamma: float = 1.0


CHOICES = tuple(
    choice
    for transform in ("standard", "asinh", "ranks")
    for choice in (
        *(Choice(transform, "linear", C) for C in (0.003, 0.01, 0.03, 0.1)),
        *(Choice(transform, "rbf", C, g) for C, g in itertools.product((1, 10), (0.1, 0.3, 1))),
    )
)


@dataclass(frozen=True)
class TunedSvmLearner(Baseline):
    """Trains the machine of the best choice on all rows.

    Attributes:
        choices: what is tried.
        folds: of the inner cross-validation.
        max_rows: learn from a stratified sample of at most so many rows; None for all.
        tuning_rows: most rows on which choices are compared.
    """

    choices: tuple[Choice, ...] = CHOICES
    folds: int = 3
    max_rows: int | None = None
    tuning_rows: int = 1500
    kind: str = "baseline"
    name: str = "svm_tuned"

    def fit_arrays(self, data: TrainingData, seed: int) -> BaselineClassifier:
        """Choose, and fit; the temperature is that of the choice's held-out scores.

        Raises:
            DataError: a genre whose songs are all of one artist.
        """
        choice, held, truth = self.choose(data, seed)
        scores = _fit(choice, data.vectors, data.truth, data.genres)
        return data.build_classifier(scores, held, truth)

    def choose(self, data: TrainingData, seed: int) -> tuple[Choice, Floats, Classes]:
        """The best choice by cross-validation, its scores of held-out rows, and their genres."""
        groups = data.rows.groups
        # A genre's only song can be learnt from, but not be held out.
        rows = np.flatnonzero(np.bincount(data.truth)[data.truth] > 1)
        rows = rows[stratified_sample(data.truth[rows], self.tuning_rows, seed)]
        vectors, truth = data.vectors[rows], data.truth[rows]
        groups = None if groups is None else groups[rows]
        folds = inner_folds(truth, self.folds, seed=seed, groups=groups)
        compared = []
        for choice in self.choices:

            def fit_predict(fold: Split, choice: Choice = choice) -> Floats:
                machine = _fit(choice, vectors[fold.train], truth[fold.train], data.genres)
                return machine(vectors[fold.test])

            scores = out_of_fold(folds, (len(rows), data.genres), fit_predict)
            logs = log_softmax(scores / best_temperature(scores, truth))
            loss = balanced_log_loss(np.maximum(logs, _LEAST), truth)
            compared.append((loss, choice, scores))
        _, choice, scores = min(compared, key=lambda item: item[0])
        return choice, scores, truth


SVM_TUNED = TunedSvmLearner()


def _fit(choice: Choice, vectors: Matrix, truth: Classes, genres: int) -> Scores:
    from sklearn.svm import SVC

    transform = _transform(choice.transform, vectors)
    machine = SVC(
        kernel=choice.kernel,
        C=choice.C,
        gamma=choice.gamma / vectors.shape[1],
        class_weight="balanced",
        decision_function_shape="ovo",
        cache_size=500,
    ).fit(transform(vectors), truth)
    return lambda new: expand_classes(_coupled(machine, transform(new)), machine.classes_, genres)


def _coupled(machine: Any, vectors: Floats) -> Floats:
    """(n, genres of the machine): sums over all other genres of the log-sigmoid of the margin."""
    margins = _STEEPNESS * np.asarray(machine.decision_function(vectors))
    genres = len(machine.classes_)
    if genres == 2:  # a positive margin is for the second, where of more genres for the first
        margins = -margins[:, None]
    scores = np.zeros((len(vectors), genres))
    for margin, (one, other) in zip(
        margins.T, itertools.combinations(range(genres), 2), strict=True
    ):
        scores[:, one] -= np.logaddexp(0, -margin)
        scores[:, other] -= np.logaddexp(0, margin)
    return scores


def _transform(name: str, vectors: Matrix) -> Callable[[Matrix], Floats]:
    if name == "ranks":
        return QuantileTransform.of(vectors)
    curve = _asinh(vectors) if name == "asinh" else _as_they_are
    values = curve(vectors)
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1.0)
    return lambda new: np.asarray((curve(new) - mean) / deviation)


def _as_they_are(vectors: Matrix) -> Floats:
    return vectors.astype(np.float64)


def _asinh(vectors: Matrix) -> Callable[[Matrix], Floats]:
    """Asinh of the distance from the median in interquartile ranges."""
    low, median, high = np.percentile(vectors.astype(np.float64), [25, 50, 75], axis=0)
    unit = np.where(high > low, high - low, 1.0)
    return lambda new: np.asarray(np.arcsinh((new - median) / unit))
