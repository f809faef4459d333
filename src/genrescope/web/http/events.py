"""Server-sent events: published to every page that subscribes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

_BACKLOG = 2000  # events that a slow client may be behind
_BEAT = 15.0  # seconds after which something is sent, so that no proxy closes an idle connection


class Events:
    """The subscribers; events may be published from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._subscribers: set[asyncio.Queue[str | None]] = set()

    def __len__(self) -> int:
        return len(self._subscribers)

    def start(self) -> None:
        """Belong to the loop that runs."""
        self._loop = asyncio.get_running_loop()

    def end(self) -> None:
        """End all streams; nothing more is published."""
        self._loop = None
        for queue in self._subscribers:
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(None)

    def publish(self, name: str, data: Any) -> None:
        """Send an event to all subscribers."""
        loop, text = self._loop, event(name, data)
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the server ends this moment
                loop.call_soon_threadsafe(self._deliver, text)

    async def subscribe(self, first: list[str]) -> AsyncIterator[str]:
        """What happens from now on, as a stream; `first` is sent at once."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(_BACKLOG)
        self._subscribers.add(queue)
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
            self._subscribers.discard(queue)

    def _deliver(self, text: str) -> None:
        for queue in self._subscribers:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(event("lost", {}))
            queue.put_nowait(text)


def event(name: str, data: Any) -> str:
    """One event in the form in which it is sent."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
