"""The application: the page, its API, and who may use it."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from genrescope.errors import GenrescopeError, UsageError
from genrescope.version import __version__
from genrescope.web.http.guard import Guard
from genrescope.web.http.uploads import BodyLimit
from genrescope.web.routes import ROUTERS
from genrescope.web.server import Server, SongError
from genrescope.web.settings import Settings

STATIC = Path(__file__).parent / "static"
mimetypes.add_type("text/javascript", ".js")  # some systems call it otherwise, and browsers refuse


def create_app(settings: Settings) -> FastAPI:
    """The application; it holds worker processes and a temporary folder while it runs."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.server = Server(settings)
        app.state.server.start()
        try:
            yield
        finally:
            app.state.server.close()

    app = FastAPI(
        title="genrescope",
        version=__version__,
        summary="Music genres, libraries and benchmarks",
        lifespan=lifespan,
        docs_url=None,  # these pages would be fetched from elsewhere
        redoc_url=None,
    )
    app.add_middleware(BodyLimit, limits=settings.limits)
    app.add_middleware(Guard, settings=settings)  # the outermost
    app.add_exception_handler(GenrescopeError, _user_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _wrong_values)
    for router in ROUTERS:
        app.include_router(router, prefix="/api")
    app.mount("/", StaticFiles(directory=STATIC, html=True, check_dir=False), name="page")
    return app


async def _user_error(_: Request, error: Exception) -> JSONResponse:
    """What a user can cause, without the folders that it names."""
    if not isinstance(error, GenrescopeError):
        raise error
    status = 422 if isinstance(error, SongError) else 400 if isinstance(error, UsageError) else 409
    return JSONResponse({"detail": error.message, "remedy": error.remedy}, status)


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    content = {"detail": error.detail, "remedy": None}
    return JSONResponse(content, error.status_code, error.headers)


async def _wrong_values(_: Request, error: Exception) -> JSONResponse:
    """Where values are wrong, without the values: not all of them can be written as JSON."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [{name: item[name] for name in ("loc", "msg", "type")} for item in error.errors()]
    return JSONResponse({"detail": faults, "remedy": None}, 422)
