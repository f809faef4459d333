"""Ensembles under a protocol: base learners are fitted once, then stacked in several ways."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from genrescope.benchmark.config import BenchmarkConfig, Task, earlier_record, fingerprint_of
from genrescope.benchmark.out_of_fold import (
    InnerFolds,
    OutOfFoldPredictions,
    classifiers_of,
    fit_base_learners,
)
from genrescope.benchmark.shift import has_label_shift, prior_corrected_scores
from genrescope.errors import UsageError
from genrescope.evaluation.guard import split_warnings
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.record import Record, write_record
from genrescope.evaluation.runner import concatenate_splits, score, versions
from genrescope.evaluation.scores import RuleScores
from genrescope.evaluation.threads import on_one_thread
from genrescope.learning.ensembles.selected import SelectedCombination, SelectedCombiner
from genrescope.learning.ensembles.stacking import COMBINERS, MetaLearner, MetaModel
from genrescope.progress import Progress, Report

_Floats = NDArray[np.float64]
META_LEARNERS: tuple[MetaLearner, ...] = (*COMBINERS, SelectedCombiner())

_BLOCK = 16_384  # test rows predicted at once


@on_one_thread
def combine(
    base: OutOfFoldPredictions,
    combiner: MetaLearner,
    chosen: Sequence[int] | None = None,
    on_fitted: Callable[[MetaModel], None] = lambda _: None,
) -> Predictions:
    """Fit a combiner to each split's training rows and predict its test rows.

    Args:
        base: predictions of the base learners.
        combiner: see `genrescope.learning.ensembles.stacking`.
        chosen: positions of the members to combine; None for all. Of no member, all
            genres are as likely.
        on_fitted: called with what was fitted, split by split.
    """
    chosen = range(len(base.members)) if chosen is None else chosen
    splits = base.config.protocol.splits
    found = [_predict(base, combiner, chosen, number, on_fitted) for number in range(len(splits))]
    return concatenate_splits(base.table, base.truth, splits, found, base.config.vocabulary)


def _predict(
    base: OutOfFoldPredictions,
    combiner: MetaLearner,
    chosen: Sequence[int],
    number: int,
    on_fitted: Callable[[MetaModel], None],
) -> _Floats:
    """(test rows, genres) probabilities of one split."""
    split, genres = base.config.protocol.splits[number], len(base.config.vocabulary)
    if not chosen:
        return np.full((len(split.test), genres), 1.0 / genres)
    combination = base.fit(number, combiner, chosen)
    on_fitted(combination)
    blocks = (slice(start, start + _BLOCK) for start in range(0, len(split.test), _BLOCK))
    return np.concatenate([combination(base.test_logs(number, chosen, rows)) for rows in blocks])


def base_learners_of(tasks: Sequence[Task]) -> list[Task]:
    """The tasks that an ensemble combines: all but the student networks.

    Raises:
        UsageError: there are fewer than two.
    """
    members = [task for task in tasks if task.learner.kind != "student"]
    if len(members) < 2:
        raise UsageError(
            f"an ensemble needs two members, not {len(members)}",
            remedy="name more sets or networks; student networks are not combined",
        )
    return members


def run_ensembles(
    tasks: Sequence[Task],
    config: BenchmarkConfig,
    inner: InnerFolds | None = None,
    progress: Report | None = None,
) -> list[Record]:
    """Records of every way of combining all tasks but the student networks.

    Raises:
        UsageError: fewer than two members.
        DataError, LeakError: see `fit_base_learners`.
    """
    members, inner = base_learners_of(tasks), inner or InnerFolds()
    base = fit_base_learners(members, config, inner, progress)
    total = classifiers_of(members, config, inner)

    def combining(name: str) -> None:
        if progress is not None:
            progress(Progress(total, total, text=f"combining by {name}"))

    return ensemble_records(base, on_begin=combining)


def ensemble_records(
    base: OutOfFoldPredictions,
    combiners: Sequence[MetaLearner] = META_LEARNERS,
    on_begin: Callable[[str], None] = lambda _: None,
) -> list[Record]:
    """One record for each way of combining all members, written to the output folder.

    Its seconds hold the training of all members. Predictions are written beside the records. A
    record that an earlier run of the same members left there is read instead of made again; of
    the others `on_begin` is called with the combiner's name first.
    """
    records = []
    trained = sum(one.seconds for fold in base.predictions for one in fold)
    warnings, members = _warnings(base), _fingerprint(base)
    for combiner in combiners:
        folder, key = base.config.output, f"ensemble-{combiner.name}"
        path, fingerprint = folder / "records" / f"{key}.json", f"{members} {combiner}"
        if (earlier := earlier_record(path, fingerprint)) is not None:
            records.append(earlier)
            continue
        on_begin(combiner.name)
        began, fitted = time.perf_counter(), list[MetaModel]()
        predictions = combine(base, combiner, on_fitted=fitted.append)
        seconds = trained + time.perf_counter() - began
        record = _record(base, combiner, predictions, seconds, warnings)
        notes = {**record.notes, **_choices(base, fitted), "fingerprint": fingerprint}
        records.append(replace(record, notes=notes))
        predictions.save(folder / "predictions" / f"{key}.npz")
        write_record(path, records[-1])  # last: what is there is not made again
    return records


def _fingerprint(base: OutOfFoldPredictions) -> str:
    """Changes with everything that what is made of the members depends on."""
    digest = hashlib.sha256()
    for member in base.members:
        digest.update(fingerprint_of(member, base.config).encode())
    for one in (one for fold in base.predictions for one in fold):
        digest.update(one.train.tobytes() + one.test.tobytes())
    return digest.hexdigest()


def _record(
    base: OutOfFoldPredictions,
    combiner: MetaLearner,
    predictions: Predictions,
    seconds: float,
    warnings: tuple[str, ...],
) -> Record:
    config = base.config
    return Record(
        dataset=config.dataset,
        feature_sets=base.sets,
        learner=combiner.name,
        kind="ensemble",
        vocabulary=config.vocabulary.name,
        genres=config.vocabulary.genres,
        protocol=config.protocol.title,
        scores=score(predictions, seed=config.seed),
        command=config.command,
        seed=config.seed,
        parameters=None,
        seconds=seconds,
        warnings=warnings,
        rules=_rules(predictions, config),
        versions=versions(),
        notes={"members": [member.key for member in base.members]},
    )


def _choices(base: OutOfFoldPredictions, fitted: Sequence[MetaModel]) -> dict[str, dict[str, str]]:
    """By split, the combiner that its training rows chose, where they chose."""
    names = [split.name for split in base.config.protocol.splits]
    pairs = zip(names, fitted, strict=True)
    found = {split: one.name for split, one in pairs if isinstance(one, SelectedCombination)}
    return {"chosen": found} if found else {}


def _rules(predictions: Predictions, config: BenchmarkConfig) -> tuple[RuleScores, ...]:
    """Scores under other genre shares, where the test part is skewed; combiners are calibrated."""
    if not has_label_shift(predictions, config.protocol):
        return ()
    return prior_corrected_scores(predictions, seed=config.seed)


def _warnings(base: OutOfFoldPredictions) -> tuple[str, ...]:
    """What every single set's result warns of."""
    protocol = base.config.protocol
    tables = {member.table.feature_set: member.table for member in base.members}
    found = [text for table in tables.values() for text in split_warnings(table, protocol.splits)]
    return tuple(dict.fromkeys((*protocol.warnings, *found)))
