"""Bounds on what a request brings: how many bytes, and how long it may take."""

from __future__ import annotations

import asyncio
import time

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genrescope.web.settings import Limits

_SMALL = 1 << 20  # bytes of a request that brings no files
_HANG_UP = {"Connection": "close"}  # else the client might send on for ever
_TURNS = 4  # parts of bodies that are parsed in one round of the loop; then others are served
_FILES = ("/api/songs", "/api/classify")


class BodyLimit:
    """Ends requests that are too large, or too slow, while they come in."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        """Stand before `app`."""
        self._app, self._limits = app, limits
        self._turns = asyncio.Semaphore(_TURNS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body bounded."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._limits.request_bytes if scope["path"] in _FILES else _SMALL
        declared = Headers(scope=scope).get("content-length", "0")
        deadline = time.monotonic() + self._limits.upload_seconds
        taken, whole = 0, False

        async def bounded() -> Message:
            nonlocal taken, whole
            if whole:  # what follows is that the client goes away
                return await receive()
            if declared.isdigit() and int(declared) > most:
                raise _too_large(most)
            patience = min(self._limits.idle_seconds, max(0.0, deadline - time.monotonic()))
            try:
                message = await asyncio.wait_for(receive(), patience)
            except TimeoutError:
                raise HTTPException(408, "the upload took too long", _HANG_UP) from None
            taken += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if taken > most:
                raise _too_large(most)
            await self._take_turn()
            return message

        await self._app(scope, bounded, send)

    async def _take_turn(self) -> None:
        """Wait until few others have a part of a body parsed in this round of the loop."""
        await self._turns.acquire()
        asyncio.get_running_loop().call_soon(self._turns.release)


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"the request is larger than {most >> 20} MiB", _HANG_UP)
