"""Short sounds as files, good and bad."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

Song = Callable[..., Path]


@pytest.fixture
def song(tmp_path: Path) -> Song:
    """Write a file of noise: its name, its seconds (6.5 are enough for every set) and its rate."""

    def write(name: str, seconds: float = 6.5, rate: int = 22050, channels: int = 1) -> Path:
        path = tmp_path / "music" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(sum(name.encode()))
        samples = rng.integers(-9000, 9000, (round(seconds * rate), channels), dtype=np.int16)
        soundfile.write(path, samples, rate)
        return path

    return write


@pytest.fixture
def music(song: Song) -> Path:
    """A folder of three good songs, a short one, a cut one, a text and an empty file."""
    folder = song("a/1.wav").parent.parent
    song("a/2.flac")
    song("b/3.wav", rate=44100, channels=2)
    song("b/4 short.wav", seconds=3)
    cut = song("b/5 cut.wav", seconds=20)
    cut.write_bytes(cut.read_bytes()[: 7 * 22050 * 2])
    (folder / "b" / "6 text.mp3").write_text("this is no sound\n" * 100)
    (folder / "b" / "7 empty.ogg").touch()
    return folder
