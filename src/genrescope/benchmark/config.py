"""A benchmark: many learners under one protocol, each result on disk as soon as it is there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genrescope.benchmark.shift import calibration_of, has_label_shift, prior_corrected_scores
from genrescope.data.table import FeatureTable
from genrescope.errors import UsageError
from genrescope.evaluation.learner import Classifier, Learner
from genrescope.evaluation.protocols import Protocol
from genrescope.evaluation.record import Record, read_record, write_record
from genrescope.evaluation.runner import run
from genrescope.featuresets import FEATURE_SETS
from genrescope.learning.baselines.boosting import LIGHTGBM
from genrescope.learning.baselines.discriminant import LDA
from genrescope.learning.baselines.kernel_discriminant import KDA
from genrescope.learning.baselines.svm import SVM_LINEAR, SVM_RBF
from genrescope.learning.baselines.tuned_svm import SVM_TUNED
from genrescope.learning.export.card import FORMAT as MODEL_FORMAT
from genrescope.learning.learner import NetworkLearner
from genrescope.progress import Progress, Report
from genrescope.taxonomy.vocabulary import Vocabulary
from genrescope.version import __version__

if TYPE_CHECKING:  # with them Keras is imported, which takes seconds: only to train a network
    from genrescope.learning.networks import Network

_NETWORKS = ("student", "perceptron", "ranked")
OPTIONAL_BASELINES = (LIGHTGBM, LDA, KDA, SVM_TUNED)
"""Baselines that are trained only when they are named."""


@dataclass(frozen=True)
class BenchmarkConfig:
    """What all tasks of a benchmark share.

    Attributes:
        dataset: name of the data.
        vocabulary: genres, in the order of all probabilities.
        protocol: splits of the tables, which hold the same songs in the same order.
        seed: of training and bootstrap.
        command: what reproduces the benchmark.
        output: folder of records, predictions, models and checkpoints.
        keep_models: write the trained networks of the last split, too; not those that take the
            vectors of pretrained networks.
    """

    dataset: str
    vocabulary: Vocabulary
    protocol: Protocol
    seed: int
    command: str
    output: Path
    keep_models: bool = False


@dataclass(frozen=True)
class Task:
    """One learner on one table."""

    learner: Learner
    table: FeatureTable

    @property
    def key(self) -> str:
        """Name of the task and of its files."""
        return f"{self.table.feature_set}-{self.learner.name}"


def make_tasks(
    tables: Iterable[FeatureTable],
    *,
    learners: Sequence[str] | None = None,
    baselines: bool = True,
    baseline_rows: int | None = None,
) -> list[Task]:
    """Networks of every table's set, then baselines; of a set not ours, the perceptrons.

    Args:
        tables: one a feature set.
        learners: names of networks to train, and of baselines beyond the two SVMs; None for the
            networks that are trained by default, empty for none.
        baselines: add the linear and the RBF SVM, also where they are not named.
        baseline_rows: train baselines on a stratified sample of at most so many rows; all but the
            linear discriminant analysis, whose time grows no faster than the rows.

    Raises:
        UsageError: there is no learner of some name.
    """
    known = (*_NETWORKS, *(item.name for item in (*OPTIONAL_BASELINES, SVM_LINEAR, SVM_RBF)))
    if unknown := [name for name in learners or () if name not in known]:
        raise UsageError(f"no learner '{unknown[0]}'", remedy=f"choose from {', '.join(known)}")
    tasks: list[Task] = []
    for table in tables:
        tasks += [Task(NetworkLearner(network), table) for network in _networks(table, learners)]
        named = [baseline for baseline in OPTIONAL_BASELINES if baseline.name in (learners or ())]
        svms = [svm for svm in (SVM_LINEAR, SVM_RBF) if baselines or svm.name in (learners or ())]
        tasks += [
            Task(baseline if baseline is LDA else replace(baseline, max_rows=baseline_rows), table)
            for baseline in (*named, *svms)
        ]
    return tasks


def _networks(table: FeatureTable, learners: Sequence[str] | None) -> list[Network]:
    """The networks of the table's set that are to be trained."""
    if learners is not None and {*learners} <= {baseline.name for baseline in OPTIONAL_BASELINES}:
        return []
    from genrescope.learning.networks import networks_for
    from genrescope.learning.networks.perceptron import perceptron_for
    from genrescope.learning.networks.ranked import ranked_for

    known = networks_for(table.feature_set) or [
        make(table.feature_set, table.dims) for make in (perceptron_for, ranked_for)
    ]
    if learners is None:
        return [network for network in known if network.by_default]
    return [network for network in known if network.name in learners]


