"""Run a server until it is interrupted."""

from __future__ import annotations

import secrets
import socket
import webbrowser
from collections.abc import Callable
from dataclasses import replace

import uvicorn

from genrescope.errors import UsageError
from genrescope.web.app import create_app
from genrescope.web.settings import Settings, address_of, is_loopback

_PATIENCE = 2  # seconds that open connections are given when the server ends
_KEEP_ALIVE = 30  # seconds that a connection may be silent between two requests
_BACKLOG = 512


def run(settings: Settings, *, say: Callable[[str], None], browser: bool = False) -> None:
    """Serve until Ctrl-C; `say` tells where.

    Raises:
        UsageError: a folder is not there, or the address cannot be listened at.
        DataError: the index of a library is damaged.
    """
    for folder in (*settings.libraries, *([settings.results] if settings.results else [])):
        if not folder.is_dir():
            raise UsageError("no such folder", place=folder)
    if not is_loopback(settings.host) and settings.token is None:
        settings = replace(settings, token=secrets.token_urlsafe(32))
    with _listening(settings) as listener:
        settings = replace(settings, port=listener.getsockname()[1])
        address = _address(settings)
        config = uvicorn.Config(
            create_app(settings),
            log_level="warning",
            access_log=False,  # it would tell the token
            server_header=False,
            limit_concurrency=settings.limits.connections,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=_PATIENCE,
            backlog=_BACKLOG,
        )
        say(f"Serving at {address} until Ctrl-C")
        if browser:
            webbrowser.open(address)
        uvicorn.Server(config).run(sockets=[listener])


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
        # Named, so that asyncio knows it for TCP and sends small answers at once (TCP_NODELAY).
        listener = socket.socket(family, kind, protocol)
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
