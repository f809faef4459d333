"""A worker process on this machine, which keeps its memory from one item to the next."""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any, Generic

from genrescope.engine.attempt import Failure, Item, attempt
from genrescope.errors import DataError, GenrescopeError
from genrescope.interrupts import uninterrupted

# Workers side by side are one core's worth of work each; a numeric library that starts threads of
# its own in every worker makes all of them slower. Read when the library is loaded.
_THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS"),
)
# The GNU allocator hands what an item needed back to the system, page by page, and the next item
# asks for it again: a twentieth of a song's extraction. A worker keeps up to 64 MiB instead; single
# arrays above 32 MiB go back at once.
_KEPT_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": str(1 << 26),
    "MALLOC_MMAP_THRESHOLD_": str(1 << 25),
}
_SPAWN = multiprocessing.get_context("spawn")
_FORK = multiprocessing.get_context("fork") if sys.platform == "linux" else _SPAWN
_DEATH_PATIENCE = 10  # seconds that a crashing process may take to write its core file


def numeric_threads() -> int:
    """Threads that a numeric library may use in this process."""
    named = os.environ.get(_THREADS[0], "")
    return int(named) if named.isdecimal() and int(named) else usable_cores()


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _serve(connection: Connection) -> None:
    """A worker's life: import what will be needed, prepare, then answer items until the end.

    Whatever is written to standard error, also by C libraries, goes to a log: it keeps the
    parent's display clean, and it says why a worker died.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    with contextlib.suppress(EOFError, ConnectionError):
        for module in connection.recv():
            import_module(module)
        log, packed = connection.recv()
        stream = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(stream, 2)
        faulthandler.enable(file=2)
        function, prepare = ForkingPickler.loads(packed)
        connection.send(_prepared(prepare))
        while True:
            item = connection.recv()
            os.ftruncate(stream, 0)
            connection.send(attempt(function, item))


def _prepared(prepare: Callable[[], object] | None) -> GenrescopeError | None:
    """The reason why nothing can be done, whatever the item; None where there is none."""
    try:
        if prepare is not None:
            prepare()
    except GenrescopeError as error:
        return error
    return None


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


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Processes started inside do not run the parent's script anew."""
    main = sys.modules["__main__"]
    hidden = {name: vars(main).pop(name) for name in ("__file__", "__spec__") if name in vars(main)}
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(hidden)


class _Process:
    """A process that waits for its function."""

    def __init__(
        self,
        threads: int,
        modules: Sequence[str] = (),
        *,
        main: bool = False,
        context: BaseContext = _SPAWN,
    ) -> None:
        self.threads = threads
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)  # type: ignore[attr-defined]
        environment = dict.fromkeys(_THREADS, str(threads)) | _KEPT_MEMORY
        script = contextlib.nullcontext() if main else _without_main()
        with _starting, uninterrupted(), _environment(environment), script:
            self.process.start()
        theirs.close()
        with contextlib.suppress(ConnectionError):  # a death is noticed when it should answer
            self.connection.send(list(modules))


_starting = threading.Lock()
_spare: _Process | None = None


def start_spare(modules: Sequence[str], threads: int) -> None:
    """Start a process for the next worker of so many threads, before it is known what it will do.

    To be called before anything starts threads: where that is safe, the process is a copy of this
    one, which takes less than a new one.

    Args:
        modules: what it imports meanwhile.
        threads: see `Worker`.
    """
    global _spare
    copied = sys.platform == "linux" and threading.active_count() == 1
    _spare = _Process(threads, modules, context=_FORK if copied else _SPAWN)


def _process(threads: int, packed: bytes) -> _Process:
    """The spare process if it will do, or a new one."""
    global _spare
    needs_main = b"__main__" in packed
    spare, _spare = _spare, None
    if spare is not None and spare.threads == threads and not needs_main:
        return spare
    return _Process(threads, main=needs_main)


class Worker(Generic[Item]):
    """A process that works on one item at a time."""

    def __init__(
        self,
        function: Callable[[Item], Any],
        log: Path,
        item: Item,
        *,
        prepare: Callable[[], object] | None = None,
        threads: int = 1,
    ) -> None:
        """Start it.

        Args:
            function: what it does to an item.
            log: file for what it writes to standard error.
            item: the first.
            prepare: called before the first item; a `GenrescopeError` that it raises is raised
                here instead of an answer.
            threads: how many a numeric library may start in it.
        """
        packed = bytes(ForkingPickler.dumps((function, prepare)))
        process = _process(threads, packed + bytes(ForkingPickler.dumps(item)))
        self.process, self.connection = process.process, process.connection
        self.log = log
        self.item = item
        self.ready = False
        self.alive = True
        self.deadline: float | None = None
        with contextlib.suppress(ConnectionError):
            self.connection.send((str(log), packed))

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
            GenrescopeError: what its preparation raised.
        """
        if not self.connection.poll():
            self.stop()
            return Failure("it took longer than the time limit", "raise the time limit")
        try:
            answer = self.connection.recv()
        except (EOFError, OSError):
            self.process.join(_DEATH_PATIENCE)
        else:
            if not self.ready and answer is not None:
                raise answer
            return answer
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
