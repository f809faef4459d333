"""The leaderboard: runs the benchmarks that it shows, then writes docs/results.md and its scores.

    python benchmarks/leaderboard.py --work FOLDER --shared DIR

Each command runs in a process of its own, in the folder of work, where DIR leads to the real data;
so the records hold the command as it was run and no path of a machine. What is there already is not
run again. The fault-filtered split leaves few of the built-in songs of rare genres, of some none,
to test: the page says of which.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from genrescope.evaluation.paired import Difference
from genrescope.evaluation.record import Record
from genrescope.evaluation.scores import Interval
from genrescope.files.atomic import write_atomic
from genrescope.report.leaderboard import Comparison, Section, leaderboard, load_sections

COMMAND = "python benchmarks/leaderboard.py --work FOLDER --shared DIR"
HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "results.md"
RESULT = HERE / "results" / "leaderboard.json"

GENRESCOPE = ("-m", "genrescope", "benchmark")
TUWIEN = (*GENRESCOPE, "tuwien", "--root", "DIR/data/gtzan_tuwien_arff")
MEMBERS = ("--ensemble", "--learners", "ranked,lda,kda")
LIGHT = ("--ensemble", "--learners", "lda,kda")
# Members between artists: chosen by the split's validation part (LOG.md).
FILTERED = (*MEMBERS, "--no-baselines", "--protocol", "fault-filtered")
# Folder of the results to the arguments of Python; "--output FOLDER" is added.
RUNS: dict[str, tuple[str, ...]] = {
    "gtzan": (*GENRESCOPE, "gtzan"),
    "gtzan-ensemble": (*GENRESCOPE, "gtzan", *LIGHT, "--no-baselines"),
    "gtzan-filtered": (*GENRESCOPE, "gtzan", "--protocol", "fault-filtered"),
    "tuwien-ten": (*TUWIEN, *MEMBERS, "--sets", "rh,ssd,rh+ssd"),
    "tuwien-rh": (*TUWIEN, *MEMBERS, "--sets", "rh"),
    "tuwien-ssd": (*TUWIEN, *MEMBERS, "--sets", "ssd"),
    "tuwien-nine": (*TUWIEN, *LIGHT, "--sets", "rh,ssd,timbral,rh+ssd+timbral"),
    "tuwien-timbral": (*TUWIEN, *MEMBERS, "--sets", "timbral"),
    "tuwien-ten-filtered": (*TUWIEN, *FILTERED, "--sets", "rh,ssd,rh+ssd"),
    "tuwien-nine-filtered": (*TUWIEN, *FILTERED, "--sets", "rh,ssd,timbral,rh+ssd+timbral"),
    "msd-subset": (str(HERE / "msd_subset.py"), "--shared", "DIR"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for all results")
    parser.add_argument("--shared", type=Path, required=True, help="folder of real data")
    arguments = parser.parse_args()
    run(RUNS, arguments.work, arguments.shared)
    write([arguments.work / name for name in RUNS], PAGE, RESULT)


def run(runs: Mapping[str, Sequence[str]], work: Path, shared: Path) -> None:
    """Run each command in `work`, where DIR is a link to `shared`."""
    work.mkdir(parents=True, exist_ok=True)
    link = work / "DIR"
    link.unlink(missing_ok=True)
    link.symlink_to(shared.resolve(), target_is_directory=True)
    for name, arguments in runs.items():
        print(f"-- {name}", flush=True)
        command = [sys.executable, *arguments, "--output", name]
        subprocess.run(command, cwd=work, check=True)


def write(folders: Sequence[Path], page: Path, result: Path) -> None:
    """The page, and all its scores as JSON."""
    sections = load_sections(folders)
    write_atomic(page, leaderboard(sections, COMMAND).encode())
    scores = {"command": COMMAND, "sections": [_section(section) for section in sections]}
    write_atomic(result, (json.dumps(scores, indent=1) + "\n").encode())
    print(f"{page}\n{result}")


def _section(section: Section) -> dict[str, Any]:
    first = section.first
    return {
        "dataset": first.dataset,
        "protocol": first.protocol,
        "tested": {item.genre: item.support for item in first.scores.genres},
        "results": [_row(record) for record in section.records],
        "comparisons": [_compared(item) for item in section.comparisons],
        "versions": first.versions,
    }


def _row(record: Record) -> dict[str, Any]:
    scores = record.scores
    return {
        "sets": list(record.feature_sets),
        "model": record.learner,
        "kind": record.kind,
        "macro recall": _rounded(scores.macro_recall),
        "accuracy": _rounded(scores.accuracy),
        "log loss": _rounded(scores.log_loss),
        "calibration error": _rounded(scores.calibration_error),
        "command": record.command,
    }


def _rounded(score: Interval) -> list[float]:
    """Value, low and high end."""
    return [round(value, 4) for value in (score.value, score.low, score.high)]


def _compared(item: Comparison) -> dict[str, Any]:
    names = {"what": item.what, "a": item.a.name, "b": item.b.name}
    scores = {"macro recall": item.macro_recall, "accuracy": item.accuracy}
    return names | {name: _difference(found) for name, found in scores.items()}


def _difference(found: Difference) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(found).items()}


if __name__ == "__main__":
    main()
