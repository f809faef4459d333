"""Support vector machines, the classifiers of the published tables, as rivals of the networks.

One-vs-one C-SVMs (Cortes, Vapnik, 1995; LIBSVM through scikit-learn). Nothing is tuned: C is 1 and
the RBF's gamma is one over the number of values times their variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from genrescope.data.splits import carve_validation
from genrescope.data.table import FeatureTable, Matrix, Positions
from genrescope.errors import DataError
from genrescope.evaluation.runner import Classifier, true_genres
from genrescope.inference.calibration import (
    Calibration,
    fit_calibration,
    log_probabilities,
    log_softmax,
)
from genrescope.taxonomy import Vocabulary

_HELD_OUT = 0.25  # of the training rows, to fit the temperature
_TEMPERATURES = np.geomspace(0.02, 50, 157).tolist()  # 5 % apart
_BLOCK = 4096  # rows predicted at once
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SvmLearner:
    """Trains a `SvmClassifier`.

    Attributes:
        kernel: `linear` or `rbf`.
        scaling: `standard` (mean 0, deviation 1) or `range` (0 to 1), of the training rows.
        C: penalty of errors.
        balanced: weigh errors by the inverse of their genre's share.
        max_rows: learn from a stratified sample of at most so many rows, because training takes
            time with the square of their number; None for all.
    """

    kernel: Literal["linear", "rbf"]
    scaling: Literal["standard", "range"] = "standard"
    C: float = 1.0
    balanced: bool = True
    max_rows: int | None = None
    kind: str = "rival"

    @property
    def name(self) -> str:
        """`svm_linear` or `svm_rbf`."""
        return f"svm_{self.kernel}"

    def fit(
        self,
        table: FeatureTable,
        train: Positions,
        *,
        vocabulary: Vocabulary,
        seed: int,
        split: str,
    ) -> Classifier:
        """Fit the machine, and the temperature of its probabilities on a part held out.

        The temperature is that of a machine trained without the held-out part (whole artists where
        these are known); the machine itself is then trained on all rows.

        Raises:
            DataError: fewer than two genres, values that are not finite, or too few rows.
        """
        rows = self._sample(table.take(train), seed)
        truth = true_genres(rows, vocabulary)
        if len(np.unique(truth)) < 2:
            raise DataError(f"an SVM needs two genres to learn from, split '{split}' has one")
        values = _finite(rows, rows.read())
        scale = _Scale.of(values, self.scaling)
        vectors = scale(values)
        names = np.array(vocabulary.genres)[truth]
        fit, held = carve_validation(names, rows.groups, fraction=_HELD_OUT, seed=seed)
        trial = self._machine(vectors[fit], truth[fit])
        decisions = _decisions(trial, vectors[held], len(vocabulary))
        temperature = _temperature(decisions, truth[held])
        return SvmClassifier(
            self._machine(vectors, truth),
            scale,
            temperature,
            _even_calibration(decisions / temperature, truth[held]),
            len(vocabulary),
            frozenset(rows.ids.tolist()),
        )

    def _sample(self, rows: FeatureTable, seed: int) -> FeatureTable:
        if self.max_rows is None or len(rows) <= self.max_rows or rows.labels is None:
            return rows
        _, chosen = carve_validation(
            rows.labels, None, fraction=self.max_rows / len(rows), seed=seed
        )
        return rows.take(chosen)

    def _machine(self, vectors: _Floats, truth: NDArray[np.int64]) -> Any:
        from sklearn.svm import SVC

        # break_ties: the answer is then the largest decision value, never a mere order of genres.
        machine = SVC(
            kernel=self.kernel,
            C=self.C,
            class_weight="balanced" if self.balanced else None,
            break_ties=len(np.unique(truth)) > 2,
            cache_size=500,
        )
        return machine.fit(vectors, truth)


SVM_LINEAR = SvmLearner("linear", "range")  # the setting of the published tables
SVM_RBF = SvmLearner("rbf")


@dataclass(frozen=True)
class SvmClassifier:
    """A trained machine; its probabilities are a softmax of its decision values.

    A genre's decision value is its votes among all pairs of genres plus a fraction for their
    margins, so that the likeliest genre is always the one that the machine itself answers.

    Attributes:
        machine: the `sklearn.svm.SVC`.
        scale: what was learnt of the training rows' values.
        temperature: divides the decision values (Guo et al., ICML 2017).
        calibration: makes the probabilities come true where all genres are equally common. They
            do so only roughly by themselves: a balanced machine still leans to common genres.
        genres: columns of the probabilities; genres not trained on have probability 0.
        trained_ids: all rows learnt from.
    """

    machine: Any
    scale: _Scale
    temperature: float
    calibration: Calibration
    genres: int
    trained_ids: frozenset[str]
    history: None = None
    parameters: None = None

    def probabilities(self, table: FeatureTable, positions: Positions) -> _Floats:
        """(n, genres) probabilities.

        Raises:
            DataError: a vector has values that are not finite.
        """
        result = np.empty((len(positions), self.genres))
        for start in range(0, len(positions), _BLOCK):
            block = positions[start : start + _BLOCK]
            vectors = self.scale(_finite(table.take(block), table.read(block)))
            decisions = _decisions(self.machine, vectors, self.genres)
            result[start : start + _BLOCK] = np.exp(log_softmax(decisions / self.temperature))
        return result


@dataclass(frozen=True)
class _Scale:
    """(vectors - offset) / unit, value by value."""

    offset: _Floats
    unit: _Floats

    @classmethod
    def of(cls, vectors: Matrix, scaling: Literal["standard", "range"]) -> _Scale:
        values = vectors.astype(np.float64)
        if scaling == "standard":
            offset, unit = values.mean(axis=0), values.std(axis=0)
        else:
            offset, unit = values.min(axis=0), np.ptp(values, axis=0)
        return cls(offset, np.where(unit > 0, unit, 1.0))

    def __call__(self, vectors: Matrix) -> _Floats:
        return np.asarray((vectors - self.offset) / self.unit)


def _finite(table: FeatureTable, vectors: Matrix) -> Matrix:
    """`vectors`, all of which are finite."""
    faulty = ~np.isfinite(vectors).all(axis=1)
    if faulty.any():
        raise DataError(
            f"{int(faulty.sum())} vectors of '{table.feature_set}' have values that are not "
            f"finite, the first is {table.ids[faulty.argmax()]}",
            remedy="leave these rows out",
        )
    return vectors


def _decisions(machine: Any, vectors: _Floats, genres: int) -> _Floats:
    """(n, genres) decision values, -inf for genres that were not trained on."""
    values = machine.decision_function(vectors)
    if values.ndim == 1:  # two genres: the margin of the second
        values = np.column_stack([-values, values])
    decisions = np.full((len(vectors), genres), -np.inf)
    decisions[:, machine.classes_] = values
    return decisions


def _temperature(decisions: _Floats, truth: NDArray[np.int64]) -> float:
    """The temperature of least log loss on held-out rows of genres that were trained on."""
    known = np.isfinite(decisions[np.arange(len(truth)), truth])
    rows, columns = np.arange(int(known.sum())), truth[known]

    def log_loss(temperature: float) -> float:
        scores = log_softmax(decisions[known] / temperature)
        return -float(scores[rows, columns].mean())

    return float(min(_TEMPERATURES, key=log_loss))


def _even_calibration(scores: _Floats, truth: NDArray[np.int64]) -> Calibration:
    """Fitted to held-out rows, of which every genre weighs the same."""
    counts = np.bincount(truth, minlength=scores.shape[1])
    weights = len(truth) / (np.count_nonzero(counts) * counts[truth])
    logs = log_probabilities(np.exp(log_softmax(scores)))
    return fit_calibration(logs, truth, weights=weights)
