"""A library as pages of a table: searched, sorted and filtered by SQLite, however large it is.

A table of what is shown stands beside the index, in the same connection and gone with it: one row a
file, with an id that does not reveal its path. It is made again when the index has changed, though
not so often that making it would take more than a small part of the time.
"""

from __future__ import annotations

import os
import time
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from genrescope.calibration.label_shift import correct_prior
from genrescope.errors import UsageError
from genrescope.inference.prediction import UNKNOWN
from genrescope.library.browsing.contradicting import TABLE as CONTRADICTING
from genrescope.library.browsing.contradicting import contradictions_of_song, fill_contradicting
from genrescope.library.browsing.labelled import TABLE as LABELLED
from genrescope.library.browsing.labelled import SongLabels
from genrescope.library.browsing.query import FAILED, NOT_CLASSIFIED, Filter, condition, order
from genrescope.library.browsing.rows import EmbeddedSongs, Shown, shown_song, table_row
from genrescope.library.index.database import Index
from genrescope.library.index.m3u8 import PLAYLIST, playlist_entry
from genrescope.library.index.models import (
    IndexedModel,
    indexed_model,
    newer_model,
    unpack_probabilities,
)
from genrescope.library.index.track_id import inside

_AT_A_TIME = 4096
_SHARE = 20  # the table is made again at most every so many times as long as it takes
_LEAST_PAUSE = 1.0  # seconds
_SHOWN = """
    CREATE TEMP TABLE shown (
        n INTEGER PRIMARY KEY, id TEXT UNIQUE, raw BLOB, path TEXT, size INTEGER, artist TEXT,
        album TEXT, title TEXT, tagged TEXT, words TEXT, probabilities BLOB, music REAL,
        notes TEXT, problem TEXT, audio BLOB
    )
"""
_PREDICTED = "CREATE TEMP TABLE predicted (n INTEGER PRIMARY KEY, best INTEGER, confidence REAL)"
_SOURCE = """
    SELECT files.audio, path, size, artist, album, title, files.genres, probabilities, music, notes,
        coalesce(nullif(files.problem, ''), results.problem, tags_problem)
    FROM files LEFT JOIN results ON results.audio = files.audio AND results.model = ?
    ORDER BY path
"""
_COLUMNS = (
    "n, audio, id, path, size, artist, album, title, tagged, probabilities, music, notes, problem, "
    "best, confidence"
)
_FROM = "FROM shown LEFT JOIN predicted USING (n)"


