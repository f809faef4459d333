"""A worker process on this machine, which keeps its memory from one item to the next."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
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
# requests it again: a twentieth of a song's extraction. A worker keeps up to 64 MiB instead; single
# arrays above 32 MiB go back at once.
_KEPT, _LARGE = 1 << 26, 1 << 25
KEPT_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": str(_KEPT),
    "MALLOC_MMAP_THRESHOLD_": str(_LARGE),
}
"""Environment of a process that keeps its memory."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # as `mallopt` of the GNU allocator numbers them

_SPAWN = multiprocessing.get_context("spawn")
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


def _keep_memory() -> None:
    """What `KEPT_MEMORY` does, in a process that runs already; nothing with other allocators."""
    with contextlib.suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_TRIM_THRESHOLD, _KEPT)
        mallopt(_MMAP_THRESHOLD, _LARGE)


def _serve_as_copy(connection: Connection, parents_ends: Sequence[Connection]) -> None:
    """`_serve` in a copy of the parent, whose ends of all connections it has too."""
    for end in parents_ends:
        end.close()
    _keep_memory()
    _serve(connection)


def _serve(connection: Connection) -> None:
    """The loop of a worker: prepare, then process each item until the parent closes the connection.

    Whatever is written to standard error, also by C libraries, goes to a log: it keeps the
    parent's display clean, and it has why a worker died.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    with contextlib.suppress(EOFError, ConnectionError):
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
    """Processes started inside do not run the parent's script again."""
    main = sys.modules["__main__"]
    names = [name for name in ("__file__", "__spec__") if name in vars(main)]
    hidden: dict[str, Any] = {name: vars(main).pop(name) for name in names}
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(hidden)


@contextlib.contextmanager
def _frozen() -> Iterator[None]:
    """A copy of this process made inside does not search for cycles what it shares with it.

    The search would copy every page that it looks at.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


_starting = threading.Lock()
_parents_ends: weakref.WeakSet[Connection] = weakref.WeakSet()  # of connections to workers
_may_copy = False
_THREADS_HERE = Path("/proc/self/task")  # those of native code included


def allow_copies() -> None:
    """From now on workers may be copies of this process, which costs next to no time.

    For a program of one's own: a copy has whatever this process has loaded and opened. It is done
    on Linux only, and not while this process has threads, which a copy would lack.
    """
    global _may_copy
    _may_copy = sys.platform == "linux"


def copies_itself() -> bool:
    """Whether a worker can be a copy of this process now; see `allow_copies`."""
    return _may_copy and _THREADS_HERE.is_dir() and len(list(_THREADS_HERE.iterdir())) == 1


def _started(lone: bool, copied: bool, packed: bytes) -> tuple[Any, Connection]:
    """A process that waits for its function, and the connection to it."""
    context: Any = multiprocessing.get_context("fork") if copied else _SPAWN
    ours, theirs = context.Pipe()
    _parents_ends.add(ours)
    work = (_serve_as_copy, (theirs, [*_parents_ends])) if copied else (_serve, (theirs,))
    process = context.Process(target=work[0], args=work[1], daemon=True)
    environment = dict.fromkeys(_THREADS, str(usable_cores() if lone else 1)) | KEPT_MEMORY
    script = contextlib.nullcontext() if b"__main__" in packed else _without_main()
    shared = _frozen() if copied else contextlib.nullcontext()
    with _starting, uninterrupted(), _environment(environment), script, shared:
        process.start()
    theirs.close()
    return process, ours


class Worker(Generic[Item]):
    """A process that works on one item at a time."""

    def __init__(
        self,
        function: Callable[[Item], Any],
        log: Path,
        item: Item,
        *,
        prepare: Callable[[], object] | None = None,
        lone: bool = False,
        copied: bool = False,
    ) -> None:
        """Start it.

        Args:
            function: what it does to an item.
            log: file for what it writes to standard error.
            item: the first.
            prepare: called before the first item; a `GenrescopeError` that it raises is raised
                here instead of a result.
            lone: whether no other works beside it, so that numeric libraries may take all cores.
            copied: make it a copy of this process, where `copies_itself`.
        """
        packed = bytes(ForkingPickler.dumps((function, prepare)))
        needed = packed + bytes(ForkingPickler.dumps(item))
        self.process, self.connection = _started(lone, copied and copies_itself(), needed)
        self.log = log
        self.item = item
        self.ready = False
        self.alive = True
        self.deadline: float | None = None
        with contextlib.suppress(ConnectionError):  # a death is noticed when its result is due
            self.connection.send((str(log), packed))

    def give(self, item: Item, timeout: float | None) -> None:
        """Send an item; the worker must be ready."""
        self.item = item
        self.deadline = None if timeout is None else time.monotonic() + timeout
        with contextlib.suppress(ConnectionError):  # a death is noticed when its result is due
            self.connection.send(item)

    def receive(self) -> Any:
        """What the worker sent; a `Failure` if it is dead, or if it is late, which ends it.

        Raises:
            DataError: it died before it was ready, as every other one would.
            GenrescopeError: what its preparation raised.
        """
        try:
            if not self.connection.poll():  # Windows raises here where the other end is gone
                self.stop()
                return Failure("it took longer than the time limit", "raise the time limit")
            received = self.connection.recv()
        except (EOFError, OSError):
            self.process.join(_DEATH_PATIENCE)
        else:
            if not self.ready and received is not None:
                raise received
            return received
        if not self.ready:
            raise DataError(f"a worker process cannot start: {self._last_line()}")
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
        return Failure(f"its worker process ended {manner}: {self._last_line()}")

    def _last_line(self) -> str:
        """The most informative line of the log: an exception's, or the first of a crash."""
        text = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
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
