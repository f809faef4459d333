"""What a running server holds, and what routes need of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from anyio import CapacityLimiter
from fastapi import Depends, HTTPException, Request

from genrescope.engine import Failure, usable_cores
from genrescope.engine.pool import WorkerPool
from genrescope.errors import DataError, GenrescopeError, UsageError
from genrescope.inference.card import ModelCard
from genrescope.inference.registry import find_model, list_models
from genrescope.library.index.models import IndexedModel
from genrescope.web.http.events import Events
from genrescope.web.jobs import Job, Jobs
from genrescope.web.library_view import LibraryView
from genrescope.web.media.transcoded import Transcoded
from genrescope.web.plans import KeptPlan
from genrescope.web.session import Session
from genrescope.web.settings import Settings
from genrescope.web.tasks import Task, Transcode, WarmUp, run
from genrescope.web.temp_dir import TempDir

_LATER = {"Retry-After": "5"}
_COPYING = 4
_DIGITS = 6  # of the number of a library


class Server:
    """All state of a server; made when it starts, closed when it ends.

    Attributes:
        settings: what it was started with.
        events: the subscribers of its events.
        jobs: what takes long.
        pool: worker processes, where all decoding is done.
        place: its temporary folder.
        session: its songs.
        libraries: its libraries.
        plan: the plan of tags that was made last.
        stopping: whether it is about to end.
        copying: bounds the threads that keep uploads, so that some are left to serve others.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stopping = False
        self.copying = CapacityLimiter(_COPYING)
        self.events = Events()
        self.jobs = Jobs(self.events)
        self.pool: WorkerPool[Task, Any] = WorkerPool(
            run, jobs=settings.jobs or usable_cores(), timeout=settings.limits.task_seconds
        )
        self.temp_dir = TempDir()
        self.session = Session(self.pool, self.jobs, self.events)
        self.libraries = [
            LibraryView(number, root, self.events) for number, root in enumerate(settings.libraries)
        ]
        self.plan: KeptPlan | None = None
        self._transcoded = Transcoded(self.temp_dir)

    def start(self) -> None:
        """Start to serve; called in the loop that runs."""
        self.events.start()
        try:
            self.pool.submit(WarmUp(self.model()))
        except UsageError:  # there is no model: the page shows that
            return

    def stop(self) -> None:
        """End all waiting requests; nothing more is started. May be called twice."""
        self.stopping = True
        self.events.end()
        self.pool.close()

    def close(self) -> None:
        """Stop everything, and remove what was made."""
        self.stop()
        self.jobs.close()
        for view in self.libraries:
            view.close()
        self.temp_dir.close()

    def model(self, name: str | None = None) -> Path:
        """The folder of a model that may be named by clients: only names, never folders.

        Raises:
            UsageError: there is no such model.
        """
        if name is None or name == self.settings.model:
            return find_model(self.settings.model).absolute()
        models = list_models()
        if name not in models:
            raise UsageError(f"no model '{name}'", remedy=f"one of: {', '.join(models)}")
        return models[name].absolute()

    def card(self, name: str | None = None) -> ModelCard:
        """The card of a model; raises what `model` and `ModelCard.read` raise."""
        return ModelCard.read(self.model(name))

    def installed_card(self, model: IndexedModel | None) -> ModelCard | None:
        """The card of a model that a library has results of; None where it is not installed."""
        if model is None:
            return None
        for name in (None, model.name):
            try:
                card = self.card(name)
            except GenrescopeError:
                continue
            if card.name == model.name and card.genres == model.genres:
                return card
        return None

    def model_as_json(self, model: IndexedModel | None) -> dict[str, Any]:
        """The model of a library's results, as JSON values."""
        card = self.installed_card(model)
        return {
            "model": model.name if model else None,
            "genres": model.genres if model else (),
            "prior": card.prior if card else None,
        }

    def library(self, number: int) -> LibraryView:
        """The library of that number; 404 where there is none."""
        if number >= len(self.libraries):
            raise HTTPException(404, "no such library")
        return self.libraries[number]

    def locate(self, name: str) -> tuple[LibraryView, str]:
        """The library that a song's id names, and its id there; 404 where there is none."""
        library, dash, rest = name.removeprefix("l").partition("-")
        if not (name.startswith("l") and dash and library.isascii() and library.isdigit()):
            raise HTTPException(404, "no such song")
        return self.library(int(library[:_DIGITS])), rest

    @contextmanager
    def working(self, job: Job, view: LibraryView) -> Iterator[Callable[[int, int, int], None]]:
        """The progress function of a job on a library; the library's changes are published."""
        show = self.jobs.progress(job)

        def progress(done: int, failed: int, total: int) -> None:
            view.changed()
            show(done, failed, total)

        try:
            yield progress
        finally:
            view.changed(over=True)

    def check_capacity(self) -> None:
        """Raises: HTTPException where too much waits already."""
        if self.pool.waiting >= self.settings.limits.waiting:
            raise HTTPException(429, "too many songs are waiting already", headers=_LATER)

    async def do(self, task: Task) -> Any:
        """Have a task done in a worker process, when its turn comes.

        Raises:
            HTTPException: it cannot be done, or too much waits already.
        """
        self.check_capacity()
        try:
            result = await asyncio.wrap_future(self.pool.submit(task))
        except (asyncio.CancelledError, DataError):
            if not self.stopping:
                raise
            result = None
        if self.stopping:
            raise HTTPException(503, "the server is ending")
        if isinstance(result, Failure):
            raise SongError(result.reason, result.remedy)
        return result

    async def transcoded(self, path: Path) -> Path:
        """A file as WAV, see `do`."""
        longest = self.settings.limits.song_seconds
        return await self._transcoded.find(
            path, lambda target: self.do(Transcode(path, target, longest))
        )


class SongError(GenrescopeError):
    """A song that cannot be done."""

    def __init__(self, message: str, remedy: str | None) -> None:
        super().__init__(message, remedy=remedy)


def server_of(request: Request) -> Server:
    """The server that a request reached."""
    server: Server = request.app.state.server
    return server


Here = Annotated[Server, Depends(server_of)]
