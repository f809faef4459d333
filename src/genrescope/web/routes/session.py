"""Songs that are uploaded or picked: classified at once, or kept for the session."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, File, HTTPException, Query, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel, Field

from genrescope.audio.collect import AUDIO_SUFFIXES
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.options import PredictionOptions
from genrescope.library.browsing.browser import Browser
from genrescope.library.browsing.rows import Shown
from genrescope.taxonomy.vocabulary import vocabulary as find_vocabulary
from genrescope.web.export import ExportOptions, as_csv, as_json
from genrescope.web.server import Here, Server
from genrescope.web.session import Upload, outcome_as_json
from genrescope.web.tasks import Classify

router = APIRouter(tags=["songs"])

Threshold = Annotated[float | None, Query(ge=0, le=1)]
Offset = Annotated[int, Query(ge=0, le=1 << 40)]
Limit = Annotated[int, Query(ge=1, le=500)]
_LONGEST_NAME = 500


class PickRequest(BaseModel):
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
    server.check_capacity()
    folder = server.model(model)
    target = None if vocabulary is None else find_vocabulary(vocabulary).name  # never a file
    options = PredictionOptions(server.card(model), None, threshold, target)
    path = await to_thread.run_sync(_keep, server, file, limiter=server.copying)
    try:
        found: ClassifiedSong = await server.do(Classify(path, folder))
    finally:
        path.unlink(missing_ok=True)
    classified = replace(found, prediction=options.apply(found.prediction))
    names = {"path": _name(file), "model": folder.name, "genres": classified.prediction.genres}
    return {**outcome_as_json(classified, top), **names}


@router.post("/songs", status_code=202)
async def upload(
    server: Here, files: Annotated[list[UploadFile], File()], model: str | None = None
) -> dict[str, Any]:
    """Classify files; they are kept for the session."""
    folder, limits = server.model(model), server.settings.limits
    if len(files) > limits.files:
        raise HTTPException(413, f"more than {limits.files} files in one request")
    if len(server.session) + len(files) > limits.songs:
        raise HTTPException(413, f"a session holds {limits.songs} songs: remove some first")
    server.check_capacity()
    uploads: list[Upload] = []
    try:
        for file in files:
            path = await to_thread.run_sync(_keep, server, file, limiter=server.copying)
            uploads.append(Upload(_name(file), path, path.stat().st_size))
    except HTTPException:
        for item in uploads:
            item.path.unlink(missing_ok=True)
        raise
    return server.session.add(uploads, folder).as_json()


@router.post("/songs/pick", status_code=202)
async def pick(server: Here, picked: PickRequest, model: str | None = None) -> dict[str, Any]:
    """Classify songs of libraries with those of the session."""
    folder, files = server.model(model), []
    for name in picked.ids:
        view, short = server.locate(name)
        path, row = await view.read(partial(_located, short))
        if path is None or row is None:
            raise HTTPException(404, "no such song in the library")
        files.append(Upload(row.path, path, library=view.number))
    if len(server.session) + len(files) > server.settings.limits.songs:
        raise HTTPException(413, f"a session holds {server.settings.limits.songs} songs")
    server.check_capacity()
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
    """Remove all songs of the session."""
    return {"removed": server.session.remove(server.session.songs())}


@router.get("/songs/export.csv", response_class=Response)
def export_csv(
    server: Here, threshold: Threshold = None, prior: str | None = None, job: str | None = None
) -> Response:
    """The songs of the session that were classified or failed, as a table."""
    text = as_csv(server.session.songs(job), ExportOptions(threshold, prior))
    return _download(text, "text/csv; charset=utf-8", "genres.csv")


@router.get("/songs/export.json", response_class=Response)
def export_json(
    server: Here, threshold: Threshold = None, prior: str | None = None, job: str | None = None
) -> Response:
    """The songs of the session that were classified or failed, as JSON."""
    text = as_json(server.session.songs(job), ExportOptions(threshold, prior))
    return _download(text, "application/json", "genres.json")


@router.delete("/songs/{name}")
def remove(server: Here, name: str) -> dict[str, int]:
    """Remove one song of the session."""
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
    suffix = Path(upload.filename or "").suffix.lower()
    return server.temp_dir.keep(upload.file, suffix if suffix in AUDIO_SUFFIXES else "")


def _name(upload: UploadFile) -> str:
    return (upload.filename or "song")[-_LONGEST_NAME:]


def _download(text: str, kind: str, name: str) -> Response:
    held = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.encode("utf-8", "replace"), media_type=kind, headers=held)
