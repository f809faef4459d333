"""Processes that a test starts: they take Ctrl-C, and none outlives the test."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def _default_interrupt() -> None:
    """Undo that Ctrl-C may be ignored here, as under `nohup` and in background jobs."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


TAKES_INTERRUPTS: Callable[[], None] | None = _default_interrupt if os.name == "posix" else None
"""For `preexec_fn` of `subprocess`."""


@contextmanager
def child(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """A process that runs `command`; killed at the end where it has not ended by itself."""
    process = subprocess.Popen(command, preexec_fn=TAKES_INTERRUPTS, **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def wait_until(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    """Look again and again until something holds; fails where that takes too long."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def is_running(process: int) -> bool:
    """Whether a process runs; False as soon as it has ended, also where nobody waited for it."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"
