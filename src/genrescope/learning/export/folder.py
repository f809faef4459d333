"""Replace a folder in one step: what has its name is always whole, the old one or the new."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new folder to fill, which takes the name `folder` at the end; on an error it is removed.

    The old folder is set aside, the new one named, and only then the old one removed. A process
    killed between these steps leaves the old one aside, where `recover` finds it.
    """
    new = _beside(folder, "part")
    recover(folder)
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        yield new
        _flush(new)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    if folder.exists():
        folder.replace(_beside(folder, "old"))
    new.replace(folder)
    recover(folder)


def recover(folder: Path) -> None:
    """Tidy what a killed process left: an old folder without a successor gets its name back."""
    old = _beside(folder, "old")
    if not old.exists():
        return
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)  # another process may be at it, too
    else:
        old.replace(folder)


def _beside(folder: Path, ending: str) -> Path:
    return folder.with_name(f".{folder.name}.{ending}")


def _flush(folder: Path) -> None:
    """Bring every file of `folder` to the disk before the folder has its name."""
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
