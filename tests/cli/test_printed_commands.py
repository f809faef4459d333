"""Every command and snippet that README and docs print works as printed.

The commands of a page run in their order in a home folder with small songs, and end with 0. Those
that need what is not here are only parsed, so that their options cannot rot.
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import printed
from genrescope.cli.app import app

NOT_RUN = {
    "benchmark audio FOLDER": "an hour of audio; test_benchmark_audio.py has seconds",
    "benchmark transfer": "the same",
    "benchmark gtzan": "minutes of training; test_benchmark_command.py runs it with one set",
    "benchmark msd": "files of the Million Song Dataset Benchmarks",
    "benchmark tuwien": "TU Wien's files",
    "benchmark leaderboard FOLDER...": "folders of results; test_leaderboard_command.py has some",
    "classify --model mine": "a model that was learned; test_learn_command.py has one",
    "data audit gtzan": "ten seconds; test_audit_command.py runs it",
    "data audit gtzan_files": "TU Wien's files",
    "data audit msd": "files of the Million Song Dataset Benchmarks",
    "data download": "the network",
    "extract songs.m3u -o features --engine": "a cluster",
    "extract ~/Music -o embeddings": "pretrained networks; test_network_vectors.py has small ones",
    "learn": "dozens of tagged songs; test_learn_command.py has them",
    "library watch": "runs until it is stopped",
    "models add": "the network, or the file itself",
    "similar ~/Music/song.mp3 ~/Music --within-style": "a song of a sure style; test_stored.py",
    "serve": "a server; the tests in tests/web start it",
    "tag ~/Music --field comment --write style": "a model of networks; test_several_fields.py",
    "tag ~/Music --write": "the same",
    "undo 2": "the name of a run",
}
"""Beginnings of commands that are only parsed, and what they need."""

SCAN = "library scan ~/Music --classify"
TAG = "tag ~/Music --threshold 0 --field custom:GENRESCOPE --apply"
PLAN = "tag ~/Music --output plan.csv --threshold 0"
BEFORE = {
    ("README.md", "undo"): [TAG],
    ("docs/data.md", "data audit features"): ["extract ~/Music -o features --sets rh,ssd"],
    ("docs/explain.md", "similar"): [SCAN],
    ("docs/library.md", "undo"): [TAG],
    ("docs/players.md", "tag"): [SCAN],
    ("docs/styles.md", "library export"): [SCAN],
    ("docs/tagging.md", "tag"): [SCAN, PLAN],
    ("docs/tagging.md", "undo ~"): ["tag ~/Music --plan plan.csv --apply"],
    ("docs/tagging.md", "undo --dry-run"): ["tag ~/Music --plan plan.csv --apply"],
}
"""What the text of a page takes for granted: what was run before its first command of this kind."""


@pytest.fixture(scope="module")
def home_template(tmp_path_factory):
    home = tmp_path_factory.mktemp("template") / "home"
    home.mkdir()
    printed.make_home(home)
    return home


@pytest.fixture
def home(home_template, tmp_path, monkeypatch):
    """A home folder in which the pages' files are, without networks."""
    home = tmp_path / "home"
    shutil.copytree(home_template, home)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / ".local/share"))
    monkeypatch.setenv("GENRESCOPE_MODELS", str(home / "models"))
    monkeypatch.chdir(home)
    return home


def expanded(words: list[str]) -> list[str]:
    """As a shell hands them over."""
    found = []
    for word in map(os.path.expanduser, words):
        found += sorted(map(str, Path().glob(word))) if "*" in word else [word]
    return found


def is_run(words: list[str]) -> bool:
    return not any(" ".join(words).startswith(beginning) for beginning in NOT_RUN)


def parse(words: list[str]) -> None:
    """Raises: `click.UsageError` where a command, an option or a value is not known."""
    command, name = _program(), "genrescope"
    context = command.make_context(name, words, resilient_parsing=False)
    while hasattr(command, "resolve_command"):
        name, command, words = command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        context = command.make_context(name, words, parent=context)


@cache
def _program() -> Any:
    return get_command(app)


COMMANDS = {
    name: lines for name, page in printed.PAGES.items() if (lines := printed.commands(page))
}
RUN = [name for name, lines in COMMANDS.items() if any(map(is_run, lines))]
WITH_PYTHON = [
    name
    for name, page in printed.PAGES.items()
    if printed.python_blocks(page) and name != "docs/python.md"  # test_tour.py runs it
]


def test_the_pages_have_commands():
    lines = [" ".join(words) for found in COMMANDS.values() for words in found]
    assert len(lines) > 60
    assert {"README.md", "docs/classify.md", "docs/library.md"} <= set(RUN)
    unused = [name for name in NOT_RUN if not any(line.startswith(name) for line in lines)]
    assert unused == []


@pytest.mark.parametrize("page", COMMANDS)
def test_every_command_is_parsed(page, home):
    for words in COMMANDS[page]:
        parse(expanded(words))


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN)
def test_every_command_works_as_printed(page, home, command):
    before = {start: lines for (at, start), lines in BEFORE.items() if at == page}
    for words in filter(is_run, COMMANDS[page]):
        starts = [start for start in before if " ".join(words).startswith(start)]
        needed = [line.split() for start in starts for line in before.pop(start)]
        for line in [*needed, words]:
            done = command(*expanded(line))
            assert done.returncode == 0, f"{line}: {done.stderr or done.stdout}"


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_PYTHON)
def test_every_snippet_works_as_printed(page, home, command):
    if page == "docs/tagging.md":  # which is on a plan that is there
        for line in (SCAN, PLAN):
            assert command(*expanded(line.split())).returncode == 0
    names = {"__name__": "__main__"}
    for code in printed.python_blocks(printed.PAGES[page]):
        exec(compile(code, page, "exec"), names)
