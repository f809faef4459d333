"""Run a learner under a protocol: fit on one side, predict the other, score all predictions."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable, Positions
from genrescope.errors import DataError
from genrescope.evaluation.guard import check_leakage, split_warnings
from genrescope.evaluation.learner import Classifier, Learner, TrainingRequest
from genrescope.evaluation.metrics import evaluate
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.protocols import Protocol
from genrescope.evaluation.record import Record
from genrescope.evaluation.scores import Scores
from genrescope.evaluation.threads import on_one_thread
from genrescope.progress import Progress, Report
from genrescope.taxonomy.vocabulary import Vocabulary

_PACKAGES = ("numpy", "scikit-learn", "keras", "tensorflow", "jax", "torch", "onnxruntime")
_MODULES = {"scikit-learn": "sklearn"}


@dataclass(frozen=True)
class SplitResult:
    """One split, run.

    Attributes:
        classifier: trained on the split's training rows.
        probabilities: (test rows, genres) its predictions of the others.
        seconds: of training and prediction.
    """

    classifier: Classifier
    probabilities: NDArray[np.float64]
    seconds: float


def run(
    learner: Learner,
    table: FeatureTable,
    protocol: Protocol,
    *,
    vocabulary: Vocabulary,
    seed: int,
    command: str,
    dataset: str,
    progress: Report | None = None,
    on_trained: Callable[[Classifier], None] | None = None,
) -> tuple[Record, Predictions]:
    """Train and test `learner` on every split of `protocol` and score the pooled predictions.

    Args:
        learner: see `Learner`; it sees the labels of training rows only.
        table: labelled rows; the protocol's splits are positions into it.
        protocol: see `genrescope.evaluation.protocols`.
        vocabulary: the genres, in the order of all probabilities.
        seed: of training and of the bootstrap.
        command: what reproduces the record.
        dataset: name of the data.
        progress: called after each split.
        on_trained: called with the classifier of each split.

    Raises:
        DataError: rows without a label of the vocabulary, or probabilities that are none.
        LeakError: a classifier saw a song that its split tests.
    """
    truth = true_genres(table, vocabulary)
    results: list[SplitResult] = []
    for split in protocol.splits:
        results.append(run_split(learner, table, split, vocabulary=vocabulary, seed=seed))
        if on_trained is not None:
            on_trained(results[-1].classifier)
        if progress is not None:
            progress(Progress(len(results), len(protocol.splits)))
    found = [item.probabilities for item in results]
    predictions = concatenate_splits(table, truth, protocol.splits, found, vocabulary)
    histories = [item.classifier.history for item in results]
    record = Record(
        dataset=dataset,
        feature_sets=tuple(table.feature_set.split("+")),
        learner=learner.name,
        kind=learner.kind,
        vocabulary=vocabulary.name,
        genres=vocabulary.genres,
        protocol=protocol.title,
        scores=score(predictions, seed=seed),
        command=command,
        seed=seed,
        parameters=results[0].classifier.parameters,
        seconds=sum(item.seconds for item in results),
        histories=tuple(history for history in histories if history is not None),
        warnings=(*protocol.warnings, *split_warnings(table, protocol.splits)),
        versions=versions(),
        notes=getattr(learner, "notes", {}),
    )
    return record, predictions


@on_one_thread
def run_split(
    learner: Learner, table: FeatureTable, split: Split, *, vocabulary: Vocabulary, seed: int
) -> SplitResult:
    """Train on one side of a split and predict the other, of which the learner sees no label.

    Args:
        learner: see `Learner`; it is given the split's name, too.
        table: rows, of which those to train on are labelled.
        split: positions into the table.
        vocabulary: the genres, in the order of the probabilities.
        seed: of training.

    Raises:
        DataError: positions beyond the table, or what the learner raises.
        LeakError: the classifier was fitted to a song that it is tested on.
        MissingExtraError: scikit-learn is not installed.
    """
    if max(split.train.max(), split.test.max()) >= len(table):
        raise DataError(f"split '{split.name}' names rows beyond the {len(table)} of the table")
    check_leakage(frozenset(table.ids[split.train].tolist()), table.ids[split.test])
    began = time.perf_counter()
    shown = _only_labels_of(table, split.train)
    classifier = learner.fit(TrainingRequest(shown, split.train, vocabulary, seed, split.name))
    check_leakage(classifier.trained_ids, table.ids[split.test])
    probabilities = _predict(classifier, table, split.test)
    return SplitResult(classifier, probabilities, time.perf_counter() - began)


def evaluate_classifier(
    classifier: Classifier, table: FeatureTable, *, vocabulary: Vocabulary, name: str = "all rows"
) -> Predictions:
    """Predict every row of `table` with a classifier trained before.

    Raises:
        DataError: rows without a label of the vocabulary, or probabilities that are none.
        LeakError: the classifier saw a song of the table.
    """
    truth = true_genres(table, vocabulary)
    check_leakage(classifier.trained_ids, table.ids)
    rows = np.arange(len(table), dtype=np.int64)
    probabilities = _predict(classifier, table, rows)
    split = np.zeros(len(table), dtype=np.int64)
    return Predictions(table.ids, truth, probabilities, split, (name,), vocabulary.genres)


def score(predictions: Predictions, *, resamples: int = 1000, seed: int = 0) -> Scores:
    """Scores of pooled predictions; the bootstrap draws songs, with all their repeats."""
    return evaluate(
        predictions.truth,
        predictions.probabilities,
        predictions.genres,
        songs=predictions.ids,
        resamples=resamples,
        seed=seed,
    )


def true_genres(table: FeatureTable, vocabulary: Vocabulary) -> NDArray[np.int64]:
    """(rows,) index of each row's genre in `vocabulary`.

    Raises:
        DataError: a row has no label, or one that is not in the vocabulary.
    """
    if table.labels is None or (bare := int((table.labels == "").sum())):
        missing = len(table) if table.labels is None else bare
        raise DataError(
            f"{missing} of {len(table)} rows of '{table.feature_set}' have no genre",
            remedy="use table.labelled()",
        )
    names, places = np.unique(table.labels, return_inverse=True)
    index = np.array([vocabulary.index(str(name)) for name in names], dtype=np.int64)
    return index[places]


def versions() -> dict[str, str]:
    """Versions of what is in use: Python, the machine, and the packages that are imported."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in _PACKAGES:
        if _MODULES.get(package, package) in sys.modules:
            found[package] = importlib.metadata.version(package)
    return found


