"""Support vector machines, the classifiers of the published tables, as baselines of the networks.

One-vs-one C-SVMs (Cortes, Vapnik, 1995; LIBSVM through scikit-learn). Nothing is tuned: C is 1 and
the RBF's gamma is one over the number of values times their variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from genrescope.data.table import Matrix
from genrescope.learning.baselines.baseline import (
    Baseline,
    BaselineClassifier,
    Classes,
    Floats,
    Scores,
    TrainingData,
    calibrated,
    expand_classes,
)


@dataclass(frozen=True)
class SvmLearner(Baseline):
    """Trains a machine.

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
    kind: str = "baseline"

    @property
    def name(self) -> str:
        """`svm_linear` or `svm_rbf`."""
        return f"svm_{self.kernel}"

    def fit_arrays(self, data: TrainingData, seed: int) -> BaselineClassifier:
        """Fit the machine, and the temperature of its probabilities on a part held out.

        The temperature is that of a machine trained without the held-out part (whole artists where
        these are known); the machine itself is then trained on all rows.

        Raises:
            DataError: too few rows to hold some out.
        """
        scale = Scale.of(data.vectors, self.scaling)

        def learn(vectors: Matrix, truth: Classes, genres: int) -> Scores:
            machine = self._machine(scale(vectors), truth)
            return lambda new: _decisions(machine, scale(new), genres)

        return calibrated(learn, data, seed)

    def _machine(self, vectors: Floats, truth: Classes) -> Any:
        from sklearn.svm import SVC

        # break_ties: the largest decision value is predicted, never a mere order of genres.
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
class Scale:
    """(vectors - offset) / unit, value by value; both (dims,), of the training rows."""

    offset: Floats
    unit: Floats

    @classmethod
    def of(cls, vectors: Matrix, scaling: Literal["standard", "range"]) -> Scale:
        """What `scaling` makes of `vectors` (rows, dims)."""
        values = vectors.astype(np.float64)
        if scaling == "standard":
            offset, unit = values.mean(axis=0), values.std(axis=0)
        else:
            offset, unit = values.min(axis=0), np.ptp(values, axis=0)
        return cls(offset, np.where(unit > 0, unit, 1.0))

    def __call__(self, vectors: Matrix) -> Floats:
        """(n, dims) to (n, dims)."""
        return np.asarray((vectors - self.offset) / self.unit)


def _decisions(machine: Any, vectors: Floats, genres: int) -> Floats:
    """(n, genres) a genre's votes among all pairs of genres plus a fraction for its margins.

    The likeliest genre is thus always the one that the machine itself predicts.
    """
    values = machine.decision_function(vectors)
    if values.ndim == 1:  # two genres: the margin of the second
        values = np.column_stack([-values, values])
    return expand_classes(values, machine.classes_, genres)
