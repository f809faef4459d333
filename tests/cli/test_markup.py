"""Nothing of a file's or a user's is read as markup: no call that could is outside one module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import genrescope
from genrescope.cli import output
from genrescope.cli.collection.plan_table import show_plan
from genrescope.library.tagging.plan import PlanRow
from genrescope.library.tagging.planning import Plan

SOURCE = Path(genrescope.__file__).parent
ONE_PLACE = SOURCE / "cli" / "output.py"
FORBIDDEN = frozenset(
    {"Console", "TextColumn", "SpinnerColumn", "Spinner", "Prompt", "Confirm", "print_json"}
    | {"from_markup", "render_markup", "render_str", "get_console", "echo", "secho"}
)


def names_called(path: Path) -> Iterator[tuple[int, str]]:
    """(line, name) of each call, and of each keyword `markup` that is given."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            yield node.lineno, getattr(called, "attr", getattr(called, "id", ""))
            yield from ((node.lineno, "markup=") for key in node.keywords if key.arg == "markup")


def test_no_call_that_could_read_markup_is_elsewhere() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{line}: {name}"
        for path in sorted(SOURCE.rglob("*.py"))
        if path != ONE_PLACE
        for line, name in names_called(path)
        if name == "markup=" or name in FORBIDDEN
    ]
    assert found == []


NAMES = ["Song [feat. someone].mp3", "[].mp3", "[bold]loud.mp3", ":smile:.mp3", "a [link=x]b.mp3"]


@pytest.mark.parametrize("name", NAMES)
def test_names_with_brackets_are_shown_as_they_are(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = PlanRow(f"folder [/{name}", "genre", (), ("[rock]",), "replace", 0.9, "[/dim] sure")
    show_plan(Plan([row], files=1), output.console(width=140), None)
    shown = capsys.readouterr().out
    assert name in shown
    assert "[/dim] sure" in shown
    assert "folder [/" in shown
    assert "[rock]" in shown
