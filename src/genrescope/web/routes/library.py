"""Libraries: what is in them, searched, sorted, filtered, and classified."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from genrescope.library.browsing.browser import Browser
from genrescope.library.browsing.folders import folders_in
from genrescope.library.browsing.labelled import ids_labelled, label_counts, label_number
from genrescope.library.browsing.query import Filter
from genrescope.library.index.database import Index
from genrescope.library.index.results import classify_library
from genrescope.library.index.scan import scan
from genrescope.web.export import shares_of
from genrescope.web.jobs import Job
from genrescope.web.library_view import LibraryView
from genrescope.web.routes.session import Limit, Offset, Threshold
from genrescope.web.server import Here, Server

router = APIRouter(tags=["library"])

Number = Annotated[int, Query(ge=0, le=10_000)]
Share = Annotated[float, Query(ge=0, le=1)]
Sort = Literal["path", "artist", "album", "title", "tagged", "genre", "confidence"]
_LONGEST = 2000


class ScanRequest(BaseModel):
    """Which library to scan."""

    library: int = Field(0, ge=0, le=10_000)
    classify: bool = True


class ClassifyRequest(BaseModel):
    """Which files of a library to classify."""

    library: int = Field(0, ge=0, le=10_000)
    retry: bool = False


def library_view(server: Here, library: Number = 0) -> LibraryView:
    """The library of that number; 404 where there is none."""
    return server.library(library)


class PredictionOptions:
    """The prior and threshold of predictions."""

    def __init__(
        self,
        server: Here,
        threshold: Threshold = None,
        prior: Annotated[str | None, Query(max_length=_LONGEST)] = None,
    ) -> None:
        self.server, self.threshold, self.prior = server, threshold, prior

    def set(self, browser: Browser) -> float:
        """Set the prior of `browser`; returns the threshold."""
        card = self.server.installed_card(browser.model) if self.prior else None
        shares = shares_of(self.prior, len(card.genres)) if card else None
        browser.use_shares((card.prior, shares) if card and shares is not None else None)
        own = browser.model.threshold if browser.model else 0.0
        return own if self.threshold is None else self.threshold


Library = Annotated[LibraryView, Depends(library_view)]
Options = Annotated[PredictionOptions, Depends()]


class Wanted:
    """Which songs of a library are wanted, and in which order."""

    def __init__(
        self,
        q: Annotated[str, Query(max_length=_LONGEST)] = "",
        genre: Annotated[list[str], Query(max_length=100)] = [],  # noqa: B006 - FastAPI copies it
        label: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006
        contradicting: bool = False,
        confidence_from: Share = 0.0,
        confidence_to: Share = 1.0,
        folder: Annotated[str, Query(max_length=_LONGEST)] = "",
        sort: Sort = "path",
        descending: bool = False,
    ) -> None:
        between = (confidence_from, confidence_to)
        self._filter = Filter(
            q,
            tuple(genre),
            None if between == (0.0, 1.0) else between,
            folder.strip("/"),
            labels=tuple(map(label_number, label)),
            contradicting=contradicting,
        )
        self.order: dict[str, Any] = {"sort": sort, "descending": descending}

    def filter(self, threshold: float) -> Filter:
        """The same for a threshold."""
        return replace(self._filter, threshold=threshold)


WantedSongs = Annotated[Wanted, Depends()]


@router.get("/library")
async def library(
    view: Library, options: Options, wanted: WantedSongs, offset: Offset = 0, limit: Limit = 100
) -> dict[str, Any]:
    """Some of the songs of a library; `label` as in "style:techno"."""

    def query(browser: Browser) -> dict[str, Any]:
        threshold = options.set(browser)
        total, songs = browser.page(
            wanted.filter(threshold), **wanted.order, offset=offset, limit=limit
        )
        return {
            "total": total,
            "offset": offset,
            **options.server.model_as_json(browser.model),
            "threshold": threshold,
            "songs": [view.as_json(song, browser, threshold) for song in songs],
        }

    return await view.read(query)


@router.get("/library/playlist.m3u8", response_class=Response)
async def playlist(view: Library, options: Options, wanted: WantedSongs) -> Response:
    """The songs that `/library` lists, as a playlist to be put into the library's folder."""

    def query(browser: Browser) -> bytes:
        return browser.playlist(wanted.filter(options.set(browser)), **wanted.order)

    headers = {"content-disposition": 'attachment; filename="genrescope.m3u8"'}
    content = await view.read(query)
    return Response(content, media_type="audio/x-mpegurl", headers=headers)


