"""Jobs: what takes longer than a request, with its progress, and how to stop it."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from genrescope.errors import GenrescopeError
from genrescope.web.http.events import Events

WAITING, RUNNING, DONE, CANCELLED, FAILED = "waiting", "running", "done", "cancelled", "failed"
_KEPT = 100  # jobs that are remembered
_WINDOW = 20.0  # seconds over which the rate is measured
_OFTEN = 0.2  # seconds between two events on the progress of one job


class CancelledError(Exception):
    """The job was cancelled."""


@dataclass(eq=False)
class Job:
    """One job.

    Attributes:
        id: its name.
        kind: what it does: "classify", "scan", "library", "plan", "apply" or "undo".
        library: number of the library that it is about.
        state: "waiting", "running", "done", "cancelled" or "failed".
        done: how many are done, failed ones too.
        failed: how many of these failed.
        total: how many there are.
        message: why it failed.
        remedy: what to do about that.
        songs: ids of its songs, where it is about songs of the session.
        result: what came of it.
    """

    id: str
    kind: str
    library: int | None = None
    state: str = WAITING
    done: int = 0
    failed: int = 0
    total: int = 0
    message: str | None = None
    remedy: str | None = None
    songs: list[str] = field(default_factory=list)
    result: Any = None
    stop: threading.Event = field(default_factory=threading.Event)
    _ticks: deque[tuple[float, int]] = field(default_factory=deque)
    _published: float = 0.0

    @property
    def over(self) -> bool:
        """Whether nothing will happen any more."""
        return self.state not in (WAITING, RUNNING)

    @property
    def rate(self) -> float | None:
        """How many a second, of late; None until that is known."""
        if len(self._ticks) < 2:
            return None
        (start, before), (end, now) = self._ticks[0], self._ticks[-1]
        return (now - before) / (end - start) if end > start else None

    def as_json(self) -> dict[str, Any]:
        """The job as JSON values."""
        rate = None if self.over else self.rate
        left = (self.total - self.done) / rate if rate else None
        return {
            "id": self.id,
            "kind": self.kind,
            "library": self.library,
            "state": self.state,
            "done": self.done,
            "failed": self.failed,
            "total": self.total,
            "rate": None if rate is None else round(rate, 2),
            "seconds_left": None if left is None else round(left, 1),
            "message": self.message,
            "remedy": self.remedy,
            "songs": self.songs,
            "result": self.result,
        }

    def advance(self, done: int, failed: int, total: int) -> None:
        """Note how far it is."""
        now = time.monotonic()
        self.done, self.failed, self.total = done, failed, total
        self._ticks.append((now, done))
        while self._ticks[0][0] < now - _WINDOW and len(self._ticks) > 2:
            self._ticks.popleft()

    def is_news(self) -> bool:
        """Whether its progress was not published of late."""
        now = time.monotonic()
        if now - self._published < _OFTEN and self.done < self.total:
            return False
        self._published = now
        return True


class Jobs:
    """All jobs. Those on libraries run one after another, in a thread of their own."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._numbers = itertools.count(1)
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="jobs")

    def new(self, kind: str, library: int | None = None) -> Job:
        """A job that waits."""
        with self._lock:
            job = Job(f"j{next(self._numbers)}", kind, library)
            self._jobs[job.id] = job
            over = [item.id for item in self._jobs.values() if item.over]
            for name in over[: max(0, len(self._jobs) - _KEPT)]:
                del self._jobs[name]
        return job

    def find(self, name: str) -> Job | None:
        """The job of this name."""
        return self._jobs.get(name)

    def all(self) -> list[Job]:
        """All that are remembered, newest first."""
        with self._lock:
            return list(self._jobs.values())[::-1]

    def publish(self, job: Job) -> None:
        """Publish the state of a job."""
        self._events.publish("job", job.as_json())

    def start(self, job: Job, work: Callable[[Job], Any]) -> Future[None]:
        """Run a job when its turn comes; `work` calls `progress` and returns the result."""
        self.publish(job)
        return self._thread.submit(self._run, job, work)

    def progress(self, job: Job) -> Callable[[int, int, int], None]:
        """The progress function of `work`: how many are done, failed, and in all.

        Raises:
            CancelledError: the job was cancelled.
        """

        def show(done: int, failed: int, total: int) -> None:
            if job.stop.is_set():
                raise CancelledError
            job.advance(done, failed, total)
            if job.is_news():
                self.publish(job)

        return show

    def cancel(self, job: Job) -> None:
        """Stop a job as soon as can be."""
        job.stop.set()
        if job.state == WAITING:
            job.state = CANCELLED
            self.publish(job)

    def close(self) -> None:
        """Stop all."""
        for job in self.all():
            job.stop.set()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job, work: Callable[[Job], Any]) -> None:
        if job.over:
            return
        job.state = RUNNING
        self.publish(job)
        try:
            job.result = work(job)
            job.state = DONE
        except CancelledError:
            job.state = CANCELLED
        except GenrescopeError as error:
            job.state, job.message, job.remedy = FAILED, error.message, error.remedy
        except OSError as error:
            job.state, job.message = FAILED, error.strerror or str(error)
        finally:
            if not job.over:  # a defect: the server's log has it
                job.state, job.message = FAILED, "the server met an unexpected error"
            self.publish(job)
