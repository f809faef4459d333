"""Songs whose label differs from a confident out-of-fold prediction."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from genrescope.data.splits import Split, can_split, stratified_kfold
from genrescope.data.table import FeatureTable, Positions, Strings
from genrescope.evaluation.confident import (
    confident_genres,
    find_label_issues,
    noise_rate,
)
from genrescope.evaluation.crossval import out_of_fold, stratified_sample
from genrescope.evaluation.learner import Learner
from genrescope.evaluation.runner import run_split, true_genres
from genrescope.learning.baselines.svm import SVM_RBF
from genrescope.progress import Progress, Report
from genrescope.taxonomy.vocabulary import Vocabulary


@dataclass(frozen=True)
class LabelIssue:
    """A song that is predicted to be of another genre.

    Attributes:
        row: its position.
        genre: what it is labelled.
        predicted: the genre predicted.
        probability: of its label.
        predicted_probability: of the genre predicted.
    """

    row: int
    genre: str
    predicted: str
    probability: float
    predicted_probability: float


@dataclass(frozen=True)
class LabelAudit:
    """What out-of-fold probabilities show of the labels.

    Attributes:
        rows: rows compared, a stratified sample where there are too many.
        sampled: whether it is a sample.
        folds: of the cross-validation, which divides neither a known group nor copies.
        learner: of each feature set; probabilities are averaged over the sets.
        accuracy: of these probabilities against the labels.
        noise: share of wrong labels estimated, the learner's own errors among them.
        left_out: genres that could not be compared, and why.
        issues: the most suspect first.
    """

    rows: int
    sampled: bool
    folds: int
    learner: str
    accuracy: float
    noise: float
    left_out: dict[str, str]
    issues: tuple[LabelIssue, ...]


def audit_labels(
    tables: Sequence[FeatureTable],
    rows: Positions,
    groups: Strings,
    vocabulary: Vocabulary,
    *,
    max_rows: int = 5000,
    folds: int = 5,
    seed: int = 0,
    learner: Learner = SVM_RBF,
    progress: Report = lambda _: None,
) -> LabelAudit | None:
    """Compare labels, by confident learning, with probabilities averaged over feature sets.

    Args:
        tables: one a feature set, aligned row by row, labelled.
        rows: positions of rows that may be compared.
        groups: (all rows,) what folds must not divide, "" for single rows.
        vocabulary: the genres.
        max_rows: rows to compare; of more, a stratified sample.
        folds: parts of the cross-validation.
        seed: of sample, folds and training.
        learner: what is trained.
        progress: called after every training.

    Returns:
        None where fewer than two genres can be compared.
    """
    chosen, left_out = _choose(tables, rows, groups, max_rows, seed)
    if chosen is None:
        return None
    taken = [replace(table.take(chosen), groups=groups[chosen]) for table in tables]
    truth = true_genres(taken[0], vocabulary)
    probabilities = _out_of_fold(taken, vocabulary, folds, seed, learner, progress)
    found = find_label_issues(truth, probabilities)
    predicted = confident_genres(truth, probabilities)
    return LabelAudit(
        rows=len(chosen),
        sampled=len(rows) > max_rows,
        folds=folds,
        learner=learner.name,
        accuracy=float((probabilities.argmax(axis=1) == truth).mean()),
        noise=noise_rate(truth, probabilities),
        left_out=left_out,
        issues=tuple(
            LabelIssue(
                int(chosen[at]),
                vocabulary.genres[truth[at]],
                vocabulary.genres[predicted[at]],
                float(probabilities[at, truth[at]]),
                float(probabilities[at, predicted[at]]),
            )
            for at in found
        ),
    )


def _choose(
    tables: Sequence[FeatureTable], rows: Positions, groups: Strings, max_rows: int, seed: int
) -> tuple[Positions | None, dict[str, str]]:
    """The rows to compare (None: fewer than two genres), and the genres left out."""
    labels = tables[0].labels
    if labels is None:
        return None, {}
    rows = rows[labels[rows] != ""]
    rows = rows[stratified_sample(labels[rows], max_rows, seed)]
    for table in tables:
        rows = rows[np.isfinite(table.read(rows)).all(axis=1)]
    can = can_split(labels[rows], groups[rows])
    single, rows = np.unique(labels[rows[~can]]).tolist(), rows[can]
    left_out = dict.fromkeys(single, "one song or artist, which folds cannot divide")
    return (rows if len(np.unique(labels[rows])) > 1 else None), left_out


def _out_of_fold(
    tables: Sequence[FeatureTable],
    vocabulary: Vocabulary,
    folds: int,
    seed: int,
    learner: Learner,
    progress: Report,
) -> NDArray[np.float64]:
    """(rows, genres) mean over the tables of probabilities by classifiers that did not see it."""
    labels, shape = np.asarray(tables[0].labels), (len(tables[0]), len(vocabulary))
    splits = stratified_kfold(labels, folds, seed=seed, groups=tables[0].groups)
    done = itertools.count(1)

    def fit_predict(split: Split, table: FeatureTable) -> NDArray[np.float64]:
        result = run_split(learner, table, split, vocabulary=vocabulary, seed=seed)
        text = f"{table.feature_set}, {split.name}"
        progress(Progress(next(done), folds * len(tables), text=text))
        return result.probabilities

    each = (out_of_fold(splits, shape, partial(fit_predict, table=table)) for table in tables)
    return np.asarray(sum(each, np.zeros(shape)) / len(tables))
