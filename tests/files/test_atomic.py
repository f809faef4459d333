"""Replacing a folder: real processes killed between the steps, and what is found afterwards."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from genrescope.files.atomic import atomic_folder, recover_folder

# Dies at the given rename of the swap; os.replace calls an audit hook before it acts.
KILLED = """
import os, signal, sys
from pathlib import Path
from genrescope.files.atomic import atomic_folder

def watch(event, arguments, left=[int(sys.argv[2])]):
    if event == "os.rename":
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
with atomic_folder(Path(sys.argv[1])) as part:
    (part / "value").write_text("new")
"""


def put(folder: Path, text: str) -> None:
    with atomic_folder(folder) as part:
        (part / "value").write_text(text)


def test_new_content_takes_the_name_and_nothing_else_is_left(tmp_path: Path) -> None:
    for text in ("first", "second"):
        put(tmp_path / "deep" / "model", text)
        assert (tmp_path / "deep" / "model" / "value").read_text() == text
        assert [path.name for path in (tmp_path / "deep").iterdir()] == ["model"]


def test_an_error_leaves_the_old_folder_alone(tmp_path: Path) -> None:
    put(tmp_path / "model", "old")
    with pytest.raises(ZeroDivisionError), atomic_folder(tmp_path / "model") as part:
        (part / "value").write_text(str(1 / 0))
    assert (tmp_path / "model" / "value").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("rename", [1, 2])
def test_a_killed_process_costs_neither_the_old_nor_the_next(tmp_path: Path, rename: int) -> None:
    folder = tmp_path / "model"
    put(folder, "old")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(rename)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert folder.exists() == (rename == 1)
    recover_folder(folder)
    assert (folder / "value").read_text() == "old"
    put(folder, "next")
    assert (folder / "value").read_text() == "next"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_killed_before_the_old_folder_is_removed(tmp_path: Path) -> None:
    put(tmp_path / "model", "old")
    (tmp_path / "model").rename(tmp_path / ".model.old")
    put(tmp_path / "model2", "new")
    (tmp_path / "model2").rename(tmp_path / "model")
    recover_folder(tmp_path / "model")
    assert (tmp_path / "model" / "value").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
