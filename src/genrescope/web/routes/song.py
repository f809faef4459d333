"""One song: to be played, seen and explained."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import FileResponse, Response
from starlette.concurrency import run_in_threadpool

from genrescope.inference.card import ModelCard
from genrescope.inference.registry import list_models
from genrescope.library.browsing.browser import Browser
from genrescope.library.index.models import IndexedModel
from genrescope.web.media.sound import played_as
from genrescope.web.server import Here, Server
from genrescope.web.session import Upload
from genrescope.web.tasks import Explain, Picture, Task, Timeline, Waveform

router = APIRouter(prefix="/songs/{name}", tags=["song"])


@dataclass(frozen=True)
class SongFile:
    """A song that a request names: its file, the model that classifies it, its row."""

    path: Path
    model: Path
    row: dict[str, Any]


@dataclass(frozen=True)
class SongInfo:
    """The same, of a song whose file may not be reached, of whatever model that is installed."""

    path: Path | None
    model: str | None
    row: dict[str, Any]


async def song_info(server: Here, name: str) -> SongInfo:
    """What is known of the song of that id; 404 where there is none."""
    song = server.session.find(name)
    if song is not None:
        return SongInfo(_still(song.file), None, song.as_json())
    view, short = server.locate(name)

    def query(browser: Browser) -> tuple[Path | None, IndexedModel | None, dict[str, Any]]:
        path, found = browser.real_path(short), browser.find([short])
        row = view.as_json(found[0], browser, None) if found else {}
        return path, browser.model, row and row | {"genres": browser.genres}

    path, kept, row = await view.read(query)
    if not row:
        raise HTTPException(404, "no such song")
    known = kept is not None and kept.name in list_models()
    return SongInfo(path, kept.name if kept and known else None, row)


Info = Annotated[SongInfo, Depends(song_info)]


async def song_file(server: Here, name: str, info: Info) -> SongFile:
    """The song of that id, to be read; 404 where its file cannot be reached."""
    if info.path is None:
        raise HTTPException(404, "the file is not in the library now")
    song = server.session.find(name)
    return SongFile(info.path, song.model if song else server.model(info.model), info.row)


Song = Annotated[SongFile, Depends(song_file)]


@router.get("")
async def song(info: Info) -> dict[str, Any]:
    """What is known of it."""
    return info.row


@router.get("/audio", response_class=FileResponse)
async def audio(
    server: Here, song: Song, wanted: Annotated[Literal["wav"] | None, Query(alias="as")] = None
) -> FileResponse:
    """Its sound; Range requests are served."""
    kind = await run_in_threadpool(played_as, song.path)
    if wanted is None and kind is not None:
        return FileResponse(song.path, media_type=kind)
    path = await server.transcoded(song.path)
    return FileResponse(path, media_type="audio/wav")


@router.get("/waveform")
async def waveform(
    server: Here, song: Song, points: Annotated[int, Query(ge=10, le=4000)] = 1000
) -> Any:
    """Its outline."""
    return await server.do(Waveform(song.path, points, server.settings.limits.song_seconds))


@router.get("/timeline")
async def timeline(
    server: Here,
    song: Song,
    window: Annotated[float, Query(ge=6, le=600)] = 30.0,
    hop: Annotated[float, Query(ge=1, le=600)] = 10.0,
) -> dict[str, Any]:
    """Its genres over time."""
    longest = server.settings.limits.song_seconds
    moments = await server.do(Timeline(song.path, song.model, window, hop, longest))
    return {
        "model": song.model.name,
        "genres": ModelCard.read(song.model).genres,
        "duration": round(max(item.start + item.analysed_s for item in moments), 3),
        "moments": [
            {**item.as_json(), "probabilities": item.prediction.probabilities.round(5).tolist()}
            for item in moments
        ],
    }


@router.get("/sonogram.png", response_class=Response)
async def sonogram(server: Here, song: Song) -> Response:
    """The loudness of its middle 30 seconds, by band."""
    return await _picture(server, Picture(song.path, "sonogram"))


@router.get("/rhythm_pattern.png", response_class=Response)
async def rhythm_pattern(server: Here, song: Song) -> Response:
    """How strongly each band of its middle 30 seconds pulses."""
    return await _picture(server, Picture(song.path, "rhythm_pattern"))


@router.get("/why", deprecated=True)
@router.get("/explanation")
async def explanation(server: Here, song: Song) -> dict[str, Any]:
    """Evidence for its genre; `/why` is the earlier name."""
    found = await server.do(Explain(song.path, song.model))
    return {**found, "path": song.row["path"]}


def _still(file: Upload) -> Path | None:
    """Where a file is; None where one of a library was replaced by a link since it was picked."""
    replaced = file.library is not None and Path(os.path.realpath(file.path)) != file.path
    return None if replaced else file.path


async def _picture(server: Server, task: Task) -> Response:
    held = {"cache-control": "private, max-age=3600"}
    return Response(await server.do(task), media_type="image/png", headers=held)
