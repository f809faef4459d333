"""What docs/architecture.md names is there, and its picture shows the rooms as they are."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/architecture.md"
SOURCE = ROOT / "src/genrescope"
NAMED = sorted(set(re.findall(r"`([\w/]+\.py):([\w.]+)`", PAGE.read_text("utf-8"))))


def names(tree: ast.Module) -> set[str]:
    """Functions, classes, methods as Class.method, and constants of a module."""
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
            found |= {f"{node.name}.{item.name}" for item in methods}
        if isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def test_the_two_journeys_name_at_least_six_steps_each():
    assert len(NAMED) >= 12


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_named_function_is_there(file, name):
    assert name in names(ast.parse((SOURCE / file).read_text("utf-8")))


def test_the_page_names_every_room():
    rooms = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    named = set(re.findall(r"^\| `(\w+)/`", PAGE.read_text("utf-8"), re.MULTILINE))
    assert named == rooms


def test_the_picture_is_up_to_date(tmp_path):
    made = tmp_path / "architecture.svg"
    subprocess.run([sys.executable, ROOT / "docs/make_architecture.py", made], check=True)
    written = (ROOT / "docs/pictures/architecture.svg").read_text("utf-8")
    assert boxes(made.read_text("utf-8")) == boxes(written), "run `make docs`"


def boxes(svg: str) -> list[str]:
    """The rooms in order; their sizes change with every line of code."""
    return re.findall(r'font-size="15">(\w+)<', svg)
