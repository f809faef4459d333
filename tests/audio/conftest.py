"""Sounds made for the tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from sounds import Write, tone


@pytest.fixture
def wav(tmp_path: Path) -> Write:
    """Write (frames, channels) samples to a file of a name; format and subtype by its extension."""

    def write(
        name: str, samples: NDArray[np.int16] | None = None, rate: int = 44100, **kwargs: str
    ) -> Path:
        path = tmp_path / name
        samples = tone(rate) if samples is None else samples
        if path.suffix == ".mp3" and samples.dtype == np.int16:
            samples = samples / 32768  # libsndfile 1.2.2 garbles integers that it writes as MP3
        soundfile.write(path, samples, rate, **kwargs)
        return path

    return write
