"""The combiner of least log loss on training rows held out.

Which way of combining is best depends on how many rows there are and on what members have in
common, and must not be chosen on the test rows. Here candidates are fitted to four fifths of the
training rows and scored on the last, in turn; the one of least log loss is fitted to all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.temperature import log_probabilities
from genrescope.data.splits import Split
from genrescope.data.table import Strings
from genrescope.evaluation.crossval import (
    balanced_log_loss,
    inner_folds,
    out_of_fold,
    stratified_sample,
)
from genrescope.learning.ensembles.stacking import (
    COMBINERS,
    LEAST,
    MetaLearner,
    MetaModel,
)

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SelectedCombination:
    """What was fitted.

    Attributes:
        name: of the combiner chosen.
        losses: log loss of every candidate on rows left out, by name; every genre counts the same.
        combination: the chosen one's.
    """

    name: str
    losses: dict[str, float]
    combination: MetaModel

    def __call__(self, logs: _Floats) -> _Floats:
        """(members, n, genres) log-probabilities to (n, genres) probabilities."""
        return self.combination(logs)


@dataclass(frozen=True)
class SelectedCombiner:
    """Chooses among combiners by cross-validation within the training rows.

    Attributes:
        candidates: what is compared.
        folds: of the cross-validation.
        rows: candidates are compared on a stratified sample of at most so many rows.
        seed: of sample and folds.
    """

    candidates: tuple[MetaLearner, ...] = COMBINERS
    folds: int = 5
    rows: int = 3000
    seed: int = 0
    name: str = "chosen"

    def fit(
        self, logs: _Floats, truth: _Ints, groups: Strings | None = None, /
    ) -> SelectedCombination:
        """Compare, and fit the best; see `genrescope.learning.ensembles.stacking.MetaLearner.fit`.

        Raises:
            DataError: a genre with fewer than two rows (or groups).
        """
        best, losses = self.compare(logs, truth, groups)
        return SelectedCombination(best.name, losses, best.fit(logs, truth, groups))

    def compare(
        self, logs: _Floats, truth: _Ints, groups: Strings | None = None
    ) -> tuple[MetaLearner, dict[str, float]]:
        """The best candidate, not fitted, and all candidates' losses; arguments as of `fit`.

        Raises:
            DataError: a genre with fewer than two rows (or groups).
        """
        rows = stratified_sample(truth, self.rows, self.seed)
        few, own = logs[:, rows], truth[rows]
        kept = None if groups is None else groups[rows]
        losses = {each.name: self._loss(each, few, own, kept) for each in self.candidates}
        return min(self.candidates, key=lambda candidate: losses[candidate.name]), losses

    def _loss(
        self, candidate: MetaLearner, logs: _Floats, truth: _Ints, groups: Strings | None
    ) -> float:
        """Log loss of rows that the candidate was not fitted to."""

        def fit_predict(fold: Split) -> _Floats:
            inner = None if groups is None else groups[fold.train]
            return candidate.fit(logs[:, fold.train], truth[fold.train], inner)(logs[:, fold.test])

        folds = inner_folds(truth, self.folds, seed=self.seed, groups=groups)
        held_out = out_of_fold(folds, logs.shape[1:], fit_predict)
        return balanced_log_loss(log_probabilities(held_out, LEAST), truth)
