"""Every public module, class and function has a docstring; read from the source, not imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import genrescope

SOURCE = Path(genrescope.__file__).parent
MODULES = [
    path
    for path in sorted(SOURCE.rglob("*.py"))
    # An empty __init__.py only makes a folder a package.
    if path.stat().st_size or path.name != "__init__.py"
]
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public(node: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Public classes and functions of a module, and the public members of its public classes."""
    for item in node.body:
        if isinstance(item, Definition) and not item.name.startswith("_"):
            yield prefix + item.name, item
            if isinstance(item, ast.ClassDef):
                yield from public(item, f"{prefix}{item.name}.")


def undocumented(tree: ast.Module) -> list[str]:
    """Names of what lacks a docstring; `module` for the module itself."""
    missing = [] if ast.get_docstring(tree) else ["module"]
    return missing + [name for name, item in public(tree) if not ast.get_docstring(item)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_everything_public_is_documented(path):
    assert undocumented(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_the_check_sees_what_is_missing():
    source = "class A:\n  def b(self): 1\n  def _c(self): 1\ndef d():\n  'D.'\ndef _e(): 1"
    assert undocumented(ast.parse(source)) == ["module", "A", "A.b"]