def _only_labels_of(table: FeatureTable, train: Positions) -> FeatureTable:
    """`table` with the labels of all rows but those at `train` hidden: no learner can use them."""
    if table.labels is None:
        return table
    labels = np.zeros_like(table.labels)
    labels[train] = table.labels[train]
    return replace(table, labels=labels)


def _predict(
    classifier: Classifier, table: FeatureTable, positions: Positions
) -> NDArray[np.float64]:
    """Probabilities of unlabelled rows."""
    return np.asarray(
        classifier.probabilities(replace(table, labels=None), positions), dtype=np.float64
    )


def concatenate_splits(
    table: FeatureTable,
    truth: NDArray[np.int64],
    splits: tuple[Split, ...],
    probabilities: Sequence[NDArray[np.float64]],
    vocabulary: Vocabulary,
) -> Predictions:
    """All splits' predictions, one after the other.

    Args:
        table: names the songs.
        truth: (rows of the table,) index of each row's genre.
        splits: positions into the table.
        probabilities: (test rows, genres) of each split.
        vocabulary: the genres.

    Raises:
        DataError: a split's probabilities have another shape.
    """
    for split, found in zip(splits, probabilities, strict=True):
        if found.shape != (expected := (len(split.test), len(vocabulary))):
            raise DataError(
                f"predictions of split '{split.name}' have shape {found.shape}, not {expected}"
            )
    rows = np.concatenate([split.test for split in splits])
    return Predictions(
        table.ids[rows],
        truth[rows],
        np.concatenate(probabilities),
        np.repeat(np.arange(len(splits)), [len(split.test) for split in splits]),
        tuple(split.name for split in splits),
        vocabulary.genres,
    )
