"""Linear discriminant analysis on ranks, a baseline that models how values vary together.

Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7(2), 1936; the
covariance within genres, of more values than songs, is shrunk towards a multiple of the identity
(Friedman, "Regularized discriminant analysis", JASA 84(405), 1989). Genres are taken as equally
common. Cheap, deterministic, and wrong about other songs than a network is.
"""

from __future__ import annotations

from dataclasses import dataclass

from genrescope.data.table import Matrix
from genrescope.errors import DataError
from genrescope.learning.baselines.baseline import (
    Baseline,
    BaselineClassifier,
    Classes,
    Scores,
    TrainingData,
    calibrated,
    expand_classes,
)
from genrescope.learning.quantiles import QuantileTransform


@dataclass(frozen=True)
class DiscriminantLearner(Baseline):
    """Trains a linear discriminant analysis on `genrescope.learning.quantiles.QuantileTransform`.

    Attributes:
        shrinkage: share of the covariance that the multiple of the identity gets, 0 to 1.
        max_rows: learn from a stratified sample of at most so many rows; None for all.
    """

    shrinkage: float = 0.2
    max_rows: int | None = None
    kind: str = "baseline"
    name: str = "lda"

    def fit_arrays(self, data: TrainingData, seed: int) -> BaselineClassifier:
        """Fit; the temperature is fitted as in `genrescope.learning.baselines.baseline.calibrated`.

        Raises:
            DataError: too few rows to hold some out, or no more of them than genres.
        """
        return calibrated(self._fit, data, seed)

    def _fit(self, vectors: Matrix, truth: Classes, genres: int) -> Scores:
        import numpy as np
        from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

        ranks = QuantileTransform.of(vectors)
        trained = np.unique(truth)
        if len(truth) <= len(trained):  # no covariance within genres
            raise DataError(
                f"{len(truth)} rows of {len(trained)} genres to fit {self.name} to",
                remedy="it needs more rows than genres: take fewer folds, or label more songs",
            )
        machine = LinearDiscriminantAnalysis(
            solver="lsqr",
            shrinkage=self.shrinkage,
            priors=np.full(len(trained), 1 / len(trained)),
        ).fit(ranks(vectors), truth)
        return lambda new: expand_classes(machine.predict_log_proba(ranks(new)), trained, genres)


LDA = DiscriminantLearner()
