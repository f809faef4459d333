"""Three rules on skewed songs: learners weigh genres alike, predictions are moved to the shares.

    python benchmarks/prior_shift.py --shared DIR

Weak: true MSD tracks with tagtraum CD1 labels and Echo Nest summaries, half of them held out, six
of ten Pop_Rock. Strong: Marsyas vectors of the built-in songs, out of fold, four genres common.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console

from genrescope.benchmark.config import BenchmarkConfig, Task, run_tasks
from genrescope.benchmark.shift import calibration_of, prior_corrected_scores
from genrescope.calibration.temperature import log_probabilities
from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.data.labels import read_labels
from genrescope.data.splits import Split, train_validation_split
from genrescope.data.table import FeatureTable
from genrescope.evaluation.learner import Classifier
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.protocols import fixed, kfold
from genrescope.evaluation.record import Record, finite
from genrescope.evaluation.runner import run
from genrescope.files.atomic import write_atomic
from genrescope.learning.baselines.svm import SVM_LINEAR, SVM_RBF
from genrescope.learning.learner import NetworkLearner
from genrescope.learning.networks import find_network
from genrescope.learning.networks.perceptron import perceptron_for
from genrescope.report.terminal import rules_table
from genrescope.taxonomy.vocabulary import GTZAN, TOP_MAGD
from msd_subset_table import read_msd_subset

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
        train, test = train_validation_split(table.labels, None, fraction=0.5, seed=seed)
        protocol = fixed(Split("halves", train, test), title=f"half held out, seed {seed}")
        with tempfile.TemporaryDirectory() as output:
            config = BenchmarkConfig(
                "MSD subset with CD1", TOP_MAGD, protocol, seed, COMMAND, Path(output)
            )
            records = run_tasks([Task(learner, table) for learner in learners], config)
        Console(width=120).print(rules_table(records))
        rows += [{"seed": seed, **_row(record)} for record in records]
    result = {"command": COMMAND, "tracks": len(table), "runs": rows, "built-in songs": _strong()}
    result["versions"] = records[0].versions
    write_atomic(RESULT, (json.dumps(finite(result), indent=1) + "\n").encode())


def _tracks(data: Path) -> FeatureTable:
    labels = read_labels(data / "msd_tagtraum_cd1" / "msd_tagtraum_cd1.cls", TOP_MAGD)
    table, _ = read_msd_subset(data / "msd_subset_top_magd" / "msd_features.csv", labels)
    genres, counts = np.unique(table.labels, return_counts=True)
    return table.take(np.flatnonzero(np.isin(table.labels, genres[counts >= LEAST])))


def _strong() -> list[dict[str, object]]:
    """Five models each, pooled, each calibrated at even shares by songs that it held out."""
    table, rows = load_gtzan("marsyas_timbral"), []
    learners = (NetworkLearner(find_network("perceptron", "marsyas_timbral")), SVM_LINEAR, SVM_RBF)
    for seed in SEEDS:
        folds, records = kfold(table, 5, seed=seed), []
        for learner in learners:
            models: list[Classifier] = []
            record, found = run(
                learner,
                table,
                folds,
                vocabulary=GTZAN,
                seed=seed,
                command=COMMAND,
                dataset="built-in songs",
                on_trained=models.append,
            )
            for calibrated in (False, True):
                rules = prior_corrected_scores(
                    _calibrated(found, models) if calibrated else found, seed=seed
                )
                records.append(replace(record, rules=rules))
                rows.append({"seed": seed, "calibrated": calibrated, **_row(records[-1])})
        Console(width=120).print(rules_table(records))
    return rows


def _calibrated(found: Predictions, models: list[Classifier]) -> Predictions:
    probabilities = found.probabilities.copy()
    for split, model in enumerate(models):
        calibration, inside = calibration_of(model), found.split == split
        if calibration is not None:
            logs = log_probabilities(probabilities[inside])
            probabilities[inside] = calibration.apply(logs)
    return replace(found, probabilities=probabilities)


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
