"""What is trained and what comes out of it, whatever is inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol as Interface

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import FeatureTable, Positions
from genrescope.evaluation.record import EpochLog
from genrescope.taxonomy.vocabulary import Vocabulary


class Classifier(Interface):
    """A trained model."""

    @property
    def trained_ids(self) -> frozenset[str]:
        """Everything that it saw in training or for its selection."""

    @property
    def history(self) -> EpochLog | None:
        """Its learning curve, where it has one."""

    @property
    def parameters(self) -> int | None:
        """Its trainable values, where that is a meaningful number."""

    def probabilities(self, table: FeatureTable, positions: Positions) -> NDArray[np.float64]:
        """(n, genres) probabilities of the rows of `table` at `positions`; rows sum to 1."""


@dataclass(frozen=True, eq=False)
class TrainingRequest:
    """What a learner is to be fitted to.

    Attributes:
        table: rows, of which those to train on are labelled.
        train: positions of these.
        vocabulary: the genres, in the order of all probabilities.
        seed: the same seed gives the same classifier.
        split: name of the split, for learning curves and checkpoints.
    """

    table: FeatureTable
    train: Positions
    vocabulary: Vocabulary
    seed: int
    split: str


class Learner(Interface):
    """What makes a classifier from labelled rows.

    A learner may have `notes`, JSON values that a record keeps.
    """

    @property
    def name(self) -> str:
        """Such as `svm_rbf`."""

    @property
    def kind(self) -> str:
        """`student`, `improved`, `baseline` or `ensemble`."""

    def fit(self, request: TrainingRequest) -> Classifier:
        """Learn from the request's training rows; the labels of all others are hidden."""
