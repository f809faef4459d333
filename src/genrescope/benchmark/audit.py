"""The audit: all that would make a benchmark on some tables dishonest, looked for in one go."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from genrescope.benchmark.label_audit import LabelAudit, audit_labels
from genrescope.data.audit.balance import Balance, balance
from genrescope.data.audit.columns import ColumnFaults, column_faults, rescaled_columns, runs
from genrescope.data.audit.near import NearDuplicates, near_duplicates
from genrescope.data.audit.source import AuditInput
from genrescope.data.table import FeatureTable, Positions, Strings
from genrescope.errors import MissingExtraError
from genrescope.evaluation.duplicates import (
    DuplicatePair,
    copied_genres,
    copy_groups,
    equal_pairs,
    leaked_by_group,
    merge_duplicates,
)
from genrescope.evaluation.guard import row_hashes
from genrescope.progress import Progress, Report

ALL_BUT_EQUAL = 0.05
"""Songs so near, as a share of the usual distance, need no second set to confirm it."""


@dataclass(frozen=True)
class SetAudit:
    """What is wrong with one feature set.

    Attributes:
        name: of the set.
        columns: names of its values.
        copied_genres: pairs of genres with the same rows.
        set_aside: genres not looked at further, because they are the copies.
        equal: (n, 2) rows with equal vectors.
        near: the search for near duplicates among the different vectors.
        faults: of columns.
        rescaled: column to the part in which it has another scale.
    """

    name: str
    columns: tuple[str, ...]
    copied_genres: tuple[tuple[str, str], ...]
    set_aside: tuple[str, ...]
    equal: Positions
    near: NearDuplicates
    faults: ColumnFaults
    rescaled: Mapping[int, str]


@dataclass(frozen=True)
class SplitAudit:
    """What lies on both sides of a split.

    Attributes:
        name: of the split.
        train, test: rows.
        copies: tested rows of which a copy is trained on.
        artists: tested rows by whose artist (group) a row is trained on; None: no artist is known.
    """

    name: str
    train: int
    test: int
    copies: Positions
    artists: Positions | None


@dataclass(frozen=True)
class Audit:
    """All that was found.

    Attributes:
        subject: what was searched.
        sets: one a table.
        copies: pairs of songs that are one, over all sets.
        split: None where none is known.
        balance: None where no labels are known.
        labels: None where labels were not compared with predictions.
        seconds: time that each pass took.
    """

    subject: AuditInput
    sets: tuple[SetAudit, ...]
    copies: tuple[DuplicatePair, ...]
    split: SplitAudit | None
    balance: Balance | None
    labels: LabelAudit | None
    seconds: Mapping[str, float]

    @property
    def confirmed(self) -> list[DuplicatePair]:
        """Copies that are equal, near in more sets than one, or all but equal in one."""
        return [copy for copy in self.copies if self._is_confirmed(copy)]

    @property
    def unconfirmed(self) -> list[DuplicatePair]:
        """Copies that only one of several sets shows."""
        return [copy for copy in self.copies if not self._is_confirmed(copy)]

    def _is_confirmed(self, copy: DuplicatePair) -> bool:
        several = bool(copy.equal) or copy.sets > 1 or len(self.sets) == 1
        return several or min(copy.near.values()) <= ALL_BUT_EQUAL


def audit(
    subject: AuditInput,
    *,
    max_label_rows: int = 5000,
    seed: int = 0,
    progress: Report = lambda _: None,
) -> Audit:
    """Look for copies, leaks, wrong labels, imbalance and broken columns.

    Args:
        subject: see `open_audit_input`.
        max_label_rows: labels to compare with predictions at most, 0 for none.
        seed: of samples, trees, folds and training.
        progress: called after every step.

    Raises:
        MissingExtraError: labels are to be compared, but scikit-learn is not there.
    """
    if max_label_rows and importlib.util.find_spec("sklearn") is None:
        raise MissingExtraError.of("train", "predicting labels (all but --max-label-rows 0)")
    began, seconds = time.perf_counter(), {}

    def lap(name: str) -> None:
        nonlocal began
        seconds[name], began = time.perf_counter() - began, time.perf_counter()

    sets = []
    for number in range(len(subject.tables)):
        sets.append(_audit_set(subject, number, seed))
        text = f"{sets[-1].name} searched"
        progress(Progress(number + 1, len(subject.tables), text=text))
    lap("copies and columns")
    copies = merge_duplicates(
        [(item.name, item.equal) for item in sets],
        [(item.name, item.near.pairs, item.near.distances) for item in sets],
    )
    found = Audit(subject, tuple(sets), tuple(copies), None, _balance(subject), None, seconds)
    pairs = np.array([(c.first, c.second) for c in found.confirmed], dtype=np.int64).reshape(-1, 2)
    split = _audit_split(subject, pairs)
    labels = (
        _label_audit(subject, sets, pairs, max_label_rows, seed, progress)
        if max_label_rows
        else None
    )
    lap("labels")
    return Audit(subject, found.sets, found.copies, split, found.balance, labels, seconds)


def _audit_set(subject: AuditInput, number: int, seed: int) -> SetAudit:
    table = subject.tables[number]
    hashes = row_hashes(table)
    labels = table.labels if table.labels is not None else np.full(len(table), "")
    genres = copied_genres(labels, hashes)
    aside = _set_aside(table, genres)
    rows = np.flatnonzero(~np.isin(labels, aside))
    equal = rows[equal_pairs(table.take(rows), hashes=hashes[rows])]
    return SetAudit(
        name=table.feature_set,
        columns=subject.columns[number],
        copied_genres=tuple(genres),
        set_aside=aside,
        equal=equal,
        near=near_duplicates(table, np.setdiff1d(rows, equal[:, 1]), seed=seed),
        faults=column_faults(table),
        rescaled=rescaled_columns(table, _parts(subject, labels)),
    )


def _set_aside(table: FeatureTable, genres: list[tuple[str, str]]) -> tuple[str, ...]:
    """Of each pair of genres the one known to be the copy; the later one where it is not known."""
    known = table.provenance.get("repeated", {})
    return tuple({next((g for g in pair if g in known), pair[1]): None for pair in genres})


def _parts(subject: AuditInput, labels: Strings) -> dict[str, Positions]:
    """Parts that should have one scale: a split's sides, or tenths that each hold many genres."""
    if subject.split is not None:
        return {"the training part": subject.split.train, "the test part": subject.split.test}
    parts = runs(len(labels))
    genres = len(np.unique(labels))
    mixed = all(2 * len(np.unique(labels[rows])) >= genres for rows in parts.values())
    return parts if mixed else {}


def _audit_split(subject: AuditInput, pairs: Positions) -> SplitAudit | None:
    split, groups = subject.split, subject.tables[0].groups
    if split is None:
        return None
    copies = leaked_by_group(copy_groups(len(subject), pairs), split)
    artists = None if groups is None else leaked_by_group(groups, split)
    return SplitAudit(split.name, len(split.train), len(split.test), copies, artists)


def _balance(subject: AuditInput) -> Balance | None:
    labels, groups = subject.tables[0].labels, subject.tables[0].groups
    return None if labels is None else balance(labels, groups)


def _label_audit(
    subject: AuditInput,
    sets: list[SetAudit],
    pairs: Positions,
    max_label_rows: int,
    seed: int,
    progress: Report,
) -> LabelAudit | None:
    table = subject.tables[0]
    if table.labels is None or subject.vocabulary is None:
        return None
    aside = [genre for item in sets for genre in item.set_aside]
    return audit_labels(
        subject.tables,
        np.flatnonzero(~np.isin(table.labels, aside)),
        copy_groups(len(table), pairs, table.groups),
        subject.vocabulary,
        max_rows=max_label_rows,
        seed=seed,
        progress=progress,
    )
