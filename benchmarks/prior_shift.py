"""Three rules on a skewed test part: thirteen genres of true MSD tracks, half of them held out.

    python benchmarks/prior_shift.py --shared DIR

The subset's Echo Nest summaries with tagtraum CD1 labels, six of ten tracks Pop_Rock. Learners
weigh genres alike; answers are balanced, or corrected to known or estimated shares.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from rich.console import Console

from genrescope.data.labels import read_labels
from genrescope.data.msd_subset import read_msd_subset
from genrescope.data.splits import Split, carve_validation
from genrescope.data.table import FeatureTable
from genrescope.data.whole import write_whole
from genrescope.evaluation.protocols import fixed
from genrescope.evaluation.record import Record, finite
from genrescope.experiments.benchmark import Setting, Task, run_tasks
from genrescope.learning.learner import NetworkLearner
from genrescope.learning.networks.perceptron import perceptron_for
from genrescope.learning.svm import SVM_LINEAR, SVM_RBF
from genrescope.report.terminal import rules_table
from genrescope.taxonomy import TOP_MAGD

COMMAND = "python benchmarks/prior_shift.py --shared DIR"
RESULT = Path(__file__).parent / "results" / "prior_shift.json"
SEEDS = range(3)
LEAST = 10  # tracks of a genre


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder of real data")
    table = _tracks(parser.parse_args().shared / "data")
    learners = (
        NetworkLearner(perceptron_for(table.feature_set, table.dims)),
        *(SVM_LINEAR, SVM_RBF),
    )
    rows = []
    for seed in SEEDS:
        train, test = carve_validation(table.labels, None, fraction=0.5, seed=seed)
        protocol = fixed(Split("halves", train, test), title=f"half held out, seed {seed}")
        with tempfile.TemporaryDirectory() as output:
            setting = Setting(
                "MSD subset with CD1", TOP_MAGD, protocol, seed, COMMAND, Path(output)
            )
            records = run_tasks([Task(learner, table) for learner in learners], setting)
        Console(width=120).print(rules_table(records))
        rows += [{"seed": seed, **_row(record)} for record in records]
    result = {"command": COMMAND, "tracks": len(table), "runs": rows}
    result["versions"] = records[0].versions
    write_whole(RESULT, (json.dumps(finite(result), indent=1) + "\n").encode())


def _tracks(data: Path) -> FeatureTable:
    labels = read_labels(data / "msd_tagtraum_cd1" / "msd_tagtraum_cd1.cls", TOP_MAGD)
    table, _ = read_msd_subset(data / "msd_subset_top_magd" / "msd_features.csv", labels)
    genres, counts = np.unique(table.labels, return_counts=True)
    return table.take(np.flatnonzero(np.isin(table.labels, genres[counts >= LEAST])))


def _row(record: Record) -> dict[str, object]:
    return {
        "learner": record.learner,
        "majority rate": round(record.scores.majority_rate, 4),
        "prior entropy": round(record.scores.prior_entropy, 4),
        "rules": {
            rule.rule: {
                "macro recall": round(rule.macro_recall.value, 4),
                "accuracy": round(rule.accuracy.value, 4),
                "log loss": round(rule.log_loss.value, 4),
                "shares off by": round(rule.shares_off, 4),
            }
            for rule in record.rules
        },
    }


if __name__ == "__main__":
    main()