@router.get("/library/summary")
async def summary(view: Library, options: Options) -> dict[str, Any]:
    """How many songs there are, of which genres."""

    def query(browser: Browser) -> dict[str, Any]:
        threshold = options.set(browser)
        counts = browser.counts(threshold)
        return {
            **browser.totals(),
            "genres": [{"genre": name, "songs": count} for name, count in counts.items()],
            "model": browser.model.name if browser.model else None,
            "newer_model": browser.newer_model,
            "threshold": threshold,
        }

    return await view.read(query)


@router.get("/library/labels")
async def labels(view: Library) -> dict[str, Any]:
    """How many songs each style, mood, voice and instrument is named of."""

    def query(browser: Browser) -> list[dict[str, Any]]:
        browser.make_label_table()
        counts = label_counts(browser.index)
        return [{"kind": kind, "name": name, "songs": songs} for kind, name, songs in counts]

    return {"labels": await view.read(query)}


@router.get("/library/folders")
async def folders(
    view: Library, path: Annotated[str, Query(max_length=_LONGEST)] = ""
) -> dict[str, Any]:
    """What is in a folder of a library, as its index has it."""
    path = path.strip("/")
    songs, found = await view.read(lambda browser: folders_in(browser.index, path))
    start = f"{path}/" if path else ""
    below = [{"name": name, "path": start + name, "songs": count} for name, count in found]
    return {"path": path, "folders": below, "songs": songs}


@router.get("/library/similar")
async def similar(
    server: Here,
    id: str,
    count: Annotated[int, Query(ge=1, le=100)] = 10,
    label: Annotated[str, Query(max_length=100)] = "",
) -> dict[str, Any]:
    """The songs of a library that are most like one of them; only those with `label`, if named."""
    view, name = server.locate(id)

    def query(browser: Browser) -> dict[str, Any]:
        songs = browser.find([name])
        if not songs:
            raise HTTPException(404, "no such song")
        among = None
        if label:
            browser.make_label_table()
            among = ids_labelled(browser.index, label_number(label))
        found = view.similar(browser, name, count, among)
        rows = [
            {**view.as_json(song, browser, None), "similarity": round(value, 4)}
            for song, value in found
        ]
        return {"song": view.as_json(songs[0], browser, None), "similar": rows}

    return await view.read(query)


@router.get("/map")
async def song_map(view: Library, options: Options) -> dict[str, Any]:
    """A library as a map on which songs that sound alike are near each other."""

    def query(browser: Browser) -> dict[str, Any]:
        options.set(browser)
        return view.map(browser)

    return await view.read(query)


@router.post("/library/scan", status_code=202)
def start_scan(server: Here, wanted: ScanRequest) -> dict[str, Any]:
    """Bring the index of a library up to date; then, if wanted, classify what is new."""
    view = server.library(wanted.library)
    job = server.jobs.new("scan", wanted.library)
    server.jobs.start(job, lambda job: _scan(server, view, job))
    if wanted.classify:
        _classify(server, view, retry=False)
    return job.as_json()


@router.post("/library/classify", status_code=202)
def start_classify(server: Here, wanted: ClassifyRequest) -> dict[str, Any]:
    """Classify what the index of a library has no prediction of."""
    return _classify(server, server.library(wanted.library), retry=wanted.retry).as_json()


def _classify(server: Server, view: LibraryView, *, retry: bool) -> Job:
    job, model = server.jobs.new("library", view.number), server.model()

    def work(job: Job) -> dict[str, int]:
        with server.working(job, view) as progress, Index(view.root) as index:
            counts = classify_library(
                index,
                model,
                retry=retry,
                jobs=server.settings.jobs,
                timeout=server.settings.limits.task_seconds,
                progress=progress,
            )
        return {"done": counts.done, "failed": counts.failed}

    server.jobs.start(job, work)
    return job


def _scan(server: Server, view: LibraryView, job: Job) -> dict[str, int]:
    with server.working(job, view) as progress, Index(view.root) as index:
        found = scan(index, jobs=server.settings.jobs, progress=progress)
    names = ("new", "changed", "retagged", "moved", "removed", "unchanged", "failed")
    return {name: getattr(found, name) for name in names}
