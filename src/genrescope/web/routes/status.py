"""What this server has."""

from __future__ import annotations

from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

from fastapi import APIRouter

from genrescope.audio.collect import AUDIO_SUFFIXES
from genrescope.errors import GenrescopeError
from genrescope.library.browsing.browser import Browser
from genrescope.version import __version__
from genrescope.web.library_view import LibraryView
from genrescope.web.server import Here, Server

router = APIRouter(tags=["status"])


@router.get("/status")
async def status(server: Here) -> dict[str, Any]:
    """The model, the libraries, and the bounds of uploads."""
    limits = server.settings.limits
    model, problem = _model(server)
    return {
        "version": __version__,
        "model": model,
        "problem": problem,
        "libraries": [await _library(view) for view in server.libraries],
        "results": server.settings.results is not None,
        "tags": find_spec("mutagen") is not None,
        "limits": {
            "file_bytes": limits.file_bytes,
            "files": limits.files,
            "request_bytes": limits.request_bytes,
            "songs": limits.songs,
            "suffixes": sorted(AUDIO_SUFFIXES),
        },
    }


async def _library(view: LibraryView) -> dict[str, Any]:
    names = {"library": view.number, "name": view.root.resolve().name, "path": str(view.root)}

    def query(browser: Browser) -> dict[str, Any]:
        model = browser.model.name if browser.model else None
        return {**names, **browser.totals(), "model": model, "problem": None}

    try:
        return await view.read(query)
    except GenrescopeError as error:
        return names | {"songs": 0, "classified": 0, "problem": str(error)}


def _model(server: Server) -> tuple[dict[str, Any] | None, str | None]:
    try:
        card = server.card()
    except GenrescopeError as error:
        return None, str(error)
    return {
        "name": card.name,
        "title": card.title,
        "genres": card.genres,
        "prior": card.prior,
        "threshold": card.threshold,
        "coverage": [asdict(point) for point in card.coverage],
    }, None
