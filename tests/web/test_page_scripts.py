"""The page's scripts: no import goes in a circle, and under node they give what Python does."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import genrescope.web
from genrescope.inference.prediction import Prediction
from genrescope.inference.samples import with_prior

SCRIPTS = Path(genrescope.web.__file__).parent / "static" / "js"
TESTS = Path(__file__).parent / "js"
GENRES = ("blues", "jazz", "rock", "metal", "pop")
PRIOR = np.array([0.1, 0.3, 0.35, 0.05, 0.2])
_IMPORT = re.compile(r"""^\s*(?:import|export)\b[^;]*?\bfrom\s+["']([^"']+)["']""", re.MULTILINE)


@cache
def imports(script: Path) -> tuple[Path, ...]:
    """The scripts that a script needs before it can run."""
    found = _IMPORT.findall(script.read_text(encoding="utf-8"))
    return tuple((script.parent / name).resolve() for name in found)


def circle(script: Path, way: tuple[Path, ...] = ()) -> tuple[Path, ...] | None:
    """A way along imports that comes back to where it was."""
    if script in way:
        return (*way[way.index(script) :], script)
    found = (circle(other, (*way, script)) for other in imports(script))
    return next(filter(None, found), None)


def test_no_imports_go_in_a_circle() -> None:
    scripts = sorted(SCRIPTS.rglob("*.js"))
    assert sum(len(imports(script)) for script in scripts) > 100
    for script in scripts:
        found = circle(script) or ()
        assert not found, [path.relative_to(SCRIPTS).as_posix() for path in found]


def test_a_circle_is_found(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "c"), ("c", "b")):
        (tmp_path / f"{name}.js").write_text(f'import {{ x }} from "./{other}.js";\n')
    found = circle(tmp_path / "a.js")
    assert found is not None
    assert [path.name for path in found] == ["b.js", "c.js", "b.js"]


def test_what_is_imported_is_there() -> None:
    for script in SCRIPTS.rglob("*.js"):
        for other in imports(script):
            assert other.is_file(), (script.name, other.name)


def songs() -> list[dict[str, Any]]:
    """Songs, options, and what Python makes of them."""
    rng = np.random.default_rng(11)
    cases = []
    for number in range(60):
        probabilities = rng.dirichlet(np.full(len(GENRES), 0.4)).round(5)
        probabilities[number % len(GENRES)] *= number % 3 != 0  # none at all
        probabilities /= probabilities.sum()
        wanted = [None, rng.dirichlet(np.full(len(GENRES), 0.5)), np.eye(len(GENRES))[number % 5]]
        threshold = [None, 0.0, round(float(rng.random()), 3)][number % 3 - 1]
        music = [1.0, 0.0, round(float(rng.random()), 4)][number % 3 - 1]
        cases.append(_case(probabilities, wanted[number // 3 % 3], threshold, music))
    return cases


def _case(
    probabilities: np.ndarray, prior: np.ndarray | None, threshold: float | None, music: float
) -> dict[str, Any]:
    prediction = with_prior(Prediction(GENRES, probabilities, 0.4, music), PRIOR, prior)
    if threshold is not None:
        prediction = replace(prediction, threshold=threshold)
    return {
        "song": {"model": "toy", "probabilities": probabilities.tolist(), "music": music},
        "options": {"threshold": threshold, "prior": None if prior is None else prior.tolist()},
        "expected": {
            "genre": prediction.genre,
            "best": prediction.best,
            "confidence": prediction.confidence,
            "order": [genre for genre, _ in prediction.top(len(GENRES))],
            "probabilities": prediction.probabilities.tolist(),
        },
    }


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not there")
def test_under_node(tmp_path: Path) -> None:
    shutil.copytree(SCRIPTS, tmp_path / "page")
    for test in TESTS.glob("*.test.js"):
        shutil.copy(test, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    model = {"name": "toy", "genres": GENRES, "prior": PRIOR.tolist(), "threshold": 0.4}
    (tmp_path / "cases.json").write_text(json.dumps({"model": model, "songs": songs()}))
    environment = os.environ | {"CASES": str(tmp_path / "cases.json")}
    done = subprocess.run(
        ["node", "--test"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    passed = re.search(r"pass (\d+)", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= 70, done.stdout
