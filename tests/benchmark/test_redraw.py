"""Rows drawn from the results page: the frame, the command, the comparison."""

from __future__ import annotations

import json
import sys

from leaderboard import RESULT
from redraw import compared, frame, words

ROW = {"sets": ["rh"], "model": "lda", "command": "genrescope benchmark gtzan --output gtzan"}
FIGURES = {
    "macro recall": [0.5, 0.4, 0.6],
    "accuracy": [0.5, 0.4, 0.6],
    "log loss": [1.0, 0.9, 1.1],
    "calibration error": [0.1, 0.0, 0.2],
}


def test_the_frame_is_every_row_on_the_built_in_songs():
    sections = json.loads(RESULT.read_text(encoding="utf-8"))["sections"]
    built_in = [section for section in sections if section["dataset"].startswith("gtzan")]
    found = frame(sections)
    assert len(built_in) == 3
    assert len(found) == sum(len(section["results"]) for section in built_in)
    assert {row["dataset"] for row in found} == {"gtzan", "gtzan, seven genres"}


def test_a_printed_command_runs_by_this_interpreter():
    command = "genrescope benchmark gtzan --sets a,b --output gtzan-both"
    arguments = ["benchmark", "gtzan", "--sets", "a,b", "--output", "gtzan-both"]
    assert words(command) == [sys.executable, "-m", "genrescope", *arguments]


def test_only_figures_that_differ_are_named():
    row = {**ROW, **FIGURES}
    assert compared(row, row)["different"] == {}
    again = {**row, "log loss": [1.0001, 0.9, 1.1], "command": "another"}
    assert compared(row, again) == {**row, "different": {"log loss": [1.0001, 0.9, 1.1]}}
