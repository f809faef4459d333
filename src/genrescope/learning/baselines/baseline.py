"""What the baselines share: sampling, a temperature, probabilities block by block."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.temperature import (
    Calibration,
    fit_calibration,
    genre_weights,
    log_probabilities,
    log_softmax,
)
from genrescope.data.splits import train_validation_split
from genrescope.data.table import FeatureTable, Matrix, Positions
from genrescope.errors import DataError
from genrescope.evaluation.crossval import stratified_sample
from genrescope.evaluation.learner import TrainingRequest
from genrescope.evaluation.runner import true_genres

_HELD_OUT = 0.25  # of the training rows, to fit the temperature
_TEMPERATURES = np.geomspace(0.02, 50, 157).tolist()  # 5 % apart
_BLOCK = 4096  # rows predicted at once

Floats = NDArray[np.float64]
Classes = NDArray[np.int64]
Scores = Callable[[Matrix], Floats]
"""(n, dims) vectors to (n, genres) scores, the higher the likelier; -inf where not trained on."""


@dataclass(frozen=True)
class BaselineClassifier:
    """A trained baseline; its probabilities are a softmax of its scores.

    Attributes:
        scores: see `Scores`.
        temperature: divides the scores (Guo et al., ICML 2017).
        calibration: makes the probabilities come true where all genres are equally common. They
            do so only roughly by themselves: a balanced baseline still leans to common genres.
        genres: columns of the probabilities; genres not trained on have probability 0.
        trained_ids: all rows learnt from.
    """

    scores: Scores
    temperature: float
    calibration: Calibration
    genres: int
    trained_ids: frozenset[str]
    history: None = None
    parameters: None = None

    def probabilities(self, table: FeatureTable, positions: Positions) -> Floats:
        """(n, genres) probabilities.

        Raises:
            DataError: a vector has values that are not finite.
        """
        result = np.empty((len(positions), self.genres))
        for start in range(0, len(positions), _BLOCK):
            block = positions[start : start + _BLOCK]
            scores = self.scores(finite(table.take(block), table.read(block)))
            table.release()
            result[start : start + _BLOCK] = np.exp(log_softmax(scores / self.temperature))
        return result


@dataclass(frozen=True, eq=False)
class TrainingData:
    """What a baseline learns from.

    Attributes:
        rows: labelled rows, no more than the baseline takes.
        vectors: (rows, dims), finite.
        truth: (rows,) index of each row's genre.
        genres: genres of the vocabulary.
    """

    rows: FeatureTable
    vectors: Matrix
    truth: Classes
    genres: int

    @classmethod
    def of(cls, request: TrainingRequest, max_rows: int | None) -> TrainingData:
        """The rows to train on, or a stratified sample of about `max_rows` of them.

        Raises:
            DataError: fewer than two genres, or values that are not finite.
        """
        rows = request.table.take(request.train)
        if max_rows is not None and rows.labels is not None and len(rows) > max_rows:
            rows = rows.take(stratified_sample(rows.labels, max_rows, request.seed))
        truth = true_genres(rows, request.vocabulary)
        if len(np.unique(truth)) < 2:
            raise DataError(f"split '{request.split}' has one genre to learn from, two are needed")
        vectors = finite(rows, rows.read())
        rows.release()
        return cls(rows, vectors, truth, len(request.vocabulary))

    def held_out(self, seed: int) -> tuple[Positions, Positions]:
        """Positions to fit on and, to choose the temperature, whole artists held out."""
        names = self.truth.astype(np.str_)
        return train_validation_split(names, self.rows.groups, fraction=_HELD_OUT, seed=seed)

    def build_classifier(self, scores: Scores, held: Floats, truth: Classes) -> BaselineClassifier:
        """The classifier that learnt this.

        Args:
            scores: what it predicts.
            held: (held-out rows, genres) scores of rows that they were not learnt from.
            truth: (held-out rows,) genres of these.
        """
        temperature = best_temperature(held, truth)
        return BaselineClassifier(
            scores,
            temperature,
            _even_calibration(held / temperature, truth),
            self.genres,
            frozenset(self.rows.ids.tolist()),
        )


class Baseline(ABC):
    """A learner that is no network, see `genrescope.evaluation.learner.Learner`.

    Attributes:
        max_rows: learn from a stratified sample of at most so many rows; None for all.
    """

    max_rows: int | None

    def fit(self, request: TrainingRequest) -> BaselineClassifier:
        """Learn from the training rows, or from a sample of them.

        Raises:
            DataError: fewer than two genres, values not finite, or what `fit_arrays` raises.
        """
        return self.fit_arrays(TrainingData.of(request, self.max_rows), request.seed)

    @abstractmethod
    def fit_arrays(self, data: TrainingData, seed: int) -> BaselineClassifier:
        """Learn from `data`; the same seed gives the same classifier."""


def calibrated(
    fit: Callable[[Matrix, Classes, int], Scores], data: TrainingData, seed: int
) -> BaselineClassifier:
    """Fit to all rows, with the temperature and calibration of a fit without a held-out part.

    Args:
        fit: of vectors, genres and the number of genres makes scores.
        data: what to learn from.
        seed: of the held-out part.

    Raises:
        DataError: too few rows to hold some out.
    """
    known, held = data.held_out(seed)
    trial = fit(data.vectors[known], data.truth[known], data.genres)
    scores = fit(data.vectors, data.truth, data.genres)
    return data.build_classifier(scores, trial(data.vectors[held]), data.truth[held])


def best_temperature(scores: Floats, truth: Classes) -> float:
    """The temperature of least log loss on held-out rows of genres that were trained on."""
    return float(min(_TEMPERATURES, key=lambda each: log_loss(scores / each, truth)))


def log_loss(scores: Floats, truth: Classes) -> float:
    """Mean log loss of the softmax of scores (n, genres), over rows of genres trained on."""
    known = np.isfinite(scores[np.arange(len(truth)), truth])
    logarithms = log_softmax(scores[known])
    return -float(logarithms[np.arange(len(logarithms)), truth[known]].mean())


def _even_calibration(scores: Floats, truth: Classes) -> Calibration:
    """Fitted to held-out rows, of which every genre weighs the same."""
    logs = log_probabilities(np.exp(log_softmax(scores)))
    return fit_calibration(logs, truth, weights=genre_weights(truth))


def expand_classes(values: Floats, trained: Classes, genres: int) -> Floats:
    """(n, genres) scores from those of the genres trained on; all others get -inf."""
    scores = np.full((len(values), genres), -np.inf)
    scores[:, trained] = values
    return scores


def finite(table: FeatureTable, vectors: Matrix) -> Matrix:
    """`vectors`, all of which are finite."""
    faulty = ~np.isfinite(vectors).all(axis=1)
    if faulty.any():
        raise DataError(
            f"{int(faulty.sum())} vectors of '{table.feature_set}' have values that are not "
            f"finite, the first is {table.ids[faulty.argmax()]}",
            remedy="leave these rows out",
        )
    return vectors
