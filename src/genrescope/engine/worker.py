"""A worker process on this machine, with one numeric thread and memory that it keeps."""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Generic

from genrescope.engine.attempt import Failure, Item, attempt
from genrescope.errors import DataError
from genrescope.interrupts import uninterrupted

# Each worker is one core's worth of work; a numeric library that starts threads of its own in
# every worker makes all of them slower. Read when the library is loaded, so set before that.
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}
# The GNU allocator hands what an item needed back to the system, page by page, and the next item
# asks for it again: a twentieth of a song's extraction. A worker keeps up to 64 MiB instead; single
# arrays above 32 MiB go back at once.
_KEPT_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": str(1 << 26),
    "MALLOC_MMAP_THRESHOLD_": str(1 << 25),
}
_SPAWN = multiprocessing.get_context("spawn")
_DEATH_PATIENCE = 10  # seconds that a crashing process may take to write its core file


def _serve(connection: Connection, function: Callable[[Any], Any], log: str) -> None:
    """A worker's life: say that it is ready, then answer each item until the parent hangs up.

    Whatever is written to standard error, also by C libraries, goes to `log`: it keeps the
    parent's display clean, and it says why a worker died.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    stream = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(stream, 2)
    faulthandler.enable(file=2)
    with contextlib.suppress(EOFError, ConnectionError):
        connection.send(None)
        while True:
            item = connection.recv()
            os.ftruncate(stream, 0)
            connection.send(attempt(function, item))


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """The environment that processes started inside inherit."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class Worker(Generic[Item]):
    """A process that works on one item at a time."""

    def __init__(self, function: Callable[[Item], Any], log: Path, item: Item) -> None:
        self.connection, theirs = _SPAWN.Pipe()
        self.log = log
        self.item = item
        self.ready = False
        self.alive = True
        self.deadline: float | None = None
        self.process = _SPAWN.Process(target=_serve, args=(theirs, function, str(log)), daemon=True)
        with uninterrupted(), _environment(_ONE_THREAD | _KEPT_MEMORY):
            self.process.start()
        theirs.close()

    def give(self, item: Item, timeout: float | None) -> None:
        """Send an item; the worker must be ready."""
        self.item = item
        self.deadline = None if timeout is None else time.monotonic() + timeout
        with contextlib.suppress(ConnectionError):  # a death is noticed when it should answer
            self.connection.send(item)

    def answer(self) -> Any:
        """What the worker sent; a `Failure` if it is dead, or if it is late, which ends it.

        Raises:
            DataError: it died before it was ready, as every other one would.
        """
        if not self.connection.poll():
            self.stop()
            return Failure("it took longer than the time limit", "raise the time limit")
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.process.join(_DEATH_PATIENCE)
        if not self.ready:
            raise DataError(f"a worker process cannot start: {self._last_words()}")
        failure = self._epitaph()
        self.stop()
        return failure

    def _epitaph(self) -> Failure:
        code = self.process.exitcode or 0
        if code == -getattr(signal, "SIGKILL", 9):
            return Failure(
                "its worker process was killed, as happens when memory runs out",
                "run fewer jobs, or take a shorter excerpt",
            )
        manner = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        return Failure(f"its worker process ended {manner}: {self._last_words()}")

    def _last_words(self) -> str:
        """The line of the log that says most: an exception's, or the first of a crash."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        lines = [line for line in text.splitlines() if line.strip()]
        if not lines:
            return "it left no message"
        return lines[0] if lines[0].startswith("Fatal") else lines[-1]

    def stop(self) -> None:
        """End the process at once."""
        self.alive = False
        self.process.kill()
        self.process.join()
        self.connection.close()
