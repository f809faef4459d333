"""benchmarks/README.md names every script, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def test_every_script_has_its_line_and_every_line_its_script() -> None:
    text = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([^`]+)` \|", text, re.M)
    assert sorted(named) == sorted(path.name for path in BENCHMARKS.glob("*.py"))


def test_every_result_is_there_and_made_by_a_script() -> None:
    text = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    made = set(re.findall(r"results/(\w+\.json)", text))
    assert made == {path.name for path in (BENCHMARKS / "results").glob("*.json")}
