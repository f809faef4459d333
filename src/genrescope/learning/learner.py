"""Networks as learners: they carve out a validation part and keep the ids of what they saw."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genrescope.data.splits import train_validation_split
from genrescope.data.table import FeatureTable, Positions
from genrescope.errors import DataError
from genrescope.evaluation.learner import TrainingRequest
from genrescope.evaluation.record import EpochLog
from genrescope.evaluation.runner import true_genres
from genrescope.progress import Report
from genrescope.taxonomy.vocabulary import Vocabulary

if TYPE_CHECKING:  # with them Keras is imported, which takes seconds: only to train
    from genrescope.learning.networks import Network
    from genrescope.learning.training import Trainer, TrainingSet

VALIDATION_SHARE = 0.15


@dataclass
class NetworkLearner:
    """Trains a network on the training rows of a split.

    Attributes:
        network: what is trained.
        checkpoints: folder for the state of interrupted training; None keeps none.
        progress: called after each epoch with the split's name.
        trained: the network that was trained last.
    """

    network: Network
    checkpoints: Path | None = None
    progress: Report | None = None
    trained: TrainedNetwork | None = None

    @property
    def name(self) -> str:
        """The network's name."""
        return self.network.name

    @property
    def kind(self) -> str:
        """The network's kind."""
        return self.network.kind

    def fit(self, request: TrainingRequest) -> TrainedNetwork:
        """Train on the training rows, a validation part of which chooses the epoch.

        Raises:
            DataError: a vector has values that are not finite, or there are too few rows.
        """
        data = _training_set(request)
        trainer = self._trainer(request.vocabulary)
        history = trainer.train(
            data,
            seed=request.seed,
            checkpoint=self._checkpoint(request.split),
            progress=self._progress_of(request.split),
        )
        self.trained = TrainedNetwork(
            network=self.network,
            vocabulary=request.vocabulary,
            trainer=trainer,
            weights=trainer.weights(),
            data=data,
            trained_ids=frozenset(request.table.ids[request.train].tolist()),
            history=EpochLog(request.split, history.columns, history.best_epoch),
        )
        return self.trained

    def _trainer(self, vocabulary: Vocabulary) -> Trainer:
        """The trainer of the last training, which is compiled, or a new one."""
        if self.trained is not None and self.trained.vocabulary == vocabulary:
            return self.trained.trainer
        return self._new_trainer(vocabulary)

    def _new_trainer(self, vocabulary: Vocabulary) -> Trainer:
        from genrescope.learning.training import Trainer

        return Trainer(self.network, len(vocabulary))

    def _checkpoint(self, split: str) -> Path | None:
        if self.checkpoints is None:
            return None
        name = f"{self.network.feature_set}-{self.network.name}-{split.replace(' ', '-')}.npz"
        return self.checkpoints / name

    def _progress_of(self, split: str) -> Report | None:
        if self.progress is None:
            return None
        report = self.progress
        return lambda at: report(replace(at, text=split))


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network with its weights, as `genrescope.evaluation.learner.Classifier`.

    Attributes:
        network: shape and recipe.
        vocabulary: its genres, in the order of its probabilities.
        trainer: holds the compiled model, which other trainings share.
        weights: the values of this training.
        data: what it was trained on and validated with.
        trained_ids: ids of the rows fitted to and of those that chose the epoch.
        history: learning curves.
    """

    network: Network
    vocabulary: Vocabulary
    trainer: Trainer
    weights: list[NDArray[Any]]
    data: TrainingSet
    trained_ids: frozenset[str]
    history: EpochLog | None

    @property
    def parameters(self) -> int:
        """Trainable values."""
        return sum(math.prod(v.shape) for v in self.trainer.model.trainable_variables)

    @property
    def model(self) -> Any:
        """The `keras.Model`, with these weights."""
        self.trainer.set_weights(self.weights)
        return self.trainer.model

    def probabilities(self, table: FeatureTable, positions: Positions) -> NDArray[np.float64]:
        """(n, genres) probabilities of the rows of `table` at `positions`."""
        from genrescope.learning.training import predict

        return predict(self.model, table, positions)


def _training_set(request: TrainingRequest) -> TrainingSet:
    from genrescope.learning.training import TrainingSet

    rows = request.table.take(request.train)
    labels = rows.require_labels()
    _refuse_non_finite(rows)
    classes = true_genres(rows, request.vocabulary)
    fit, validation = train_validation_split(
        labels, rows.groups, fraction=VALIDATION_SHARE, seed=request.seed
    )
    return TrainingSet(rows, fit, validation, classes, len(request.vocabulary))


def _refuse_non_finite(rows: FeatureTable) -> None:
    for start, vectors in rows.batches():
        bad = ~np.isfinite(vectors).all(axis=1)
        if bad.any():
            first = rows.ids[start + int(bad.argmax())]
            raise DataError(
                f"the vector of '{first}' in '{rows.feature_set}' has values that are not finite",
                remedy="find all of them with `genrescope data check`",
            )