def run_tasks(
    tasks: Sequence[Task], config: BenchmarkConfig, progress: Report | None = None
) -> list[Record]:
    """Run what has not been run yet, and return all records in the order of `tasks`.

    A record that an earlier run of the same tasks left in the output folder is read instead of
    made again; a training that was interrupted goes on at its last checkpoint.

    Raises:
        DataError, LeakError: see `genrescope.evaluation.runner.run`.
    """
    records = []
    for number, task in enumerate(tasks):
        path = config.output / "records" / f"{task.key}.json"
        fingerprint = fingerprint_of(task, config)
        record = earlier_record(path, fingerprint)
        if record is None:
            record = _run(task, config, fingerprint, _of_task(progress, number, tasks, config))
            write_record(path, record)
        records.append(record)
    return records


def _run(
    task: Task, config: BenchmarkConfig, fingerprint: str, progress: Callable[[float, str], None]
) -> Record:
    splits = len(config.protocol.splits)
    done = 0

    def on_split(at: Progress) -> None:
        nonlocal done
        done = int(at.done)
        progress(done, task.key)

    def on_epoch(at: Progress) -> None:
        place = f"{task.key}, {at.text}" if splits > 1 else task.key
        progress(done + at.done / (at.total or 1), f"{place}, epoch {at.done:.0f}")

    learner, trained = task.learner, list[Classifier]()
    if isinstance(learner, NetworkLearner):
        checkpoints = config.output / "checkpoints" / fingerprint[:16]
        learner = replace(learner, checkpoints=checkpoints, progress=on_epoch)
    record, predictions = run(
        learner,
        task.table,
        config.protocol,
        vocabulary=config.vocabulary,
        seed=config.seed,
        command=config.command,
        dataset=config.dataset,
        progress=on_split,
        on_trained=trained.append,
    )
    record = replace(record, notes={**record.notes, "fingerprint": fingerprint})
    if has_label_shift(predictions, config.protocol):
        calibration = calibration_of(trained[-1])
        record = replace(
            record, rules=prior_corrected_scores(predictions, calibration, seed=config.seed)
        )
    predictions.save(config.output / "predictions" / f"{task.key}.npz")
    single = task.table.feature_set in FEATURE_SETS  # a model's graph takes the vector of one set
    if config.keep_models and single and isinstance(learner, NetworkLearner) and learner.trained:
        from genrescope.learning.export.model_folder import save_model_folder

        save_model_folder(config.output / "models" / task.key, learner.trained, record)
    return record


def _of_task(
    progress: Report | None, number: int, tasks: Sequence[Task], config: BenchmarkConfig
) -> Callable[[float, str], None]:
    """The benchmark's progress, in runs of one learner on one split, as seen from one task."""
    splits = len(config.protocol.splits)

    def report(done: float, text: str) -> None:
        if progress is not None:
            progress(Progress(number * splits + done, len(tasks) * splits, text=text))

    report(0, tasks[number].key)
    return report


def earlier_record(path: Path, fingerprint: str) -> Record | None:
    """The record that an earlier run with the same fingerprint left, or None."""
    if not path.exists():
        return None
    record = read_record(path)
    return record if record.notes.get("fingerprint") == fingerprint else None


def fingerprint_of(task: Task, config: BenchmarkConfig) -> str:
    """Changes with everything that a record depends on, but not with the times of files."""
    digest = hashlib.sha256(task.table.digest)
    for split in config.protocol.splits:
        digest.update(split.train.tobytes() + split.test.tobytes())
    facts = (
        *(__version__, config.dataset, config.vocabulary.name, config.protocol.title),
        *(MODEL_FORMAT if config.keep_models else None,),
        *(config.seed, task.key, _origins(task.table), _recipe(task.learner)),
    )
    digest.update(json.dumps(facts, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _origins(table: FeatureTable) -> list[dict[str, Any]]:
    """Where the values of each set come from, without sizes and times of files: a copy has others.

    The values themselves are in the table's digest.
    """
    origins = table.provenance.get("joined", [table.provenance])
    return [{name: value for name, value in one.items() if name != "parts"} for one in origins]


def _recipe(learner: Learner) -> dict[str, object]:
    if isinstance(learner, NetworkLearner):
        return {"name": learner.network.name, **asdict(learner.network.recipe)}
    return asdict(learner) if is_dataclass(learner) and not isinstance(learner, type) else {}
