"""The temporary folder of a server: uploads and what is made of songs, all gone when it ends."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from genrescope.files.lock import take_lock

_PREFIX = "genrescope-web-"
_LOCK = "lock"
_BLOCK = 1 << 20


class TempDir:
    """A folder that only this user can enter; removed by `close`.

    What a killed server left behind is removed when the next one starts.

    Attributes:
        path: the folder.
    """

    def __init__(self) -> None:
        _remove_abandoned()
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = (self.path / _LOCK).open("xb")
        take_lock(self._lock.fileno())
        self._numbers = itertools.count(1)

    def new(self, suffix: str = "") -> Path:
        """A path in the folder that nothing has yet."""
        return self.path / f"{next(self._numbers)}{suffix}"

    def keep(self, file: BinaryIO, suffix: str = "") -> Path:
        """A copy of a file, under a name that says nothing of what it was called but `suffix`."""
        path = self.new(suffix)
        try:
            with path.open("xb") as copy:
                shutil.copyfileobj(file, copy, _BLOCK)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def close(self) -> None:
        """Remove the folder."""
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)


def _remove_abandoned() -> None:
    if os.name != "posix":  # where no lock tells which are in use
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if folder.is_symlink() or not _is_ours(folder):
            continue
        try:
            with (folder / _LOCK).open("rb+") as lock:
                abandoned = take_lock(lock.fileno())
        except OSError:  # it is being made, or being removed
            continue
        if abandoned:
            shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    try:
        return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
    except OSError:
        return False
