"""Benchmarks: README.md names every script, and no result a place of the machine that made it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provenance import command_line

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def test_every_script_has_its_line_and_every_line_its_script() -> None:
    text = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([^`]+)` \|", text, re.M)
    assert sorted(named) == sorted(path.name for path in BENCHMARKS.glob("*.py"))


def test_every_result_is_there_and_made_by_a_script() -> None:
    text = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    made = set(re.findall(r"results/(\w+\.json)", text))
    assert made == {path.name for path in (BENCHMARKS / "results").glob("*.json")}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("path", sorted((BENCHMARKS / "results").iterdir()), ids=lambda it: it.name)
def test_no_result_names_a_place_of_the_machine_that_made_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = strings(json.loads(text)) if path.suffix == ".json" else [text]
    place = re.compile(r"(?:^|[\s=`'\"])(?:/\w|~/|[A-Za-z]:\\|(?:[^\s]*/)?\.\./)")
    assert not [string for string in named if place.search(string)]


def test_a_result_keeps_its_command_without_places(tmp_path: Path) -> None:
    """Folders elsewhere have no name of their own, files elsewhere only theirs."""
    script = str(BENCHMARKS / "library.py")
    clip = tmp_path / "a song.flac"
    clip.touch()
    given = ["--shared", str(tmp_path), "--files", "100", "--folder", "..", f"--output={clip}"]
    assert command_line([script, *given, "../x.json"]) == (
        "python benchmarks/library.py --shared DIR --files 100 --folder FOLDER"
        " --output 'a song.flac' x.json"
    )
    given = ["benchmarks/library.py", "--keep", "faults", "results/x.json", "--shared=shared"]
    assert command_line(given) == (
        "python benchmarks/library.py --keep faults results/x.json --shared DIR"
    )
