"""What several tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """A folder of real data that cannot be part of the project (recordings, published files).

    `GENRESCOPE_SHARED` names it; without it a folder `shared` beside the checkout is taken.
    """
    folder = Path(os.environ.get("GENRESCOPE_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set GENRESCOPE_SHARED")
    return folder
