"""Libraries: what is in them, searched, sorted, filtered, and heard."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import BaseModel, Field

from genrescope.library.index.browse import Browser
from genrescope.library.index.database import Index
from genrescope.library.index.query import Filter
from genrescope.library.index.results import classify_library
from genrescope.library.index.scan import scan
from genrescope.web.export import shares_of
from genrescope.web.jobs import Job
from genrescope.web.routes.session import Limit, Offset, Threshold
from genrescope.web.server import Here, Server
from genrescope.web.shelf import Shelf

router = APIRouter(tags=["library"])

Number = Annotated[int, Query(ge=0, le=10_000)]
Share = Annotated[float, Query(ge=0, le=1)]
Sort = Literal["path", "artist", "album", "title", "tagged", "genre", "confidence"]
_LONGEST = 2000


class Scan(BaseModel):
    """What is to be scanned."""

    library: int = Field(0, ge=0, le=10_000)
    classify: bool = True


class Hear(BaseModel):
    """What is to be heard."""

    library: int = Field(0, ge=0, le=10_000)
    retry: bool = False


def shelf_of(server: Here, library: Number = 0) -> Shelf:
    """The library of that number; 404 where there is none."""
    return server.shelf(library)


class Told:
    """Under which prior and threshold answers are told."""

    def __init__(
        self,
        server: Here,
        threshold: Threshold = None,
        prior: Annotated[str | None, Query(max_length=_LONGEST)] = None,
    ) -> None:
        self.server, self.threshold, self.prior = server, threshold, prior

    def set(self, browser: Browser) -> float:
        """Tell `browser` the prior; the threshold that holds."""
        card = self.server.kept_card(browser.model) if self.prior else None
        shares = shares_of(self.prior, len(card.genres)) if card else None
        browser.tell_by((card.prior, shares) if card and shares is not None else None)
        own = browser.model.threshold if browser.model else 0.0
        return own if self.threshold is None else self.threshold


Library = Annotated[Shelf, Depends(shelf_of)]
Telling = Annotated[Told, Depends()]


@router.get("/library")
async def library(
    shelf: Library,
    telling: Telling,
    q: Annotated[str, Query(max_length=_LONGEST)] = "",
    genre: Annotated[list[str], Query(max_length=100)] = [],  # noqa: B006 - FastAPI copies it
    confidence_from: Share = 0.0,
    confidence_to: Share = 1.0,
    folder: Annotated[str, Query(max_length=_LONGEST)] = "",
    sort: Sort = "path",
    descending: bool = False,
    offset: Offset = 0,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Some of the songs of a library."""

    def answer(browser: Browser) -> dict[str, Any]:
        threshold = telling.set(browser)
        between = (confidence_from, confidence_to)
        wanted = Filter(
            q,
            tuple(genre),
            None if between == (0.0, 1.0) else between,
            folder.strip("/"),
            threshold,
        )
        total, songs = browser.page(
            wanted, sort=sort, descending=descending, offset=offset, limit=limit
        )
        return {
            "total": total,
            "offset": offset,
            **telling.server.told_by(browser.model),
            "threshold": threshold,
            "songs": [shelf.as_json(song, browser, threshold) for song in songs],
        }

    return await shelf.ask(answer)


@router.get("/library/summary")
async def summary(shelf: Library, telling: Telling) -> dict[str, Any]:
    """How many songs there are, of which genres."""

    def answer(browser: Browser) -> dict[str, Any]:
        threshold = telling.set(browser)
        counts = browser.counts(threshold)
        return {
            **browser.totals(),
            "genres": [{"genre": name, "songs": count} for name, count in counts.items()],
            "model": browser.model.name if browser.model else None,
            "newer_model": browser.newer_model,
            "threshold": threshold,
        }

    return await shelf.ask(answer)


@router.get("/library/folders")
async def folders(
    shelf: Library, path: Annotated[str, Query(max_length=_LONGEST)] = ""
) -> dict[str, Any]:
    """What is in a folder of a library, as its index knows it."""
    path = path.strip("/")
    songs, found = await shelf.ask(lambda browser: browser.folders(path))
    start = f"{path}/" if path else ""
    below = [{"name": name, "path": start + name, "songs": count} for name, count in found]
    return {"path": path, "folders": below, "songs": songs}


@router.get("/library/similar")
async def similar(
    server: Here, id: str, count: Annotated[int, Query(ge=1, le=100)] = 10
) -> dict[str, Any]:
    """The songs of a library that are most like one of them."""
    shelf, name = server.on_shelf(id)

    def answer(browser: Browser) -> dict[str, Any]:
        songs = browser.find([name])
        if not songs:
            raise HTTPException(404, "no such song")
        found = shelf.similar(browser, name, count)
        told = [
            {**shelf.as_json(song, browser, None), "similarity": round(value, 4)}
            for song, value in found
        ]
        return {"song": shelf.as_json(songs[0], browser, None), "similar": told}

    return await shelf.ask(answer)


@router.get("/map")
async def song_map(shelf: Library, telling: Telling) -> dict[str, Any]:
    """A library as a map on which songs that sound alike are near each other."""

    def answer(browser: Browser) -> dict[str, Any]:
        telling.set(browser)
        return shelf.map(browser)

    return await shelf.ask(answer)


@router.post("/library/scan", status_code=202)
def start_scan(server: Here, wish: Scan) -> dict[str, Any]:
    """Bring the index of a library up to date; then, if wished, hear what is new."""
    shelf = server.shelf(wish.library)
    job = server.jobs.new("scan", wish.library)
    server.jobs.start(job, lambda job: _scan(server, shelf, job))
    if wish.classify:
        _hear(server, shelf, retry=False)
    return job.as_json()


@router.post("/library/classify", status_code=202)
def start_classify(server: Here, wish: Hear) -> dict[str, Any]:
    """Hear what the index of a library has and the model has not heard."""
    return _hear(server, server.shelf(wish.library), retry=wish.retry).as_json()


def _hear(server: Server, shelf: Shelf, *, retry: bool) -> Job:
    job, model = server.jobs.new("library", shelf.number), server.model()

    def work(job: Job) -> dict[str, int]:
        with server.working(job, shelf) as progress, Index(shelf.root) as index:
            heard = classify_library(
                index,
                model,
                retry=retry,
                jobs=server.settings.jobs,
                timeout=server.settings.limits.task_seconds,
                progress=progress,
            )
        return {"done": heard.done, "failed": heard.failed}

    server.jobs.start(job, work)
    return job


def _scan(server: Server, shelf: Shelf, job: Job) -> dict[str, int]:
    with server.working(job, shelf) as progress, Index(shelf.root) as index:
        found = scan(index, jobs=server.settings.jobs, progress=progress)
    names = ("new", "changed", "retagged", "moved", "removed", "unchanged", "failed")
    return {name: getattr(found, name) for name in names}
