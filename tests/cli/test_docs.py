"""The reference of the command line is what the commands print, and that is enough."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from genrescope.cli.app import app

DOCS = Path(__file__).parent.parent.parent / "docs"


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command and group by its full name."""
    yield name, command
    for word, item in getattr(command, "commands", {}).items():
        yield from commands(item, f"{name} {word}")


COMMANDS = dict(commands(get_command(app), "genrescope"))


def test_the_page_is_up_to_date(tmp_path):
    made = tmp_path / "cli.md"
    subprocess.run([sys.executable, DOCS / "make_cli.py", made], check=True)
    written = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert made.read_text(encoding="utf-8") == written, "run `make docs`"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_all_its_parameters_have_help(name):
    command = COMMANDS[name]
    assert (command.help or "").strip()
    assert [item.name for item in command.params if not (item.help or "").strip()] == []


def test_nothing_is_missing_from_the_page():
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    headings = [line.lstrip("# ") for line in page.splitlines() if line.startswith("##")]
    assert sorted(headings) == sorted(COMMANDS)
