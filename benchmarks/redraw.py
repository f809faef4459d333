"""Rows of the results page drawn at random and made again by their printed commands.

    python benchmarks/redraw.py --work FOLDER --shared DIR --training FOLDER

The frame is every row of `results/leaderboard.json` on the built-in songs; rows are drawn by seed,
without replacement. Each of their commands runs once, in the folder of work, which is to be empty;
an interrupted run goes on there. Figures are compared to four digits after the point, which is more
than the page prints.
"""

from __future__ import annotations

import argparse
import json
import random
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from genrescope.evaluation.record import read_record
from genrescope.evaluation.runner import versions
from genrescope.files.atomic import write_json
from leaderboard import RESULT as COMMITTED
from leaderboard import row_of
from leaderboard_runs import prepare
from provenance import command_line

RESULT = Path(__file__).with_name("results") / "redraw.json"
DATASETS = ("gtzan", "gtzan, seven genres")
FIGURES = ("macro recall", "accuracy", "log loss", "calibration error")

Row = dict[str, Any]


def main() -> None:
    """Draw, run, compare, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="an empty folder for the runs")
    parser.add_argument("--shared", type=Path, required=True, help="folder of real data")
    parser.add_argument("--training", type=Path, required=True, help="training/make_models.py's")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--rows", type=int, default=10, help="to draw")
    options = parser.parse_args()
    rows = frame(json.loads(COMMITTED.read_text(encoding="utf-8"))["sections"])
    drawn = random.Random(options.seed).sample(rows, options.rows)
    prepare(options.work, options.shared, options.training)
    for command in dict.fromkeys(row["command"] for row in drawn):
        print(f"-- {command}", flush=True)
        subprocess.run(words(command), cwd=options.work, check=True)
    found = [compared(row, made_again(row, options.work)) for row in drawn]
    facts = {
        "command": command_line(),
        "seed": options.seed,
        "frame": len(rows),
        "datasets": DATASETS,
    }
    same = sum(not item["different"] for item in found)
    write_json(RESULT, {**facts, "same": same, "rows": found, "versions": versions()})
    print(f"{same} of {len(found)} rows drawn from {len(rows)} are the same")


def frame(sections: Sequence[Row]) -> list[Row]:
    """The rows that can be drawn, each with its data and protocol."""
    return [
        {"dataset": section["dataset"], "protocol": section["protocol"], **row}
        for section in sections
        if section["dataset"] in DATASETS
        for row in section["results"]
    ]


def words(command: str) -> list[str]:
    """The printed command as this interpreter runs it."""
    program, *arguments = shlex.split(command)
    return [sys.executable, "-m", program, *arguments]


def made_again(row: Row, work: Path) -> Row:
    """The row that the command of `row` has made in the folder of work."""
    output = work / words(row["command"])[-1]
    made = [row_of(read_record(path)) for path in sorted((output / "records").iterdir())]
    (found,) = [one for one in made if (one["sets"], one["model"]) == (row["sets"], row["model"])]
    return found


def compared(row: Row, again: Row) -> Row:
    """The committed row, and the figures of the other that differ from it."""
    different = {name: again[name] for name in FIGURES if again[name] != row[name]}
    return {**row, "different": different}


if __name__ == "__main__":
    main()
