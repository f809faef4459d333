"""Benchmark results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException

from genrescope.errors import DataError
from genrescope.web import results as records
from genrescope.web.routes.session import Limit, Offset
from genrescope.web.server import Here, Server

router = APIRouter(tags=["results"])


@router.get("/results")
def results(server: Here) -> dict[str, Any]:
    """All results of the folder."""
    folder, found, problems = server.settings.results, [], []
    for number, path in enumerate(_files(server)):
        try:
            found.append(records.summary(number, path, folder or path, records.read(path)))
        except DataError as error:
            problems.append({"path": path.name, "detail": error.message})
    return {"folder": str(folder or ""), "results": found, "problems": problems}


@router.get("/results/{name}")
def result(server: Here, name: str) -> dict[str, Any]:
    """All of one result."""
    number, path = _named(server, name)
    record = records.read(path)
    folder = server.settings.results or path
    return {**records.summary(number, path, folder, record), **records.details(record)}


@router.get("/results/{name}/songs")
def songs(
    server: Here, name: str, genre: str, answer: str, offset: Offset = 0, limit: Limit = 100
) -> dict[str, Any]:
    """The songs of one genre that were predicted as `answer`, another genre or the same."""
    path = _named(server, name)[1]
    if not records.predictions_file(path).is_file():
        raise HTTPException(404, "the songs of this result were not kept")
    found = records.songs(path, genre, answer)
    return {"total": len(found), "offset": offset, "songs": found[offset : offset + limit]}


def _files(server: Server) -> list[Path]:
    return records.record_files(server.settings.results) if server.settings.results else []


def _named(server: Server, name: str) -> tuple[int, Path]:
    """The number and file of a result; 404 where there is none."""
    files = _files(server)
    names = {f"r{number}": number for number in range(len(files))}
    if name not in names:
        raise HTTPException(404, "no such result")
    return names[name], files[names[name]]
