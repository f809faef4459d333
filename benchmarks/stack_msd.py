"""The ensembles of `genrescope benchmark msd --ensemble` at the MSD split's size, made-up values.

    python benchmarks/stack_msd.py FOLDER

FOLDER is filled with stores of the true dimensions (5.2 GB; what is there already is used), and
FOLDER/stack with what each member predicts. A run that was cut off goes on there; the wall time of
such a run is not that of the whole, and its result notes it. How long each member took is kept with
it.

Six of the student project's seven sets (without the smallest, `jmir_spectral`), a perceptron and a
linear discriminant analysis on each. All sets see the same twelve hidden values of a track through
noise, so a set of many values has nearly all that is in the others: the scores show that members
and combiners learn at this size, not what sets of real music add to each other.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from generate_msd import STUDENT_SETS, generate_stores
from genrescope.benchmark.config import BenchmarkConfig, make_tasks
from genrescope.benchmark.ensembles import combine, ensemble_records
from genrescope.benchmark.out_of_fold import InnerFolds, OutOfFoldPredictions, fit_base_learners
from genrescope.data.corpora.msd import MsdData, load_msd
from genrescope.data.corpora.msd_files import feature_stems
from genrescope.evaluation.protocols import msd_partition
from genrescope.evaluation.record import Record
from genrescope.evaluation.runner import score, versions
from genrescope.files.atomic import write_atomic
from genrescope.learning.ensembles.stacking import GeometricMean
from genrescope.progress import Progress

COMMAND = "python benchmarks/stack_msd.py FOLDER"
RESULT = Path(__file__).parent / "results" / "stack_msd.json"
SETS = tuple(name for name in STUDENT_SETS if name != "jmir_spectral")
LEARNERS = ("perceptron", "lda")
MINUTES, GIBIBYTES = 45, 6


@dataclass
class Clock:
    """Wall and CPU seconds of each phase, and how busy the machine was."""

    phases: dict[str, dict[str, float]] = field(default_factory=dict)
    loads: list[float] = field(default_factory=list)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time what is done within."""
        wall, cpu = time.perf_counter(), _cpu_seconds()
        yield
        spent = {"wall": time.perf_counter() - wall, "cpu": _cpu_seconds() - cpu}
        self.phases[name] = {key: round(value, 1) for key, value in spent.items()}
        self.look()
        print(name, self.phases[name], f"{peak_gibibytes():.2f} GiB", flush=True)

    def look(self) -> None:
        """Note the load."""
        self.loads.append(os.getloadavg()[0])

    def minutes(self, kind: str) -> float:
        """Of all phases, `wall` or `cpu`."""
        return round(sum(phase[kind] for phase in self.phases.values()) / 60, 2)


def measure(
    folder: Path, sets: Sequence[str] = SETS, learners: Sequence[str] = LEARNERS
) -> dict[str, Any]:
    """Fit and combine the members on the stores in `folder`; see the module."""
    clock, output = Clock(), folder / "stack"
    earlier = len(list(output.glob("members/*.npz")))
    clock.look()
    with clock.phase("opening"):
        data = load_msd(folder, sets=sets)
    base = _fit(data, learners, output, clock)
    with clock.phase("members alone"):
        alone = _alone(base)
    with clock.phase("ensembles"):
        records = ensemble_records(base)
    (split,), trained = base.config.protocol.splits, sum(v.seconds for v in base.predictions[0])
    return {
        "rows to train": len(split.train),
        "rows to test": len(split.test),
        "classifiers": len(base.members) * InnerFolds().classifiers,
        "members": alone,
        "ensembles": {record.learner: _scores(record, trained) for record in records},
        "minutes of all members, of this run or an earlier one": round(trained / 60, 2),
        "seconds of phases": clock.phases,
        "wall minutes": clock.minutes("wall"),
        "CPU minutes, self and children": clock.minutes("cpu"),
        "load average: mean, most": [round(float(f(clock.loads)), 1) for f in (np.mean, np.max)],
        "members of an earlier run": earlier,
        "time counts": earlier == 0,
        "peak memory GiB": round(peak_gibibytes(), 2),
    }


def _fit(
    data: MsdData, learners: Sequence[str], output: Path, clock: Clock
) -> OutOfFoldPredictions:
    if data.split is None:
        sys.exit("the folder has no partition")
    config = BenchmarkConfig(
        "made up", data.vocabulary, msd_partition(data.split), 0, COMMAND, output
    )
    tasks = make_tasks(data.tables, learners=learners, baselines=False)

    def progress(at: Progress) -> None:
        clock.look()
        print(f"{at.done:.0f} of {at.total}: {at.text}", flush=True)

    with clock.phase("members"):
        return fit_base_learners(tasks, config, InnerFolds(), progress)


def _alone(base: OutOfFoldPredictions) -> list[dict[str, Any]]:
    """Scores of each member by itself, bagged and calibrated as in an ensemble."""
    found = []
    for number, member in enumerate(base.members):
        scores = score(combine(base, GeometricMean(), [number]), resamples=0)
        found.append(
            {
                "set": member.table.feature_set,
                "learner": member.learner.name,
                "macro recall": round(100 * scores.macro_recall.value, 2),
                "accuracy": round(100 * scores.accuracy.value, 2),
                "seconds": round(base.predictions[0][number].seconds, 1),
            }
        )
    return found


def _scores(record: Record, trained: float) -> dict[str, Any]:
    recall, scores = record.scores.macro_recall, record.scores
    return {
        "macro recall, 95 %": [round(100 * x, 2) for x in (recall.value, recall.low, recall.high)],
        "accuracy": round(100 * scores.accuracy.value, 2),
        "log loss": round(scores.log_loss.value, 4),
        "seconds to fit and answer": round(record.seconds - trained, 1),
        "accuracy by rule": {
            rule.rule: round(100 * rule.accuracy.value, 2) for rule in record.rules
        },
    }


def peak_gibibytes() -> float:
    """Greatest resident memory so far of the process and of its greatest child together."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(kind).ru_maxrss for kind in kinds) / 2**20


def _cpu_seconds() -> float:
    used = [resource.getrusage(k) for k in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder for 5.2 GB of made-up stores")
    parser.add_argument("--output", type=Path, default=RESULT)
    chosen = parser.parse_args()
    stores = [chosen.folder / f"{feature_stems()[name]}.store" / "store.json" for name in SETS]
    if not all(store.exists() for store in stores):
        generate_stores(chosen.folder, sets=SETS)
    result = {
        "command": COMMAND,
        **measure(chosen.folder),
        "wanted": {"minutes": MINUTES, "memory GiB": GIBIBYTES},
        "cores": os.cpu_count(),
        "versions": versions(),
    }
    write_atomic(chosen.output, (json.dumps(result, indent=1) + "\n").encode())
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
