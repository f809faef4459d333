"""Toy models where the ladder looks for models."""

from __future__ import annotations

from pathlib import Path

import pytest

from genrescope.inference.find import FOLDER_VARIABLE
from toymodel import write_toy_model


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's models folder, with the model `toy` of two feature sets."""
    folder = tmp_path / "models"
    write_toy_model(folder / "toy")
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder
