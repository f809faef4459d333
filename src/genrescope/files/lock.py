"""A lock that goes with the process: a killed one locks nobody out."""

from __future__ import annotations

import os
from pathlib import Path


class ProcessLock:
    """Keeps other processes, and other holders in this one, from what a file stands for.

    While it is held there is a file of its name; it is removed with the lock. What a killed process
    left of it is taken by the next.

    Args:
        path: of that file. Its folder must be there.
    """

    def __init__(self, path: Path) -> None:
        from filelock import FileLock  # takes a twentieth of a second

        self._path = path
        self._descriptor = -1
        self._lock = FileLock(
            path, blocking=False, thread_local=False, on_acquired=self._note, mode=0o600
        )

    def _note(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def take(self) -> bool:
        """Whether it could be taken; False where somebody has it.

        Raises:
            OSError: its file cannot be made.
        """
        from filelock import Timeout

        while True:
            try:
                self._lock.acquire()
            except Timeout:
                return False
            if self._is_current():
                return True
            self._lock.release()  # whoever had it before removed the file: there is another now

    def release(self) -> None:
        """Give it back, and remove its file."""
        if self._lock.is_locked:
            if os.name == "posix":  # elsewhere an open file cannot be removed, and the lock does it
                self._path.unlink(missing_ok=True)
            self._lock.release()

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._descriptor), self._path.stat())
        except OSError:
            return os.name != "posix"


def lock_beside(path: Path) -> ProcessLock:
    """A lock on `path` whose file, hidden, is beside it."""
    real = Path(os.path.realpath(path))
    return ProcessLock(real.with_name(f".{real.name}.lock"))
