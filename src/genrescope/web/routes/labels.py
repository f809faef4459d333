"""Labels by hand: the songs most useful to label, and the labels that songs are given.

They are kept in the library's index as `genrescope learn --correct` keeps them; no file is changed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from genrescope.library.index.database import Index
from genrescope.library.index.models import indexed_model
from genrescope.library.index.track_id import song_id
from genrescope.library.labels.corrections import correct, correction, corrections
from genrescope.library.labels.suggesting import COUNT, suggest
from genrescope.web.library_view import LibraryView
from genrescope.web.routes.library import Library
from genrescope.web.server import Here, Server

router = APIRouter(tags=["labels"])

Label = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class Correction(BaseModel):
    """The right labels of a song of a library; none: an earlier correction is forgotten."""

    id: str
    labels: list[Label] = Field(max_length=50)


@router.get("/library/suggestions")
async def suggestions(
    view: Library, count: Annotated[int, Query(ge=1, le=100)] = COUNT
) -> dict[str, Any]:
    """The songs most useful to label, and how many are labelled by hand so far."""
    labelled, ids = await run_in_threadpool(_suggested, view.root, count)
    songs = await view.read(
        lambda browser: [view.as_json(song, browser, None) for song in browser.find(ids)]
    )
    return {"labelled": labelled, "songs": songs}


@router.get("/library/corrections")
async def corrected(server: Here, id: str) -> dict[str, Any]:
    """The labels that a song was given by hand."""
    view, path = await _file(server, id)
    return {"id": id, "labels": await run_in_threadpool(_labels, view.root, path)}


@router.post("/library/corrections")
async def keep(server: Here, wanted: Correction) -> dict[str, Any]:
    """Keep the labels of a song; they replace those of its tags when labels are learned."""
    view, path = await _file(server, wanted.id)
    labels = list(dict.fromkeys(label.strip() for label in wanted.labels))
    await run_in_threadpool(_keep, view.root, path, labels)
    return {"id": wanted.id, "labels": labels}


async def _file(server: Server, name: str) -> tuple[LibraryView, Path]:
    """The library and the file of a song; 404 where there is none."""
    view, rest = server.locate(name)
    path = await view.read(lambda browser: browser.real_path(rest))
    if path is None:
        raise HTTPException(404, "no such song")
    return view, path


def _suggested(root: Path, count: int) -> tuple[int, list[str]]:
    with Index(root) as index:
        songs = suggest(index, indexed_model(index), count)
        return len(corrections(index)), [song_id(os.fsencode(song.path)) for song in songs]


def _labels(root: Path, song: Path) -> tuple[str, ...]:
    with Index(root) as index:
        return correction(index, song)


def _keep(root: Path, song: Path, labels: list[str]) -> None:
    with Index(root) as index:
        correct(index, song, labels)
