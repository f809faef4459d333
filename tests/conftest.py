"""What several tests share."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# Tests run side by side, on small arrays. Threads of numeric libraries would take the cores from
# one another, and wait in busy loops: five times the processor time. Read when NumPy is loaded.
_ONE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_OF_TENSORFLOW = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
for _name in (*_ONE, *_OF_TENSORFLOW):
    os.environ.setdefault(_name, "1")

# A busy machine takes its time: no example is timed.
settings.register_profile("untimed", parent=settings(), deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def shared() -> Path:
    """A folder of real data that cannot be part of the project (recordings, published files).

    `GENRESCOPE_SHARED` names it; without it a folder `shared` beside the checkout is taken.
    """
    folder = Path(os.environ.get("GENRESCOPE_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set GENRESCOPE_SHARED")
    return folder


@pytest.fixture(scope="session")
def musicnn_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of musicnn, fetched once a session; `GENRESCOPE_MUSICNN_WHEEL` can name a copy."""
    if named := os.environ.get("GENRESCOPE_MUSICNN_WHEEL"):
        return Path(named)
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder)]
    done = subprocess.run([*command, "musicnn==0.1.0"], capture_output=True, text=True)
    if done.returncode and "CI" not in os.environ:
        pytest.skip("musicnn cannot be fetched: set GENRESCOPE_MUSICNN_WHEEL")
    assert done.returncode == 0, done.stderr
    return next(folder.glob("musicnn-*.whl"))


@pytest.fixture(scope="session")
def musicnn_models(musicnn_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models with musicnn in it, to be left as it is; what needs it is slow."""
    from genrescope.backbones.family import BACKBONES
    from genrescope.backbones.install import add_backbone

    folder = tmp_path_factory.mktemp("models")
    add_backbone(BACKBONES["musicnn"], folder, musicnn_wheel)
    return folder


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's models folder, with the model `toy` of two feature sets."""
    from genrescope.backbones.family import FOLDER_VARIABLE
    from toymodel import write_toy_model

    folder = tmp_path / "models"
    write_toy_model(folder / "toy")
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder
