"""Connections of clients: how long a request may take to begin, and how many an address may hold.

A connection that waits (its headers have not ended, or the next request has not come) costs the
server a place and the client nothing. Where places run out, the one that waits longest is closed,
so that the next client is served at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from genrescope.web.settings import Limits


class Connection(H11Protocol):
    """One connection.

    Attributes:
        limits: see there; set by `connection_class`.
        opened: when it was opened, by the clock of the loop.
    """

    limits = Limits()
    _deadline: asyncio.TimerHandle | None = None
    opened = 0.0

    @property
    def waits(self) -> bool:
        """Whether no request is at work."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def address(self) -> str:
        """Where the client is."""
        return self.client[0] if self.client else ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, if need be that of a connection that waits."""
        super().connection_made(transport)
        self.opened = self.loop.time()
        self._watch()
        everybody = [one for one in self.connections if isinstance(one, Connection)]
        neighbours = [one for one in everybody if one.address == self.address]
        _make_room(neighbours, self.limits.address_connections)
        _make_room([one for one in everybody if one in self.connections], self.limits.connections)

    def data_received(self, data: bytes) -> None:
        """Take what came; the headers of a request have to end in time."""
        super().data_received(data)
        if not self.waits:
            self._unwatch()
        elif self._deadline is None and self.timeout_keep_alive_task is None:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._unwatch()
        super().connection_lost(exc)

    def leave(self) -> None:
        """Close the connection where it waits."""
        if self.waits and not self.transport.is_closing():
            self.connections.discard(self)
            if self.conn.our_state is not h11.ERROR:
                self.conn.send(h11.ConnectionClosed())
            self.transport.abort()

    def _watch(self) -> None:
        self._deadline = self.loop.call_later(self.limits.header_seconds, self.leave)

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def connection_class(limits: Limits) -> type[Connection]:
    """`Connection` with these limits."""
    return type("LimitedConnection", (Connection,), {"limits": limits})


def _make_room(connections: Sequence[Connection], most: int) -> None:
    """Close the connection that waits longest where there are more than `most`."""
    if len(connections) > most:
        waiting = [one for one in connections if one.waits]
        min(waiting, key=lambda one: one.opened).leave()  # the newest one waits at least
