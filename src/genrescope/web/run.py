"""Run a server until it is interrupted."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import socket
import webbrowser
from collections.abc import Callable
from dataclasses import replace

import uvicorn
from fastapi import FastAPI

from genrescope.errors import UsageError
from genrescope.web.app import create_app
from genrescope.web.http.connections import Connection, connection_class
from genrescope.web.settings import Settings, address_of, is_loopback

_PATIENCE = 2  # seconds that open connections are given when the server ends
_KEEP_ALIVE = 30  # seconds that a connection may be silent between two requests
_BACKLOG = 512
_TOKEN = re.compile(r"[\w-]{16,}", re.ASCII)


def run(settings: Settings, *, report: Callable[[str], None], browser: bool = False) -> None:
    """Serve until Ctrl-C; `report` is called with the address in words.

    Raises:
        UsageError: a folder is not there, the token is weak, or the address cannot be listened at.
        DataError: the index of a library is damaged.
    """
    for folder in (*settings.libraries, *([settings.results] if settings.results else [])):
        if not folder.is_dir():
            raise UsageError("no such folder", place=folder)
    if settings.token is not None and not _TOKEN.fullmatch(settings.token):
        raise UsageError(
            "the token is too short, or has other signs than letters, digits, - and _",
            remedy="leave --token and GENRESCOPE_TOKEN out, or name 16 or more of these",
        )
    if not is_loopback(settings.host) and settings.token is None:
        settings = replace(settings, token=secrets.token_urlsafe(32))
    with _listening(settings) as listener:
        settings = replace(settings, port=listener.getsockname()[1])
        address = _address(settings)
        report(f"Serving at {address} until Ctrl-C")
        if browser:
            webbrowser.open(address)
        PageServer(settings).run(sockets=[listener])


class PageServer(uvicorn.Server):
    """A server of the page: its connections are bounded, and it ends without a client's help."""

    def __init__(self, settings: Settings) -> None:
        self._app: FastAPI = create_app(settings)
        super().__init__(
            uvicorn.Config(
                self._app,
                http=connection_class(settings.limits),
                ws="none",
                log_level="warning",
                access_log=False,  # it would contain the token
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE,
                backlog=_BACKLOG,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the requests at work; close the connections of clients that are not done soon."""
        await asyncio.to_thread(self._app.state.server.stop)
        asyncio.get_running_loop().call_later(_PATIENCE, self._hang_up)
        await super().shutdown(sockets)

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.transport.abort()


def _listening(settings: Settings) -> socket.socket:
    """A socket that clients can come to already, before the server is ready.

    Raises:
        UsageError: there cannot be one.
    """
    host = settings.host.strip("[]")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # Named, so that asyncio takes it for TCP and sends small responses at once (TCP_NODELAY).
        listener = socket.socket(family, kind, protocol)
        if os.name == "posix":  # on Windows it would take the port from whoever listens there
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(_BACKLOG)
    except OSError as error:
        raise UsageError(
            f"cannot listen at {settings.host} port {settings.port}: {error.strerror}",
            remedy="choose another with --port or --host",
        ) from error
    return listener


def _address(settings: Settings) -> str:
    """What is to be opened in a browser."""
    host, address = settings.host.strip("[]"), address_of(settings.host)
    if address is not None and address.is_unspecified:
        host = socket.gethostname()
    elif address is not None and address.version == 6:
        host = f"[{host}]"
    query = f"?token={settings.token}" if settings.token else ""
    return f"http://{host}:{settings.port}/{query}"
