"""The main job, measured: `genrescope benchmark gtzan` in a process of its own.

    python benchmarks/gtzan.py [--work FOLDER]

Five folds of the built-in songs, every network and the SVMs; time, memory, and the scores of all.
In FOLDER the records stay where `leaderboard.py --work FOLDER` reads them, and makes none again.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from genrescope.evaluation.record import Record, read_record
from genrescope.files.atomic import write_atomic

COMMAND = "python benchmarks/gtzan.py"
RESULT = Path(__file__).parent / "results" / "gtzan.json"
OUTPUT = "gtzan"
MINUTES, GIBIBYTES = 6, 3
BEST_BASELINE = 0.737  # an RBF SVM on Marsyas timbral, seen under the same protocol


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, help="an empty folder that keeps the records")
    work = parser.parse_args().work
    with tempfile.TemporaryDirectory() as temporary:
        folder = work or Path(temporary)
        if (folder / OUTPUT).exists():
            raise SystemExit(f"{folder / OUTPUT} is there already: time would be measured wrongly")
        folder.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        command = [sys.executable, "-m", "genrescope", "benchmark", "gtzan", "--output", OUTPUT]
        subprocess.run(command, check=True, cwd=folder)
        minutes = (time.perf_counter() - began) / 60
        paths = sorted((folder / OUTPUT / "records").iterdir())
        records = [read_record(path) for path in paths]
    # The child alone: this process is smaller than the child, and nothing else was started.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    recalls = {(r.feature_sets[0], r.learner): r.scores.macro_recall.value for r in records}
    behind = [
        name
        for name, learner in recalls
        if learner == "student" and recalls[name, "perceptron"] < recalls[name, "student"]
    ]
    best = max((r for r in records if r.kind != "baseline"), key=_macro_recall)
    result = {
        "command": COMMAND,
        "protocol": records[0].protocol,
        "minutes": round(minutes, 2),
        "peak memory GiB": round(peak, 2),
        "wanted": {"minutes": MINUTES, "memory GiB": GIBIBYTES, "best above": BEST_BASELINE},
        "best": {"set": best.feature_sets[0], "learner": best.learner, **_row(best)},
        "sets whose improved network is behind the student's": behind,
        "learners": [{"set": r.feature_sets[0], "learner": r.learner, **_row(r)} for r in records],
        "cores": os.cpu_count(),
        "versions": records[0].versions,
    }
    write_atomic(RESULT, (json.dumps(result, indent=1) + "\n").encode())
    print(f"{minutes:.2f} minutes, {peak:.2f} GiB; best {best.feature_sets[0]} {best.learner}")
    print(f"behind their student: {behind or 'none'}")


def _macro_recall(record: Record) -> float:
    return record.scores.macro_recall.value


def _row(record: Record) -> dict[str, object]:
    scores = record.scores
    ends = (scores.macro_recall.low, scores.macro_recall.high)
    return {
        "macro recall": round(scores.macro_recall.value, 4),
        "interval": [round(end, 4) for end in ends],
        "accuracy": round(scores.accuracy.value, 4),
        "log loss": round(scores.log_loss.value, 4),
        "calibration error": round(scores.calibration_error.value, 4),
        "seconds": round(record.seconds, 1),
    }


if __name__ == "__main__":
    main()