class Browser:
    """The table of a library; for one thread."""

    def __init__(self, index: Index) -> None:
        """Browse the library of an open index."""
        self.index = index
        """In whose connection the temporary tables are."""
        index.database.execute("PRAGMA temp_store = MEMORY")  # some 500 bytes a song
        self._version: int | None = None
        self._took = 0.0
        self._sorted: tuple[Any, array[int]] = (None, array("q"))
        self._odd_for: Any = None
        self._labels = SongLabels(index)
        self._labelled_for = -1.0
        self.made = 0.0
        """When the table was made: a monotonic time."""
        self.shares: tuple[Any, Any] = ((), ())
        """Old and new shares of the genres, see `use_shares`; empty where they are the same."""
        self.model: IndexedModel | None = None
        """Whose predictions are shown: those of the model last used."""
        self.newer_model: str | None = None
        """The model that can classify all again, where those predictions are of an earlier one."""

    @property
    def genres(self) -> tuple[str, ...]:
        """Of the model; none where none was used."""
        return self.model.genres if self.model else ()

    def refresh(self, *, at_once: bool = False) -> bool:
        """Take in what changed; whether anything was. Not `at_once`: if the last time is a while
        ago.
        """
        version = int(self.index.value("PRAGMA data_version"))
        pause = max(_LEAST_PAUSE, _SHARE * self._took)
        if version == self._version or (not at_once and time.monotonic() < self.made + pause):
            return False
        start = time.monotonic()
        self._version = version
        try:
            self.model = indexed_model(self.index)
        except UsageError:
            self.model = None
        self.newer_model = newer_model(self.index)
        with self._table("shown", _SHOWN):
            self._fill()
        self._labels.use(self.model)
        self._predict(None)
        self.made = time.monotonic()
        self._took = self.made - start
        return True

    def page(
        self,
        wanted: Filter,
        *,
        sort: str = "path",
        descending: bool = False,
        offset: int = 0,
        limit: int = 100,
    ) -> tuple[int, list[Shown]]:
        """How many files there are of those wanted, and some of them.

        Raises:
            UsageError: they cannot be sorted so.
        """
        numbers = self._numbers(wanted, sort, descending=descending)
        query = f"SELECT {_COLUMNS} {_FROM} WHERE n = ?"
        some = numbers[offset : offset + limit]
        return len(numbers), self._shown(row for n in some for row in self.index.rows(query, n))

    def playlist(self, wanted: Filter, *, sort: str = "path", descending: bool = False) -> bytes:
        """The files that are wanted as a playlist (M3U8), by paths from the library's folder.

        Those with a line end in their path are left out.

        Raises:
            UsageError: they cannot be sorted so.
        """
        query = """
            SELECT artist, title, raw FROM shown
            WHERE n = ? AND instr(raw, X'0A') = 0 AND instr(raw, X'0D') = 0
        """
        numbers = self._numbers(wanted, sort, descending=descending)
        rows = (row for n in numbers for row in self.index.rows(query, n))
        return PLAYLIST + b"".join(playlist_entry(*row) for row in rows)

    def find(self, ids: Iterable[str]) -> list[Shown]:
        """The files with these ids, in their order; those that are not there are left out."""
        query = f"SELECT {_COLUMNS} {_FROM} WHERE id = ?"
        return self._shown(row for name in ids for row in self.index.rows(query, name))

    def real_path(self, name: str) -> Path | None:
        """Where the file with this id is: below the library's folder, links followed, or nowhere.

        None where there is none, and where a link leads out of the library.
        """
        raw = self.index.value("SELECT raw FROM shown WHERE id = ?", name)
        return None if raw is None else inside(self.index.root, os.fsdecode(raw))

    def counts(self, threshold: float) -> dict[str, int]:
        """How many files there are of each genre, with "unknown", "none" and "failed"."""
        query = f"""
            SELECT CASE WHEN best IS NULL THEN CASE problem WHEN '' THEN -1 ELSE -3 END
            WHEN confidence > 0 AND confidence >= ? THEN best ELSE -2 END AS genre, count(*)
            {_FROM} GROUP BY genre
        """
        found = dict(self.index.rows(query, threshold))
        names = {-1: NOT_CLASSIFIED, -2: UNKNOWN, -3: FAILED} | dict(enumerate(self.genres))
        order = [*range(len(self.genres)), -2, -1, -3]
        return {names[key]: found.get(key, 0) for key in order}

    def totals(self) -> dict[str, Any]:
        """Files, how many are classified, have a genre in their tags, or have a problem."""
        query = """
            SELECT count(*), count(probabilities), total(tagged != ''), total(problem != '')
            FROM shown
        """
        names = ("songs", "classified", "tagged", "problems")
        values = next(self.index.rows(query))
        scanned = self.index.value("SELECT scanned FROM about")
        return {**{n: int(v) for n, v in zip(names, values, strict=True)}, "scanned": scanned}

    def use_shares(self, shares: tuple[ArrayLike, ArrayLike] | None) -> None:
        """Let genre and confidence assume other shares of the model's genres.

        Args:
            shares: (genres,) those that the model assumes, and those wanted; None: as it assumes.

        Raises:
            DataError: they are no shares of its genres.
        """
        old, new = (tuple(np.asarray(part).tolist()) for part in shares or ((), ()))
        if (old, new) != self.shares:
            self._predict((old, new) if new else None)

    def embedded(self) -> EmbeddedSongs:
        """Predictions for all files that have an embedding."""
        query = f"""
            SELECT id, best, confidence, embedding {_FROM} JOIN files ON files.path = raw
            JOIN results ON results.audio = files.audio AND results.model = ?
            WHERE embedding IS NOT NULL AND best IS NOT NULL
        """
        key = self.model.id if self.model else None
        rows = list(self.index.rows(query, key))
        embedding = np.frombuffer(b"".join(row[3] for row in rows), np.float16)
        return EmbeddedSongs(
            [row[0] for row in rows],
            np.array([row[1] for row in rows], dtype=np.int64),
            np.array([row[2] for row in rows], dtype=np.float64),
            embedding.reshape(len(rows), -1 if rows else 0),
        )

    def _fill(self) -> None:
        """One row for each file of the index."""
        insert = f"INSERT INTO shown VALUES ({', '.join('?' * 15)})"
        with closing(
            self.index.database.execute(_SOURCE, (self.model.id if self.model else None,))
        ) as cursor:
            n = 0
            while rows := cursor.fetchmany(_AT_A_TIME):
                made = ((*table_row(number, row[1:]), row[0]) for number, row in enumerate(rows, n))
                self.index.database.executemany(insert, made)
                n += len(rows)

    def _predict(self, shares: tuple[Any, Any] | None) -> None:
        """The likeliest genre of every file, and how sure that is."""
        query = "SELECT n, probabilities, music FROM shown WHERE probabilities IS NOT NULL"
        with (
            self._table("predicted", _PREDICTED),
            closing(self.index.database.execute(query)) as cursor,
        ):
            while rows := cursor.fetchmany(_AT_A_TIME):
                shared = unpack_probabilities([row[1] for row in rows])
                if shares is not None:
                    shared = correct_prior(shared, *shares)
                best = shared.argmax(axis=1)
                sure = shared.max(axis=1) * [row[2] for row in rows]
                numbers = [row[0] for row in rows]
                predicted = zip(numbers, best.tolist(), sure.tolist(), strict=True)
                self.index.database.executemany("INSERT INTO predicted VALUES (?, ?, ?)", predicted)
        self.shares = shares or ((), ())

    def make_label_table(self) -> None:
        """Make the temporary table `labelled` of all songs, unless it is of these."""
        if self._labelled_for != self.made:
            songs: dict[bytes, list[int]] = defaultdict(list)
            for n, audio in self.index.rows("SELECT n, audio FROM shown WHERE audio IS NOT NULL"):
                songs[audio].append(n)
            with self._table("labelled", LABELLED):
                self._labels.fill(songs)
            self._labelled_for = self.made

    def _find_contradicting(self, threshold: float) -> None:
        """Look for songs that contradict something, unless that was done for the same table."""
        key = (self.made, self.shares, threshold)
        if self._odd_for != key:
            shares = self.shares if self.shares[1] else None
            with self._table("contradicting", CONTRADICTING):
                fill_contradicting(self.index, self.genres, threshold, shares)
            self._odd_for = key

    @contextmanager
    def _table(self, name: str, schema: str) -> Iterator[None]:
        """Make a temporary table again, wholly or not at all; the index itself is not locked."""
        self.index.database.execute("BEGIN")
        try:
            self.index.database.execute(f"DROP TABLE IF EXISTS temp.{name}")
            self.index.database.execute(schema)
            yield
        except BaseException:
            self.index.database.execute("ROLLBACK")
            raise
        self.index.database.execute("COMMIT")

    def _numbers(self, wanted: Filter, sort: str, *, descending: bool) -> array[int]:
        """Numbers of the rows that are wanted, in order; kept for the next page."""
        key = (self.made, self.shares, wanted, sort, descending)
        if self._sorted[0] != key:
            if wanted.labels:
                self.make_label_table()
            if wanted.contradicting:
                self._find_contradicting(wanted.threshold)
            where, values = condition(wanted, self.genres)
            by, more = order(sort, self.genres, descending=descending, threshold=wanted.threshold)
            query = f"SELECT n {_FROM} WHERE {where} ORDER BY {by}"
            self._sorted = key, array("q", (n for (n,) in self.index.rows(query, *values, *more)))
        return self._sorted[1]

    def _shown(self, rows: Iterable[tuple[Any, ...]]) -> list[Shown]:
        found = list(rows)
        labels = self._labels.of([row[1] or b"" for row in found])
        is_known = self._odd_for and self._odd_for[:2] == (self.made, self.shares)
        return [
            shown_song(row, own, contradictions_of_song(self.index, row[0]) if is_known else ())
            for row, own in zip(found, labels, strict=True)
        ]
