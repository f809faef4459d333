"""The songs of a session: what was dropped on the page, or picked from a library."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from genrescope.engine import Failure
from genrescope.engine.pool import WorkerPool
from genrescope.errors import DataError
from genrescope.inference.classified import ClassifiedSong
from genrescope.web import jobs as state
from genrescope.web.http.events import Events
from genrescope.web.jobs import Job, Jobs
from genrescope.web.names import SongNames, names_of_path
from genrescope.web.tasks import ClassifyNamed, NamedSong, Task

_RANK = 1  # what a person waits for comes before many songs at once
_UNKNOWN_YET: dict[str, Any] = {
    "genre": None,
    "confidence": None,
    "music": None,
    "top": None,
    "probabilities": None,
    "seconds": None,
    "duration": None,
    "took": None,
    "notes": [],
    "failure": None,
    "remedy": None,
}


@dataclass(frozen=True)
class Upload:
    """A file that joins the session.

    Attributes:
        name: what people call it.
        path: where it is.
        size: bytes that the session holds of it; 0 where it is not the session's own.
        library: number of the library that it is in.
    """

    name: str
    path: Path
    size: int = 0
    library: int | None = None


@dataclass(eq=False)
class SessionSong:
    """A song of the session.

    Attributes:
        id: its name here.
        file: what it is.
        model: folder of the model that classifies it.
        job: id of the job that classifies it.
        state: as a job's.
        outcome: its genres, or why there are none.
        names: artist, album and title.
        future: its place in the queue.
    """

    id: str
    file: Upload
    model: Path
    job: str
    state: str = state.WAITING
    outcome: ClassifiedSong | Failure | None = None
    names: SongNames = field(default_factory=SongNames)
    future: Future[Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The song as JSON values."""
        found = {
            "id": self.id,
            "path": self.file.name,
            **asdict(self.names),
            "library": self.file.library,
            "job": self.job,
            "state": self.state,
            "model": self.model.name,
        }
        return {**_UNKNOWN_YET, **outcome_as_json(self.outcome), **found}


class Session:
    """All songs of the session, and the queue in which they wait to be classified."""

    def __init__(self, pool: WorkerPool[Task, Any], jobs: Jobs, events: Events) -> None:
        self._pool, self._jobs, self._events = pool, jobs, events
        self._numbers = itertools.count(1)
        self._songs: dict[str, SessionSong] = {}
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._songs)

    @property
    def size(self) -> int:
        """Bytes of all files that the session holds."""
        with self._lock:
            return sum(song.file.size for song in self._songs.values())

    def songs(self, job: str | None = None) -> list[SessionSong]:
        """The songs, oldest first; those of one job where that is named."""
        with self._lock:
            return [song for song in self._songs.values() if job in (None, song.job)]

    def find(self, name: str) -> SessionSong | None:
        """The song of that id."""
        return self._songs.get(name)

    def add(self, files: Iterable[Upload], model: Path) -> Job:
        """Classify files, each as soon as its turn comes."""
        job = self._jobs.new("classify")
        with self._lock:
            songs = [self._new(file, model, job) for file in files]
            job.songs = [song.id for song in songs]
            job.total, job.state = len(songs), state.RUNNING
            job.advance(0, 0, len(songs))
            self._songs.update((song.id, song) for song in songs)
        self._jobs.publish(job)
        for song in songs:
            self._publish(song)
            task = ClassifyNamed(song.file.path, model, song.file.name)
            song.future = self._pool.submit(task, rank=_RANK)
            song.future.add_done_callback(partial(self._take, job, song))
        return job

    def _new(self, file: Upload, model: Path, job: Job) -> SessionSong:
        name = f"s{next(self._numbers)}"
        return SessionSong(name, file, model, job.id, names=names_of_path(file.name))

    def cancel(self, job: Job) -> None:
        """Take the songs of a job out of the queue."""
        job.stop.set()
        for song in self.songs(job.id):
            if song.future is not None:
                song.future.cancel()

    def remove(self, songs: Iterable[SessionSong]) -> int:
        """Remove songs and remove their files; how many they were."""
        removed = 0
        for song in songs:
            with self._lock:
                removed += self._songs.pop(song.id, None) is not None
            if song.future is not None:
                song.future.cancel()
            if song.file.library is None:
                song.file.path.unlink(missing_ok=True)
        return removed

    def _take(self, job: Job, song: SessionSong, future: Future[Any]) -> None:
        """Note what became of a song; called in the thread of its worker."""
        if future.cancelled():
            song.state = state.CANCELLED
        else:
            found = _outcome(future)
            if isinstance(found, NamedSong):
                song.outcome, song.names = found.song, found.names
            else:
                song.outcome = found
            failed = isinstance(song.outcome, Failure)
            song.state = state.FAILED if failed else state.DONE
        with self._lock:
            failures = job.failed + (song.state == state.FAILED)
            job.advance(job.done + 1, failures, job.total)
            if job.done == job.total:
                job.state = state.CANCELLED if job.stop.is_set() else state.DONE
        if song.id in self._songs:
            self._publish(song)
        if job.is_news() or job.over:
            self._jobs.publish(job)

    def _publish(self, song: SessionSong) -> None:
        self._events.publish("song", song.as_json())


def outcome_as_json(outcome: ClassifiedSong | Failure | None, top: int = 3) -> dict[str, Any]:
    """What became of a song as JSON values."""
    if isinstance(outcome, Failure):
        return {"failure": outcome.reason, "remedy": outcome.remedy}
    if outcome is None:
        return {}
    probabilities = outcome.prediction.probabilities.round(5).tolist()
    return {**outcome.as_json(top), "probabilities": probabilities}


def _outcome(future: Future[Any]) -> NamedSong | Failure:
    try:
        found: NamedSong | Failure = future.result()
    except DataError as error:  # no worker can start
        return Failure(error.message, error.remedy)
    return found
