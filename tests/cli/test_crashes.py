"""A file that crashes its decoder is one failed row, or one line, in every command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

TESTS = Path(__file__).parent.parent
SEGFAULT = "Segmentation fault"


@pytest.fixture
def music(tmp_path: Path, models: Path) -> Path:
    """A folder with a song and one that crashes decoders."""
    folder = tmp_path / "music"
    folder.mkdir()
    for number, name in enumerate(("fine", "crash")):
        noise = np.random.default_rng(number).normal(0, 0.1, 40 * 22050)
        soundfile.write(folder / f"{name}.wav", noise, 22050)
    return folder


def genrescope(music: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, whose decoders crash at `crash.wav`."""
    paths = os.pathsep.join([str(TESTS / "crashing"), *filter(None, sys.path)])
    environment = os.environ | {"PYTHONPATH": paths, "XDG_DATA_HOME": str(music.parent / "data")}
    command = [sys.executable, "-m", "genrescope", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=music, timeout=100
    )


@pytest.mark.slow
@pytest.mark.parametrize("names", [["crash.wav"], ["fine.wav", "crash.wav"]])
def test_classify(music: Path, names: list[str]) -> None:
    done = genrescope(music, "classify", *names, "--model", "toy", "--json")
    rows = {Path(row["path"]).name: row for row in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 3
    assert set(rows) == set(names)
    assert SEGFAULT in rows["crash.wav"]["failure"]
    assert "fine.wav" not in rows or rows["fine.wav"]["confidence"] > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["classify", "crash.wav", "--timeline", "--model", "toy"],
        ["explain", "crash.wav", "--model", "toy"],
        ["show", "crash.wav", "-o", "picture.png"],
        ["similar", "crash.wav", "fine.wav", "--model", "toy"],
    ],
    ids=["timeline", "explain", "show", "similar"],
)
def test_commands_on_one_song(music: Path, arguments: list[str]) -> None:
    done = genrescope(music, *arguments)
    assert done.returncode == 3
    [line] = done.stderr.splitlines()
    assert line.startswith("genrescope: crash.wav: ")
    assert SEGFAULT in line
    assert sorted(path.name for path in music.iterdir()) == ["crash.wav", "fine.wav"]


@pytest.mark.slow
def test_similar_goes_on(music: Path) -> None:
    done = genrescope(music, "similar", "fine.wav", ".", "--model", "toy")
    assert done.returncode == 3
    assert "compared with 0 songs" in done.stdout
    assert done.stderr.startswith("crash.wav: ")
    assert SEGFAULT in done.stderr


@pytest.mark.slow
def test_extract(music: Path) -> None:
    done = genrescope(music, "extract", "crash.wav", "-o", "out", "--sets", "rh")
    assert done.returncode == 3
    assert SEGFAULT in (music / "out" / "failures.csv").read_text()


@pytest.mark.slow
def test_scan(music: Path) -> None:
    pytest.importorskip("mutagen")
    done = genrescope(music, "library", "scan", ".", "--classify", "--model", "toy")
    assert done.returncode == 3
    assert "1 sounds classified, 1 failed" in done.stdout
    status = genrescope(music, "library", "status", ".")
    assert "crash.wav" in status.stdout
    assert SEGFAULT in status.stdout
