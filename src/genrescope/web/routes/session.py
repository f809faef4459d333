"""Songs that are brought here: classified at once, or kept for the session."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, File, HTTPException, Query, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel, Field

from genrescope.inference.options import PredictionOptions
from genrescope.inference.song import ClassifiedSong
from genrescope.library.index.browse import Browser
from genrescope.library.index.rows import Shown
from genrescope.taxonomy.vocabulary import vocabulary as find_vocabulary
from genrescope.web.export import Wish, as_csv, as_json
from genrescope.web.server import Here, Server
from genrescope.web.session import Brought, outcome_as_json
from genrescope.web.tasks import Classify

router = APIRouter(tags=["songs"])

Threshold = Annotated[float | None, Query(ge=0, le=1)]
Offset = Annotated[int, Query(ge=0, le=1 << 40)]
Limit = Annotated[int, Query(ge=1, le=500)]
_LONGEST_NAME = 500


class Picked(BaseModel):
    """Songs of a library."""

    ids: list[str] = Field(min_length=1, max_length=500)


@router.post("/classify")
async def classify(
    server: Here,
    file: Annotated[UploadFile, File()],
    top: Annotated[int, Query(ge=1, le=100)] = 3,
    threshold: Threshold = None,
    model: str | None = None,
    vocabulary: str | None = None,
) -> dict[str, Any]:
    """The genres of one file; nothing of it is kept."""
    server.check_room()
    folder = server.model(model)
    target = None if vocabulary is None else find_vocabulary(vocabulary).name  # never a file
    options = PredictionOptions(server.card(model), None, threshold, target)
    path = await to_thread.run_sync(_keep, server, file, limiter=server.copying)
    try:
        found: ClassifiedSong = await server.do(Classify(path, folder))
    finally:
        path.unlink(missing_ok=True)
    told = replace(found, prediction=options.apply(found.prediction))
    names = {"path": _name(file), "model": folder.name, "genres": told.prediction.genres}
    return {**outcome_as_json(told, top), **names}


@router.post("/songs", status_code=202)
async def bring(
    server: Here, files: Annotated[list[UploadFile], File()], model: str | None = None
) -> dict[str, Any]:
    """Have files heard; they are kept for the session."""
    folder, limits = server.model(model), server.settings.limits
    if len(files) > limits.files:
        raise HTTPException(413, f"more than {limits.files} files in one request")
    if len(server.session) + len(files) > limits.songs:
        raise HTTPException(413, f"a session holds {limits.songs} songs: remove some first")
    server.check_room()
    brought: list[Brought] = []
    try:
        for file in files:
            path = await to_thread.run_sync(_keep, server, file, limiter=server.copying)
            brought.append(Brought(_name(file), path, path.stat().st_size))
    except HTTPException:
        for item in brought:
            item.path.unlink(missing_ok=True)
        raise
    return server.session.add(brought, folder).as_json()


@router.post("/songs/pick", status_code=202)
async def pick(server: Here, picked: Picked, model: str | None = None) -> dict[str, Any]:
    """Have songs of libraries heard with those of the session."""
    folder, files = server.model(model), []
    for name in picked.ids:
        shelf, short = server.on_shelf(name)
        path, told = await shelf.ask(partial(_located, short))
        if path is None or told is None:
            raise HTTPException(404, "no such song in the library")
        files.append(Brought(told.path, path, library=shelf.number))
    if len(server.session) + len(files) > server.settings.limits.songs:
        raise HTTPException(413, f"a session holds {server.settings.limits.songs} songs")
    server.check_room()
    return server.session.add(files, folder).as_json()


@router.get("/songs")
def songs(
    server: Here, offset: Offset = 0, limit: Limit = 100, job: str | None = None
) -> dict[str, Any]:
    """The songs of the session, oldest first."""
    found = server.session.songs(job)
    page = [song.as_json() for song in found[offset : offset + limit]]
    return {"total": len(found), "offset": offset, "songs": page}


@router.delete("/songs")
def clear(server: Here) -> dict[str, int]:
    """Forget all songs of the session."""
    return {"removed": server.session.remove(server.session.songs())}


@router.get("/songs/export.csv", response_class=Response)
def export_csv(
    server: Here, threshold: Threshold = None, prior: str | None = None, job: str | None = None
) -> Response:
    """The songs of the session that were heard or failed, as a table."""
    text = as_csv(server.session.songs(job), Wish(threshold, prior))
    return _download(text, "text/csv; charset=utf-8", "genres.csv")


@router.get("/songs/export.json", response_class=Response)
def export_json(
    server: Here, threshold: Threshold = None, prior: str | None = None, job: str | None = None
) -> Response:
    """The songs of the session that were heard or failed, as JSON."""
    text = as_json(server.session.songs(job), Wish(threshold, prior))
    return _download(text, "application/json", "genres.json")


@router.delete("/songs/{name}")
def remove(server: Here, name: str) -> dict[str, int]:
    """Forget one song of the session."""
    song = server.session.find(name)
    if song is None:
        raise HTTPException(404, "no such song in this session")
    return {"removed": server.session.remove([song])}


def _located(name: str, browser: Browser) -> tuple[Path | None, Shown | None]:
    return browser.real_path(name), next(iter(browser.find([name])), None)


def _keep(server: Server, upload: UploadFile) -> Path:
    """An uploaded file in the server's own folder, under a name of the server's own."""
    limits, size = server.settings.limits, upload.size or 0
    if size > limits.file_bytes:
        raise HTTPException(413, f"a file is larger than {limits.file_bytes >> 20} MiB")
    if server.session.size + size > limits.session_bytes:
        raise HTTPException(413, "the session holds too much already: remove some songs first")
    return server.place.keep(upload.file)


def _name(upload: UploadFile) -> str:
    return (upload.filename or "song")[-_LONGEST_NAME:]


def _download(text: str, kind: str, name: str) -> Response:
    held = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8", "replace"), media_type=kind, headers=held)
