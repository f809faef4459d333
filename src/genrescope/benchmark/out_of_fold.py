"""Out-of-fold predictions of the base learners of an ensemble, and their files."""

from __future__ import annotations

import io
import itertools
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from genrescope.benchmark.config import BenchmarkConfig, Task, fingerprint_of
from genrescope.calibration.temperature import log_probabilities
from genrescope.data.concatenate import single_sets
from genrescope.data.splits import Split, stratified_kfold
from genrescope.data.table import FeatureTable, Positions
from genrescope.errors import DataError
from genrescope.evaluation.crossval import out_of_fold
from genrescope.evaluation.runner import run_split, true_genres
from genrescope.files.atomic import write_atomic
from genrescope.learning.ensembles.selected import SelectedCombination, SelectedCombiner
from genrescope.learning.ensembles.stacking import LEAST, MetaLearner, MetaModel
from genrescope.progress import Progress, Report
from genrescope.taxonomy.vocabulary import Vocabulary

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class InnerFolds:
    """How the training rows of a split are divided for one base learner.

    Attributes:
        folds: each classifier is trained without one of so many inner folds.
        repeats: of the inner cross-validation; networks start from another seed each time.
    """

    folds: int = 5
    repeats: int = 1

    @property
    def classifiers(self) -> int:
        """Classifiers trained for one base learner and split."""
        return self.folds * self.repeats


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Log-probabilities by one base learner under one split.

    Attributes:
        train: (training rows, genres) float32, each row by classifiers that did not see it.
        test: (test rows, genres) float32, by all of them.
        seconds: of training and prediction.
    """

    train: NDArray[np.float32]
    test: NDArray[np.float32]
    seconds: float


@dataclass(frozen=True, eq=False)
class OutOfFoldPredictions:
    """Out-of-fold predictions of all base learners under all splits of a protocol.

    Attributes:
        members: learners on tables of the same songs in the same order.
        config: vocabulary, protocol, seed.
        truth: (rows,) index of each row's genre.
        predictions: predictions[split][member].
        fits: what `fit` has fitted.
    """

    members: tuple[Task, ...]
    config: BenchmarkConfig
    truth: NDArray[np.int64]
    predictions: tuple[tuple[OutOfFold, ...], ...]
    fits: dict[tuple[int, MetaLearner, tuple[int, ...]], MetaModel] = field(default_factory=dict)

    @property
    def table(self) -> FeatureTable:
        """The songs."""
        return self.members[0].table

    @property
    def sets(self) -> tuple[str, ...]:
        """Feature sets of the members, each once; those of `rh+ssd` are `rh` and `ssd`."""
        return tuple(single_sets([member.table.feature_set for member in self.members]))

    def within(self, sets: Collection[str]) -> tuple[int, ...]:
        """Positions of the members that need no other sets than these, perhaps none."""
        needed = [single_sets([member.table.feature_set]) for member in self.members]
        return tuple(i for i, names in enumerate(needed) if {*names} <= {*sets})

    def train_logs(self, split: int, chosen: Sequence[int]) -> _Floats:
        """(members, training rows, genres) log-probabilities of rows that members did not see."""
        return np.stack([self.predictions[split][i].train for i in chosen], dtype=np.float64)

    def test_logs(self, split: int, chosen: Sequence[int], rows: slice) -> _Floats:
        """(members, rows, genres) log-probabilities of some of the test rows."""
        return np.stack([self.predictions[split][i].test[rows] for i in chosen], dtype=np.float64)

    def fit(self, split: int, combiner: MetaLearner, chosen: Sequence[int]) -> MetaModel:
        """The combiner fitted to a split's training rows by some members.

        No combiner is fitted twice, neither when another has chosen it.
        """
        key = (split, combiner, tuple(chosen))
        if key not in self.fits:
            self.fits[key] = self._fit(*key)
        return self.fits[key]

    def _fit(self, split: int, combiner: MetaLearner, chosen: Sequence[int]) -> MetaModel:
        train = self.config.protocol.splits[split].train
        groups = None if self.table.groups is None else self.table.groups[train]
        data = self.train_logs(split, chosen), self.truth[train], groups
        if not isinstance(combiner, SelectedCombiner):
            return combiner.fit(*data)
        best, losses = combiner.compare(*data)
        return SelectedCombination(best.name, losses, self.fit(split, best, chosen))


def fit_base_learners(
    members: Sequence[Task],
    config: BenchmarkConfig,
    inner: InnerFolds,
    progress: Report | None = None,
) -> OutOfFoldPredictions:
    """Train every base learner under every split; its predictions are kept in the output folder.

    What an earlier run of the same base learners left there is read instead of made again.

    Raises:
        DataError: members of different songs, or see `out_of_fold_predict`.
        LeakError: see there.
    """
    for member in members[1:]:
        if not np.array_equal(member.table.ids, members[0].table.ids):
            raise DataError(
                f"'{member.table.feature_set}' and '{members[0].table.feature_set}' hold other "
                "songs, or in another order"
            )
    splits = config.protocol.splits
    total = classifiers_of(members, config, inner)
    predictions: list[tuple[OutOfFold, ...]] = []
    done = 0
    for split in range(len(splits)):
        found = []
        for member in members:
            report = _counting(progress, done, total, f"{member.key}, {splits[split].name}")
            found.append(kept_out_of_fold(member, split, config, inner, report))
            done += inner.classifiers
        predictions.append(tuple(found))
    truth = true_genres(members[0].table, config.vocabulary)
    return OutOfFoldPredictions(tuple(members), config, truth, tuple(predictions))


def classifiers_of(members: Sequence[Task], config: BenchmarkConfig, inner: InnerFolds) -> int:
    """How many classifiers are trained for all members and splits."""
    return len(members) * len(config.protocol.splits) * inner.classifiers


def _counting(progress: Report | None, before: int, total: int, name: str) -> Callable[[int], None]:
    """Progress of one member as part of the whole."""

    def report(done: int) -> None:
        if progress is not None:
            progress(Progress(before + done, total, text=f"{name}, part {done}"))

    return report


def kept_out_of_fold(
    member: Task,
    number: int,
    config: BenchmarkConfig,
    inner: InnerFolds,
    progress: Callable[[int], None],
) -> OutOfFold:
    """Predictions of a base learner under one split, from the output folder or made now.

    `progress` is called with the number of classifiers done, with 0 first; not where all is there.
    """
    key = f"{fingerprint_of(member, config)} {inner}"
    path = config.output / "members" / f"{member.key}-{number}.npz"
    if (earlier := load_out_of_fold(path, key)) is not None:
        return earlier
    progress(0)
    began = time.perf_counter()
    train, test = out_of_fold_predict(
        member,
        config.protocol.splits[number],
        vocabulary=config.vocabulary,
        seed=config.seed,
        inner=inner,
        progress=progress,
    )
    result = to_log_probabilities(train, test, time.perf_counter() - began)
    save_out_of_fold(path, result, key)
    return result


def out_of_fold_predict(
    task: Task,
    split: Split,
    *,
    vocabulary: Vocabulary,
    seed: int,
    inner: InnerFolds,
    progress: Callable[[int], None] | None = None,
) -> tuple[_Floats, _Floats]:
    """(training rows, genres) and (test rows, genres) probabilities.

    Classifiers are trained without one inner fold each. A training row is predicted by those that
    did not see it, a test row by all of them; several are averaged: bagging (Breiman, "Bagging
    predictors", Machine Learning 24, 1996). Known groups (artists, repeats) lie in one inner fold.

    Args:
        task: learner and table; the labels of rows not trained on are hidden from the learner.
        split: positions into the task's table.
        vocabulary: the genres, in the order of the columns.
        seed: of inner folds and training.
        inner: number of inner folds and of repeats.
        progress: called with the number of classifiers done.

    Raises:
        DataError: rows without label, or a genre with fewer than two training songs or artists.
        LeakError: a classifier saw a row that it was to predict.
    """
    test = np.zeros((len(split.test), len(vocabulary)))
    done = itertools.count(1)

    def fit_predict(fold: Split) -> _Floats:
        number = next(done)
        left_out = split.train[fold.test]
        rows = np.concatenate([left_out, split.test])
        part = Split(f"{split.name} part {number}", split.train[fold.train], rows)
        probabilities = run_split(
            task.learner, task.table, part, vocabulary=vocabulary, seed=seed + number
        ).probabilities
        np.add(test, probabilities[len(left_out) :] / inner.classifiers, out=test)
        if progress is not None:
            progress(number)
        return np.asarray(probabilities[: len(left_out)] / inner.repeats)

    folds = _folds(task.table, split.train, seed, inner)
    return out_of_fold(folds, (len(split.train), len(vocabulary)), fit_predict), test


def _folds(table: FeatureTable, train: Positions, seed: int, inner: InnerFolds) -> list[Split]:
    """Splits of `train`, positions into it."""
    labels = table.require_labels()[train]
    groups = None if table.groups is None else table.groups[train]
    return stratified_kfold(labels, inner.folds, repeats=inner.repeats, seed=seed, groups=groups)


def to_log_probabilities(train: _Floats, test: _Floats, seconds: float) -> OutOfFold:
    """Probabilities as logarithms, in single precision."""
    logs = [log_probabilities(part, LEAST).astype(np.float32) for part in (train, test)]
    return OutOfFold(logs[0], logs[1], seconds)


def load_out_of_fold(path: Path, fingerprint: str) -> OutOfFold | None:
    """What `save_out_of_fold` wrote with the same fingerprint, or None."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if str(file["fingerprint"]) != fingerprint:
                return None
            return OutOfFold(file["train"], file["test"], float(file["seconds"]))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def save_out_of_fold(path: Path, held_out: OutOfFold, fingerprint: str) -> None:
    """Write whole or not at all."""
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        fingerprint=np.array(fingerprint),
        train=held_out.train,
        test=held_out.test,
        seconds=np.array(held_out.seconds),
    )
    write_atomic(path, buffer.getvalue())
