"""What each member of an ensemble says of rows that it was not trained on."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from genrescope.benchmark.config import Task
from genrescope.calibration.temperature import log_probabilities
from genrescope.data.splits import Split, stratified_kfold
from genrescope.data.table import FeatureTable, Positions
from genrescope.errors import DataError
from genrescope.evaluation.runner import run_split
from genrescope.files.atomic import write_whole
from genrescope.learning.ensembles.stacking import LEAST
from genrescope.taxonomy.vocabulary import Vocabulary

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Dealing:
    """How training rows are dealt to the classifiers of one member.

    Attributes:
        parts: each classifier is trained without one of so many parts.
        rounds: how often the rows are dealt anew; networks start from another seed each time.
    """

    parts: int = 5
    rounds: int = 1

    @property
    def classifiers(self) -> int:
        """Classifiers trained for one member and split."""
        return self.parts * self.rounds


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Log-probabilities of one member under one split.

    Attributes:
        train: (training rows, genres) float32, each row judged by classifiers that did not see it.
        test: (test rows, genres) float32, judged by all of them.
        seconds: of training and prediction.
    """

    train: NDArray[np.float32]
    test: NDArray[np.float32]
    seconds: float


def hear(
    member: Task,
    split: Split,
    *,
    vocabulary: Vocabulary,
    seed: int,
    dealing: Dealing,
    progress: Callable[[int], None] | None = None,
) -> tuple[_Floats, _Floats]:
    """Train classifiers, each without one part of the training rows.

    Known groups (artists, repeats) lie wholly within one part. Probabilities of several
    classifiers are averaged: bagging (Breiman, "Bagging predictors", Machine Learning 24, 1996).

    Args:
        member: learner and table; the labels of rows not trained on are hidden from the learner.
        split: positions into the member's table.
        vocabulary: the genres, in the order of the columns.
        seed: of parts and training.
        dealing: number of parts and rounds.
        progress: called with the number of classifiers done.

    Returns:
        (training rows, genres) and (test rows, genres) probabilities.

    Raises:
        DataError: rows without label, or a genre with fewer than two training songs or artists.
        LeakError: a classifier saw a row that it was to judge.
    """
    train = np.zeros((len(split.train), len(vocabulary)))
    test = np.zeros((len(split.test), len(vocabulary)))
    for done, part in enumerate(_parts(member.table, split.train, seed, dealing), 1):
        fit, left_out = split.train[part.train], split.train[part.test]
        judged = np.concatenate([left_out, split.test])
        inner = Split(f"{split.name} part {done}", fit, judged)
        probabilities = run_split(
            member.learner, member.table, inner, vocabulary=vocabulary, seed=seed + done
        ).probabilities
        train[part.test] += probabilities[: len(left_out)] / dealing.rounds
        test += probabilities[len(left_out) :] / dealing.classifiers
        if progress is not None:
            progress(done)
    return train, test


def _parts(table: FeatureTable, train: Positions, seed: int, dealing: Dealing) -> list[Split]:
    """Splits of `train`, positions into it."""
    if table.labels is None:
        raise DataError(f"table of '{table.feature_set}' has no labels")
    groups = None if table.groups is None else table.groups[train]
    return stratified_kfold(
        table.labels[train], dealing.parts, repeats=dealing.rounds, seed=seed, groups=groups
    )


def as_held_out(train: _Floats, test: _Floats, seconds: float) -> HeldOut:
    """Probabilities as logarithms, in single precision."""
    logs = [log_probabilities(part, LEAST).astype(np.float32) for part in (train, test)]
    return HeldOut(logs[0], logs[1], seconds)


def load_held_out(path: Path, fingerprint: str) -> HeldOut | None:
    """What `save_held_out` wrote with the same fingerprint, or None."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if str(file["fingerprint"]) != fingerprint:
                return None
            return HeldOut(file["train"], file["test"], float(file["seconds"]))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def save_held_out(path: Path, held_out: HeldOut, fingerprint: str) -> None:
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
    write_whole(path, buffer.getvalue())
