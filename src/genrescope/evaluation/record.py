"""The result record: one learner under one protocol, with the command that reproduces it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from genrescope.evaluation.scores import Scores


@dataclass(frozen=True)
class EpochLog:
    """Learning curve of one training run: one value an epoch in every column.

    Attributes:
        split: name of the split it belongs to.
        columns: such as `loss`, `val_loss`, `val_macro_recall`; equal lengths.
        best_epoch: 0-based epoch whose weights were kept.
    """

    split: str
    columns: dict[str, list[float]]
    best_epoch: int


@dataclass(frozen=True)
class Record:
    """One learner under one protocol.

    Attributes:
        dataset: name of the data (`gtzan`).
        feature_sets: sets the learner saw.
        learner: name of the network or rival (`student`, `perceptron`, `svm_rbf`).
        kind: `student`, `improved`, `rival` or `ensemble`.
        vocabulary: name of the vocabulary; `genres` its genres in the order of all tables here.
        protocol: name of the protocol (`5-fold stratified`).
        command: what reproduces this record.
        seed: the seed of splits and training.
        parameters: trainable values of the network; None for others.
        seconds: training and prediction time, summed over splits.
        warnings: what a reader must know (duplicates across a split, labelled rows left out).
        versions: package versions, Python and machine.
        notes: anything else, JSON values only.
    """

    dataset: str
    feature_sets: tuple[str, ...]
    learner: str
    kind: str
    vocabulary: str
    genres: tuple[str, ...]
    protocol: str
    scores: Scores
    command: str
    seed: int
    parameters: int | None
    seconds: float
    histories: tuple[EpochLog, ...] = ()
    warnings: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
