"""A library that is served: read in a thread of its own, where its table stays open."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from genrescope.library.browsing.browser import Browser
from genrescope.library.browsing.labelled import likeliest_labels
from genrescope.library.browsing.rows import Shown
from genrescope.library.index.database import Index
from genrescope.similarity.nearest import SongIndex, nearest
from genrescope.web.http.events import Events
from genrescope.web.projection import project

_OFTEN = 1.0  # seconds between two events on one library
_TOP = 3
_MAPPED = ("style", "mood")  # labels by which a map can be coloured
Result = TypeVar("Result")


class LibraryView:
    """One library.

    Attributes:
        number: of the library.
        root: its folder.
    """

    def __init__(self, number: int, root: Path, events: Events) -> None:
        self.number, self.root = number, root
        self._events = events
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"library-{number}")
        self._index: Index | None = None
        self._browser: Browser | None = None
        self._changed = threading.Event()
        self._published = 0.0
        self._map: tuple[Any, dict[str, Any]] = (None, {})

    async def read(self, query: Callable[[Browser], Result]) -> Result:
        """What a query finds in the library's table; queries run one after another.

        Raises:
            UsageError: the folder is gone.
            DataError: the index is damaged.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._read, query)

    def changed(self, *, over: bool = False) -> None:
        """Publish that something changed; when it is `over`, all is taken in at once."""
        if over:
            self._changed.set()
        now = time.monotonic()
        if over or now - self._published > _OFTEN:
            self._published = now
            self._events.publish("library", {"library": self.number})

    def close(self) -> None:
        """Close the table."""
        self._thread.submit(self._close)
        self._thread.shutdown(wait=True)

    def as_json(self, song: Shown, browser: Browser, threshold: float | None) -> dict[str, Any]:
        """A song of the library as JSON values."""
        model = browser.model
        least = threshold if threshold is not None else model.threshold if model else 0.0
        row: dict[str, Any] = {
            "id": f"l{self.number}-{song.id}",
            "library": self.number,
            "path": song.path,
            "artist": song.artist,
            "album": song.album,
            "title": song.title,
            "tagged": song.tagged,
            "size": song.size,
            "model": None,
            **dict.fromkeys(("genre", "confidence", "music", "top", "probabilities")),
            "labels": [label.as_json() for label in song.labels],
            "contradicts": song.contradicts,
            "notes": song.notes,
            "problem": song.problem,
        }
        if song.probabilities is None or song.best is None or model is None:
            return row
        confidence = song.confidence or 0.0
        known = confidence > 0 and confidence >= least
        ranked = np.argsort(-song.probabilities, kind="stable")[:_TOP].tolist()
        return row | {
            "model": model.name,
            "genre": model.genres[song.best] if known else "unknown",
            "confidence": round(confidence, 4),
            "music": round(song.music or 0.0, 4),
            "top": [
                {"genre": model.genres[n], "probability": round(float(song.probabilities[n]), 4)}
                for n in ranked
            ],
            "probabilities": song.probabilities.round(5).tolist(),
        }

    def map(self, browser: Browser) -> dict[str, Any]:
        """The library as points; called by `read`."""
        key = (browser.made, browser.shares)
        if self._map[0] != key:
            browser.make_label_table()
            songs = browser.embedded()
            found = project(songs.embedding)
            points = {
                "library": self.number,
                "total": len(songs.ids),
                "model": browser.model.name if browser.model else None,
                "genres": browser.genres,
                "explained": round(found.explained, 4),
                "ids": [f"l{self.number}-{name}" for name in songs.ids],
                "genre": songs.best.tolist(),
                "confidence": (100 * songs.confidence).round().astype(int).tolist(),
                "x": found.points[:, 0].tolist(),
                "y": found.points[:, 1].tolist(),
                "labels": {kind: self._likeliest(browser, songs.ids, kind) for kind in _MAPPED},
            }
            self._map = key, points
        return self._map[1]

    @staticmethod
    def _likeliest(browser: Browser, ids: list[str], kind: str) -> dict[str, Any]:
        """The names of a kind of labels, and which one is likeliest of each song; -1: none is."""
        found = likeliest_labels(browser.index, kind)
        names = [name for name, _ in Counter(found.values()).most_common()]
        place = {name: position for position, name in enumerate(names)} | {"": -1}
        return {"names": names, "songs": [place[found.get(song, "")] for song in ids]}

    def similar(
        self, browser: Browser, name: str, count: int, among: set[str] | None = None
    ) -> list[tuple[Shown, float]]:
        """The songs most like one of the library, which is left out; called by `read`.

        `among`: the ids of the only songs that may be; None: all.
        """
        songs = browser.embedded()
        ids, embedding = songs.ids, songs.embedding
        if name not in ids:
            return []
        own = embedding[ids.index(name)]
        if among is not None:
            places = [n for n, one in enumerate(ids) if one in among or one == name]
            ids, embedding = [ids[n] for n in places], embedding[places]
        positions, values = nearest(SongIndex.build(ids, embedding), own, count + 1)
        found = {
            ids[position]: float(value)
            for position, value in zip(positions.tolist(), values, strict=True)
            if ids[position] != name
        }
        return [(song, found[song.id]) for song in browser.find(list(found)[:count])]

    def _read(self, query: Callable[[Browser], Result]) -> Result:
        if self._browser is None:
            self._index = Index(self.root)
            self._browser = Browser(self._index)
        at_once = self._changed.is_set()
        self._changed.clear()
        self._browser.refresh(at_once=at_once)
        return query(self._browser)

    def _close(self) -> None:
        if self._index is not None:
            self._index.database.close()
