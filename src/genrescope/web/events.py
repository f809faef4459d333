"""Server-sent events: what happens, told to every page that listens."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

_BACKLOG = 2000  # events that a slow client may be behind
_BEAT = 15.0  # seconds after which something is sent, so that nobody closes a silent connection


class Events:
    """Those who listen; may be told from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[asyncio.Queue[str | None]] = set()

    def __len__(self) -> int:
        return len(self._listeners)

    def begin(self) -> None:
        """Belong to the loop that runs."""
        self._loop = asyncio.get_running_loop()

    def end(self) -> None:
        """Let all listeners go; nothing is told any more."""
        self._loop = None
        for queue in self._listeners:
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(None)

    def tell(self, name: str, data: Any) -> None:
        """Tell all listeners."""
        loop, text = self._loop, event(name, data)
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the server ends this moment
                loop.call_soon_threadsafe(self._deliver, text)

    async def listen(self, first: list[str]) -> AsyncIterator[str]:
        """What happens from now on, as a stream; `first` is sent at once."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(_BACKLOG)
        self._listeners.add(queue)
        try:
            yield ": welcome\n\n" + "".join(first)
            while True:
                try:
                    text = await asyncio.wait_for(queue.get(), _BEAT)
                except TimeoutError:
                    text = ": still here\n\n"
                if text is None:
                    return
                yield text
        finally:
            self._listeners.discard(queue)

    def _deliver(self, text: str) -> None:
        for queue in self._listeners:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(event("lost", {}))
            queue.put_nowait(text)


def event(name: str, data: Any) -> str:
    """One event in the form in which it is sent."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
