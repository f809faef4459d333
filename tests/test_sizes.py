"""Files and folders of a size that is read at one go, and modules that import one way."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[1] / "src"
FILES = sorted(SRC.rglob("*.py"))
MOST_LINES = 300
MOST_FILES = 15


def module_of(path: Path) -> str:
    """The dotted name of a module; a package's is that of its folder."""
    return ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in FILES}


def imported(path: Path) -> Iterator[str]:
    """Own modules that a module imports when it is itself imported."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from submodules & MODULES.keys() or {node.module}


def circle(imports: dict[str, set[str]]) -> list[str]:
    """Modules that import each other, in order; none where there is no circle."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_file_is_longer_than_is_read_at_one_go() -> None:
    lines = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_no_folder_holds_more_files_than_are_taken_in_at_one_glance() -> None:
    folders = Counter(str(path.parent) for path in FILES if path.name != "__init__.py")
    assert {name: count for name, count in folders.items() if count > MOST_FILES} == {}


def test_no_two_test_files_have_one_name() -> None:
    """Pytest can collect them one by one, but not together."""
    names = Counter(path.name for path in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_modules_import_each_other() -> None:
    assert circle({name: set(imported(path)) for name, path in MODULES.items()}) == []


@pytest.mark.parametrize(
    ("imports", "found"),
    [({"a": {"b"}, "b": {"a"}}, {"a", "b"}), ({"a": {"b", "c"}, "b": {"c"}}, set())],
)
def test_a_circle_is_found(imports: dict[str, set[str]], found: set[str]) -> None:
    assert set(circle(imports)) == found
