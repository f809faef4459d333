"""Songs, and toy models where the ladder looks for models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from genrescope.inference.find import FOLDER_VARIABLE
from toymodel import song, write_toy_model


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's models folder, with the model `toy` of two feature sets."""
    folder = tmp_path / "models"
    write_toy_model(folder / "toy")
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


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
