"""Training without the songs whose label looks wrong, by confident learning.

A label may belong to the whole album, and be wrong for all of it. Models that never saw a song (nor
another of its artist, where artists are known) predict its label; where they are surer
of another genre than they usually are of that genre's own songs, the song is left out, and the
model is trained on the rest (Northcutt, Jiang, Chuang, "Confident learning: Estimating uncertainty
in dataset labels", JAIR 70, 2021).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.data.splits import Split, can_split, stratified_kfold
from genrescope.data.table import FeatureTable, Positions
from genrescope.evaluation.confident import find_label_issues
from genrescope.evaluation.crossval import out_of_fold
from genrescope.evaluation.learner import Classifier, Learner, TrainingRequest
from genrescope.evaluation.record import EpochLog
from genrescope.evaluation.runner import run_split, true_genres
from genrescope.taxonomy.vocabulary import Vocabulary


@dataclass
class PrunedLearner:
    """Trains another learner on the training rows whose labels are not suspect.

    Attributes:
        learner: what is trained, once for each inner fold and once on the rows that are left.
        folds: inner folds, whole groups in each.
        most: share of a genre's rows that may be left out; the most suspect go first.
        least: rows of each genre that stay at least, however suspect.
        dropped: by split, then by genre, how many rows were left out.
    """

    learner: Learner
    folds: int = 4
    most: float = 0.3
    least: int = 8
    dropped: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Such as `perceptron_pruned`."""
        return f"{self.learner.name}_pruned"

    @property
    def kind(self) -> str:
        """That of the learner inside."""
        return self.learner.kind

    @property
    def notes(self) -> dict[str, Any]:
        """What a record has of it."""
        return {"songs left out as mislabelled": self.dropped}

    def fit(self, request: TrainingRequest) -> PrunedClassifier:
        """Find the suspects among the training rows, and train on the others.

        Raises:
            DataError: what the learner inside raises.
        """
        vocabulary, split = request.vocabulary, request.split
        rows = request.table.take(request.train)
        truth = true_genres(rows, vocabulary)
        probabilities = self._out_of_fold(rows, vocabulary, request.seed, split)
        tested = np.flatnonzero(probabilities.any(axis=1))
        suspect = tested[find_label_issues(truth[tested], probabilities[tested])]
        out = _within_limits(suspect, truth, self.most, self.least)
        counts = np.bincount(truth[out], minlength=len(vocabulary)).tolist()
        self.dropped[split] = dict(zip(vocabulary.genres, counts, strict=True))
        kept = np.delete(request.train, out)
        return PrunedClassifier(
            self.learner.fit(replace(request, train=kept)),
            trained_ids=frozenset(rows.ids.tolist()),
            suspects=tuple(rows.ids[suspect].tolist()),
            dropped=tuple(rows.ids[out].tolist()),
        )

    def _out_of_fold(
        self, rows: FeatureTable, vocabulary: Vocabulary, seed: int, split: str
    ) -> NDArray[np.float64]:
        """(rows, genres) probabilities by models that saw neither the song nor its group.

        Songs of a genre that is one group, which cannot be divided, are always trained on and
        never predicted: all 0.
        """
        probabilities = np.zeros((len(rows), len(vocabulary)))
        can = can_split(np.asarray(rows.labels), rows.groups)
        always, tested = np.flatnonzero(~can), np.flatnonzero(can)
        assigned = rows.take(tested)
        if assigned.labels is None or not len(assigned):
            return probabilities

        def fit_predict(inner: Split) -> NDArray[np.float64]:
            return run_split(
                self.learner, rows, inner, vocabulary=vocabulary, seed=seed
            ).probabilities

        folds = stratified_kfold(assigned.labels, self.folds, seed=seed, groups=assigned.groups)
        inner = [
            Split(
                f"{split}, inner {fold.name}",
                np.union1d(always, tested[fold.train]),
                tested[fold.test],
            )
            for fold in folds
        ]
        return out_of_fold(inner, probabilities.shape, fit_predict)


@dataclass(frozen=True, eq=False)
class PrunedClassifier:
    """What `PrunedLearner` trained.

    Attributes:
        classifier: trained on the rows that were left.
        trained_ids: those rows, and the dropped ones: they, too, decided what was learnt.
        suspects: ids of the rows whose label looked wrong, the most suspect first.
        dropped: ids of those that were left out.
    """

    classifier: Classifier
    trained_ids: frozenset[str]
    suspects: tuple[str, ...]
    dropped: tuple[str, ...]

    @property
    def history(self) -> EpochLog | None:
        """That of the last training."""
        return self.classifier.history

    @property
    def parameters(self) -> int | None:
        """Those of the classifier inside."""
        return self.classifier.parameters

    def probabilities(self, table: FeatureTable, positions: Positions) -> NDArray[np.float64]:
        """(n, genres) probabilities of the rows of `table` at `positions`."""
        return self.classifier.probabilities(table, positions)


def _within_limits(
    suspect: Positions, truth: NDArray[np.int64], most: float, least: int
) -> Positions:
    """Of rows, the most suspect first, those that their genre can spare."""
    chosen = []
    for genre, size in enumerate(np.bincount(truth).tolist()):
        spare = max(0, min(int(most * size), size - least))
        chosen.append(suspect[truth[suspect] == genre][:spare])
    return np.sort(np.concatenate(chosen))
