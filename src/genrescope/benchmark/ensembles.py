"""Ensembles under a protocol: members are heard once, then combined in several ways."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genrescope.benchmark.config import Progress, Setting, Task, fingerprint
from genrescope.benchmark.members import (
    Dealing,
    HeldOut,
    as_held_out,
    hear,
    load_held_out,
    save_held_out,
)
from genrescope.benchmark.shift import is_shifted, rule_scores
from genrescope.data.side_by_side import single_sets
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError, UsageError
from genrescope.evaluation.guard import split_warnings
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.record import Record, write_record
from genrescope.evaluation.runner import judge, pool, true_genres, versions
from genrescope.evaluation.scores import RuleScores
from genrescope.learning.ensembles.selected import Chosen, ChosenCombination
from genrescope.learning.ensembles.stacking import COMBINERS, Combination, Combiner

_Floats = NDArray[np.float64]
WAYS: tuple[Combiner, ...] = (*COMBINERS, Chosen())

_BLOCK = 16_384  # test rows answered at once


@dataclass(frozen=True, eq=False)
class Heard:
    """What all members said under all splits of a protocol.

    Attributes:
        members: learners on tables of the same songs in the same order.
        setting: vocabulary, protocol, seed.
        truth: (rows,) index of each row's genre.
        voices: voices[split][member].
    """

    members: tuple[Task, ...]
    setting: Setting
    truth: NDArray[np.int64]
    voices: tuple[tuple[HeldOut, ...], ...]

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
        return np.stack([self.voices[split][i].train for i in chosen], dtype=np.float64)

    def test_logs(self, split: int, chosen: Sequence[int], rows: slice) -> _Floats:
        """(members, rows, genres) log-probabilities of some of the test rows."""
        return np.stack([self.voices[split][i].test[rows] for i in chosen], dtype=np.float64)


def hear_members(
    members: Sequence[Task],
    setting: Setting,
    dealing: Dealing,
    progress: Progress | None = None,
) -> Heard:
    """Train every member under every split, and keep what it says in the output folder.

    What an earlier run of the same members left there is read instead of made again.

    Raises:
        DataError: members of different songs, or see `genrescope.benchmark.members.hear`.
        LeakError: see there.
    """
    for member in members[1:]:
        if not np.array_equal(member.table.ids, members[0].table.ids):
            raise DataError(
                f"'{member.table.feature_set}' and '{members[0].table.feature_set}' hold other "
                "songs, or in another order"
            )
    splits = setting.protocol.splits
    total = len(members) * len(splits) * dealing.classifiers
    voices: list[tuple[HeldOut, ...]] = []
    done = 0
    for split in range(len(splits)):
        said = []
        for member in members:
            before, name = done, f"{member.key}, {splits[split].name}"
            report = _counting(progress, before, total, name)
            said.append(_held_out(member, split, setting, dealing, report))
            done += dealing.classifiers
        voices.append(tuple(said))
    truth = true_genres(members[0].table, setting.vocabulary)
    return Heard(tuple(members), setting, truth, tuple(voices))


def combine(
    heard: Heard,
    combiner: Combiner,
    chosen: Sequence[int] | None = None,
    on_fitted: Callable[[Combination], None] = lambda _: None,
) -> Predictions:
    """Fit a combiner to each split's training rows and predict its test rows.

    Args:
        heard: what the members said.
        combiner: see `genrescope.learning.ensembles.stacking`.
        chosen: positions of the members to combine; None for all. Of no member, the answer is that
            all genres are as likely.
        on_fitted: called with what was fitted, split by split.
    """
    chosen = range(len(heard.members)) if chosen is None else chosen
    splits = heard.setting.protocol.splits
    found = [_answer(heard, combiner, chosen, number, on_fitted) for number in range(len(splits))]
    return pool(heard.table, heard.truth, splits, found, heard.setting.vocabulary)


def _answer(
    heard: Heard,
    combiner: Combiner,
    chosen: Sequence[int],
    number: int,
    on_fitted: Callable[[Combination], None],
) -> _Floats:
    """(test rows, genres) probabilities of one split."""
    split, genres = heard.setting.protocol.splits[number], len(heard.setting.vocabulary)
    if not chosen:
        return np.full((len(split.test), genres), 1.0 / genres)
    groups = None if heard.table.groups is None else heard.table.groups[split.train]
    combination = combiner.fit(heard.train_logs(number, chosen), heard.truth[split.train], groups)
    on_fitted(combination)
    blocks = (slice(start, start + _BLOCK) for start in range(0, len(split.test), _BLOCK))
    return np.concatenate([combination(heard.test_logs(number, chosen, rows)) for rows in blocks])


def members_of(tasks: Sequence[Task]) -> list[Task]:
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
    setting: Setting,
    dealing: Dealing | None = None,
    progress: Progress | None = None,
) -> list[Record]:
    """Records of every way of combining all tasks but the student networks.

    Raises:
        UsageError: fewer than two members.
        DataError, LeakError: see `hear_members`.
    """
    return ensemble_records(
        hear_members(members_of(tasks), setting, dealing or Dealing(), progress)
    )


def ensemble_records(heard: Heard, combiners: Sequence[Combiner] = WAYS) -> list[Record]:
    """One record for each way of combining all members, written to the output folder.

    Its seconds hold the training of all members. Predictions are written beside the records.
    """
    records = []
    trained = sum(voice.seconds for said in heard.voices for voice in said)
    warnings = _warnings(heard)
    for combiner in combiners:
        began, fitted = time.perf_counter(), list[Combination]()
        predictions = combine(heard, combiner, on_fitted=fitted.append)
        seconds = trained + time.perf_counter() - began
        record = _record(heard, combiner, predictions, seconds, warnings)
        record = replace(record, notes={**record.notes, **_choices(heard, fitted)})
        folder, key = heard.setting.output, f"ensemble-{combiner.name}"
        write_record(folder / "records" / f"{key}.json", record)
        predictions.save(folder / "predictions" / f"{key}.npz")
        records.append(record)
    return records


def _record(
    heard: Heard,
    combiner: Combiner,
    predictions: Predictions,
    seconds: float,
    warnings: tuple[str, ...],
) -> Record:
    setting = heard.setting
    return Record(
        dataset=setting.dataset,
        feature_sets=heard.sets,
        learner=combiner.name,
        kind="ensemble",
        vocabulary=setting.vocabulary.name,
        genres=setting.vocabulary.genres,
        protocol=setting.protocol.title,
        scores=judge(predictions, seed=setting.seed),
        command=setting.command,
        seed=setting.seed,
        parameters=None,
        seconds=seconds,
        warnings=warnings,
        rules=_rules(predictions, setting),
        versions=versions(),
        notes={"members": [member.key for member in heard.members]},
    )


def _choices(heard: Heard, fitted: Sequence[Combination]) -> dict[str, dict[str, str]]:
    """By split, the combiner that its training rows chose, where they chose."""
    names = [split.name for split in heard.setting.protocol.splits]
    pairs = zip(names, fitted, strict=True)
    found = {split: one.name for split, one in pairs if isinstance(one, ChosenCombination)}
    return {"chosen": found} if found else {}


def _rules(predictions: Predictions, setting: Setting) -> tuple[RuleScores, ...]:
    """Scores under other genre shares, where the test part is skewed; combiners are calibrated."""
    if not is_shifted(predictions, setting.protocol):
        return ()
    return rule_scores(predictions, seed=setting.seed)


def _warnings(heard: Heard) -> tuple[str, ...]:
    """What every single set's result warns of."""
    protocol = heard.setting.protocol
    tables = {member.table.feature_set: member.table for member in heard.members}
    found = [text for table in tables.values() for text in split_warnings(table, protocol.splits)]
    return tuple(dict.fromkeys((*protocol.warnings, *found)))


def _held_out(
    member: Task, number: int, setting: Setting, dealing: Dealing, report: Callable[[int], None]
) -> HeldOut:
    """What a member said under one split, from the output folder or made now."""
    split = setting.protocol.splits[number]
    mark = f"{fingerprint(member, setting)} {dealing}"
    path = setting.output / "members" / f"{member.key}-{number}.npz"
    if (earlier := load_held_out(path, mark)) is not None:
        return earlier
    began = time.perf_counter()
    train, test = hear(
        member,
        split,
        vocabulary=setting.vocabulary,
        seed=setting.seed,
        dealing=dealing,
        progress=report,
    )
    result = as_held_out(train, test, time.perf_counter() - began)
    save_held_out(path, result, mark)
    return result


def _counting(
    progress: Progress | None, before: int, total: int, name: str
) -> Callable[[int], None]:
    """Progress of one member as part of the whole; told at once that it begins."""

    def report(done: int) -> None:
        if progress is not None:
            progress(before + done, total, f"{name}, part {done}")

    report(0)
    return report
