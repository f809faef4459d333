"""Songs as WAV files, kept as long as they are likely to be played on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from genrescope.web.temp_dir import TempDir

_KEPT = 16
_Key = tuple[Path, int, int]


class Transcoded:
    """The songs that were played last; used in one event loop."""

    def __init__(self, folder: TempDir) -> None:
        """Keep them in `folder`."""
        self._folder = folder
        self._made: dict[_Key, asyncio.Task[Path]] = {}

    async def find(self, path: Path, make: Callable[[Path], Awaitable[Any]]) -> Path:
        """The WAV file of a song; made by `make(target)` where it is not there yet.

        Raises:
            OSError: the song cannot be read.
            GenrescopeError: what `make` raises.
        """
        status = path.stat()
        key = (path, status.st_size, status.st_mtime_ns)
        task = self._made.pop(key, None)
        if task is None or (task.done() and _failed(task)):
            task = asyncio.create_task(self._make(make))
        self._made[key] = task  # the last of all
        for old in list(self._made)[:-_KEPT]:
            gone = self._made.pop(old)
            if gone.done() and not _failed(gone):
                gone.result().unlink(missing_ok=True)
        return await asyncio.shield(task)

    async def _make(self, make: Callable[[Path], Awaitable[Any]]) -> Path:
        target = self._folder.new(".wav")
        try:
            await make(target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return target


def _failed(task: asyncio.Task[Path]) -> bool:
    return task.cancelled() or task.exception() is not None
