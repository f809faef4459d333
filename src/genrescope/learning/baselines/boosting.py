"""Boosted trees as a baseline of the networks: LightGBM.

Ke et al., "LightGBM: A highly efficient gradient boosting decision tree", NeurIPS 2017. Small trees
at random thresholds, each on a tenth of the values, as chosen on the validation part of GTZAN's
fault-filtered split (`benchmarks/LOG.md`). Trees see only the order of values: nothing is scaled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genrescope.data.table import Matrix
from genrescope.errors import MissingExtraError
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
class BoostingLearner(Baseline):
    """Trains boosted trees.

    Attributes:
        trees: rounds of boosting; each grows a tree a genre.
        leaves: most leaves of a tree.
        learning_rate: share of each tree's output that counts.
        columns: share of the values that a tree may use.
        least_columns: but so many at least, where there are so many.
        max_rows: learn from a stratified sample of at most so many rows; None for all.
        threads: of training and prediction; the trees are the same whatever their number.
    """

    trees: int = 400
    leaves: int = 4
    learning_rate: float = 0.05
    columns: float = 0.1
    least_columns: int = 8
    max_rows: int | None = None
    threads: int = 2
    kind: str = "baseline"
    name: str = "lightgbm"

    def fit_arrays(self, data: TrainingData, seed: int) -> BaselineClassifier:
        """Grow the trees; the temperature is fitted as `calibrated` in `baseline` does.

        Raises:
            DataError: too few rows to hold some out.
            MissingExtraError: LightGBM is not installed.
        """
        return calibrated(
            lambda vectors, truth, genres: self._grow(vectors, truth, genres, seed), data, seed
        )

    def _grow(self, vectors: Matrix, truth: Classes, genres: int, seed: int) -> Scores:
        try:
            from lightgbm import LGBMClassifier
        except ImportError as error:
            raise MissingExtraError.of("train", "boosted trees") from error
        trees = LGBMClassifier(
            n_estimators=self.trees,
            num_leaves=self.leaves,
            learning_rate=self.learning_rate,
            colsample_bytree=min(1.0, max(self.columns, self.least_columns / vectors.shape[1])),
            subsample=0.7,
            subsample_freq=1,
            min_child_samples=10,
            reg_lambda=5.0,
            extra_trees=True,
            class_weight="balanced",
            random_state=seed,
            n_jobs=self.threads,
            deterministic=True,
            force_col_wise=True,
            verbose=-1,
        ).fit(vectors, truth)

        def scores(new: Matrix) -> Floats:
            found = np.asarray(trees.predict(new, raw_score=True), dtype=np.float64)
            if found.ndim == 1:  # two genres: the logit of the second
                found = np.column_stack([np.zeros_like(found), found])
            return expand_classes(found, trees.classes_, genres)

        return scores


LIGHTGBM = BoostingLearner()
