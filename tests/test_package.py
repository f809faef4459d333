"""What is installed with the core, and that every file which names the version names the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from genrescope.cli.songs import show
from genrescope.errors import MissingExtraError
from genrescope.version import __version__

ROOT = Path(__file__).resolve().parent.parent
MOST_PACKAGES = 20
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def with_all_they_need(wanted: list[str]) -> set[str]:
    """Names of packages, as installed here, that some requirements bring."""
    found: set[str] = set()
    left = [Requirement(line) for line in wanted]
    while left:
        one = left.pop()
        name = one.name.lower().replace("_", "-")
        if name not in found and (one.marker is None or one.marker.evaluate({"extra": ""})):
            found.add(name)
            left += map(Requirement, requires(name) or [])
    return found


def test_the_core_is_few_packages():
    found = with_all_they_need(PROJECT["dependencies"])
    assert {"numpy", "onnxruntime", "soundfile", "cffi"} <= found
    assert len(found) <= MOST_PACKAGES, sorted(found)


def test_nothing_of_an_extra_is_in_the_core():
    found = with_all_they_need(PROJECT["dependencies"])
    heavy = {"keras", "tensorflow", "scikit-learn", "polars", "mutagen", "av", "matplotlib"}
    assert not found & heavy


def test_a_picture_without_its_extra_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"genrescope\[figures\]"):
        show.check_picture(tmp_path / "song.png")


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("CITATION.cff", r"^version: (\S+)$"),
        ("codemeta.json", r'"version": "([^"]+)"'),
        ("docs/citing.md", r"version = \{([^}]+)\}"),
        ("packaging/conda/recipe.yaml", r'^  version: "([^"]+)"$'),
        ("CHANGELOG.md", r"^## \[(\d[^]]+)\]"),
    ],
)
def test_one_version_everywhere(name, pattern):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(pattern, text, re.MULTILINE)[0] == __version__


def test_the_conda_recipe_wants_what_the_wheel_wants():
    names = {"soundfile": "pysoundfile", "soxr": "soxr-python"}
    recipe = (ROOT / "packaging" / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    run = recipe.partition("  run:\n")[2].partition("tests:")[0]
    for line in PROJECT["dependencies"]:
        one = Requirement(line)
        bounds = ",".join(sorted(map(str, one.specifier), reverse=True))
        assert f"- {names.get(one.name, one.name)} {bounds}\n" in run


def test_codemeta_is_linked_data_of_this_program():
    found = json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))
    assert found["name"] == PROJECT["name"]
    assert found["license"].endswith(f"/{PROJECT['license']}")
    assert found["runtimePlatform"] == f"Python {PROJECT['requires-python']}"


@pytest.mark.slow
def test_the_installed_program_works(tmp_path):
    command = [sys.executable, ROOT / "packaging" / "smoke.py"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
