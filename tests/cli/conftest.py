"""Commands run in this process, and songs to give them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile

from genrescope.cli.app import main
from toymodel import song


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Done]:
    """Runs `genrescope ...` in this process."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["genrescope", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        return Done(int(left.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def benchmark_command(command: Callable[..., Done]) -> Callable[..., Done]:
    """Runs `genrescope benchmark ...` in this process."""
    return partial(command, "benchmark")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Two songs, a silence, a short one, a text."""
    folder = tmp_path / "library"
    (folder / "a").mkdir(parents=True)
    soundfile.write(folder / "a" / "1.wav", song(7, seed=1), 22050)
    soundfile.write(folder / "a" / "2.flac", song(7, 44100, 2, seed=2), 44100)
    soundfile.write(folder / "silent.wav", np.zeros(22050 * 7), 22050)
    soundfile.write(folder / "short.wav", song(3), 22050)
    (folder / "text.mp3").write_text("no sound")
    return folder
