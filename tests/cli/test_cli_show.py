from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile


@pytest.fixture
def pulse(tmp_path: Path) -> Path:
    """A tone of 1 kHz that swells and fades four times a second."""
    time = np.arange(22050 * 13) / 22050
    samples = 0.4 * (1 + np.cos(2 * np.pi * 4 * time)) * np.sin(2 * np.pi * 1000 * time)
    soundfile.write(tmp_path / "pulse.wav", samples, 22050)
    return tmp_path / "pulse.wav"


def show(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "genrescope", "show", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd)


def test_a_song_becomes_a_picture_beside_where_one_stands(pulse):
    done = show(pulse, cwd=pulse.parent)

    assert (done.returncode, done.stdout) == (0, "pulse.png\n")
    assert (pulse.parent / "pulse.png").read_bytes().startswith(b"\x89PNG")


def test_a_song_too_short_or_a_picture_of_no_kind_is_an_error(pulse):
    assert show(pulse, "-o", "x.gif", cwd=pulse.parent).returncode == 2
    done = show(pulse, "--excerpt", "middle:3", cwd=pulse.parent)

    assert done.returncode == 3
    assert "pulse.wav: 3.00 s of sound" in done.stderr
    assert sorted(path.name for path in pulse.parent.iterdir()) == ["pulse.wav"]
