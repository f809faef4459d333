"""Thirteen genres on true MSD tracks: the subset's Echo Nest summaries with tagtraum CD1 labels.

    python benchmarks/msd_subset.py --shared DIR

A small and weak task (23 values a track, most tracks Pop_Rock) that proves the way from MSD track
ids to the thirteen genres of Top-MAGD. Genres with fewer than ten tracks are left out.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
from rich.console import Console

from genrescope.benchmark.config import BenchmarkConfig, make_tasks, run_tasks
from genrescope.data.labels import LabelReport, read_labels
from genrescope.data.table import FeatureTable
from genrescope.evaluation.protocols import kfold
from genrescope.evaluation.record import Record
from genrescope.files.atomic import write_atomic
from genrescope.report.terminal import results_table
from genrescope.taxonomy.vocabulary import TOP_MAGD
from msd_subset_table import read_msd_subset

COMMAND = "python benchmarks/msd_subset.py --shared DIR"
RESULT = Path(__file__).parent / "results" / "msd_subset.json"
LEAST = 10  # tracks of a genre, for five folds with a validation part each


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder of real data")
    parser.add_argument("--output", type=Path, help="folder for the records; by default not kept")
    arguments = parser.parse_args()
    table, report = read(arguments.shared / "data")
    genres, counts = np.unique(table.labels, return_counts=True)
    kept = table.take(np.flatnonzero(np.isin(table.labels, genres[counts >= LEAST])))
    with tempfile.TemporaryDirectory() as nowhere:
        protocol, output = kfold(kept, 5, seed=0), arguments.output or Path(nowhere)
        config = BenchmarkConfig("MSD subset with CD1", TOP_MAGD, protocol, 0, COMMAND, output)
        records = run_tasks(make_tasks([kept]), config)
    Console(width=120).print(results_table(records, ()))
    result = {
        "command": COMMAND,
        "tracks": len(kept),
        "labels": asdict(report),
        "genres": {str(g): int(n) for g, n in zip(genres, counts, strict=True)},
        "left out": [str(g) for g, n in zip(genres, counts, strict=True) if n < LEAST],
        "protocol": records[0].protocol,
        "learners": [_row(record) for record in records],
        "versions": records[0].versions,
    }
    write_atomic(RESULT, (json.dumps(result, indent=1) + "\n").encode())


def read(data: Path) -> tuple[FeatureTable, LabelReport]:
    """The labelled tracks."""
    labels = read_labels(data / "msd_tagtraum_cd1" / "msd_tagtraum_cd1.cls", TOP_MAGD)
    return read_msd_subset(data / "msd_subset_top_magd" / "msd_features.csv", labels)


def _row(record: Record) -> dict[str, object]:
    scores = record.scores
    return {
        "learner": record.learner,
        "macro recall": asdict(scores.macro_recall),
        "accuracy": asdict(scores.accuracy),
        "majority rate": scores.majority_rate,
        "log loss": asdict(scores.log_loss),
        "uniform log loss": scores.uniform_log_loss,
        "prior entropy": scores.prior_entropy,
        "calibration error": asdict(scores.calibration_error),
        "recall": {item.genre: item.recall for item in scores.genres},
        "confusion": scores.confusion,
    }


if __name__ == "__main__":
    main()
