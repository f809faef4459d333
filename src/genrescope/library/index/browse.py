"""A library as pages of a table: searched, sorted and filtered by SQLite, however large it is.

A table of what is shown stands beside the index, in the same connection and gone with it: one row a
file, with an id that tells nothing of its path. It is made anew when the index has changed, though
not so often that making it would take more than a small part of the time.
"""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from genrescope.calibration.label_shift import correct_prior
from genrescope.errors import UsageError
from genrescope.inference.prediction import UNKNOWN
from genrescope.library.index.database import Index
from genrescope.library.index.models import IndexedModel, indexed_model, newer_model
from genrescope.library.index.query import FAILED, NOT_HEARD, Filter, condition, order
from genrescope.library.index.rows import Answers, Shown
from genrescope.library.index.track_id import inside, song_id
from genrescope.library.tagging.plan import path_to_text, split_values

_AT_A_TIME = 4096
_SHARE = 20  # the table is made anew at most every so many times as long as it takes
_LEAST_PAUSE = 1.0  # seconds
_SHOWN = """
    CREATE TEMP TABLE shown (
        n INTEGER PRIMARY KEY, id TEXT UNIQUE, raw BLOB, path TEXT, size INTEGER, artist TEXT,
        album TEXT, title TEXT, tagged TEXT, words TEXT, probabilities BLOB, music REAL,
        notes TEXT, problem TEXT
    )
"""
_PREDICTED = "CREATE TEMP TABLE predicted (n INTEGER PRIMARY KEY, best INTEGER, confidence REAL)"
_SOURCE = """
    SELECT path, size, artist, album, title, files.genres, probabilities, music, notes,
        coalesce(nullif(files.problem, ''), results.problem, tags_problem)
    FROM files LEFT JOIN results ON results.audio = files.audio AND results.model = ?
    ORDER BY path
"""
_COLUMNS = (
    "id, path, size, artist, album, title, tagged, probabilities, music, notes, problem, best, "
    "confidence"
)
_FROM = "FROM shown LEFT JOIN predicted USING (n)"


class Browser:
    """The table of a library; for one thread."""

    def __init__(self, index: Index) -> None:
        """Browse the library of an open index."""
        self._index = index
        index.database.execute("PRAGMA temp_store = MEMORY")  # some 500 bytes a song
        self._version: int | None = None
        self._took = 0.0
        self._sorted: tuple[Any, array[int]] = (None, array("q"))
        self.made = 0.0
        """When the table was made: a monotonic time."""
        self.shares: tuple[Any, Any] = ((), ())
        """Old and new shares of the genres, see `tell_by`; empty ones where they are the same."""
        self.model: IndexedModel | None = None
        """Whose answers are shown: those of the model last used."""
        self.newer_model: str | None = None
        """The model that can classify all again, where those answers are of an earlier one."""

    @property
    def genres(self) -> tuple[str, ...]:
        """Of the model; none where none was used."""
        return self.model.genres if self.model else ()

    def refresh(self, *, at_once: bool = False) -> bool:
        """Take in what changed; whether anything was. Not `at_once`: if the last time is a while
        ago.
        """
        version = int(self._index.value("PRAGMA data_version"))
        pause = max(_LEAST_PAUSE, _SHARE * self._took)
        if version == self._version or (not at_once and time.monotonic() < self.made + pause):
            return False
        start = time.monotonic()
        self._version = version
        try:
            self.model = indexed_model(self._index)
        except UsageError:
            self.model = None
        self.newer_model = newer_model(self._index)
        with self._table("shown", _SHOWN):
            self._fill()
        self._tell(None)
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
        key = (self.made, self.shares, wanted, sort, descending)
        if self._sorted[0] != key:
            self._sorted = key, self._numbers(wanted, sort, descending=descending)
        numbers = self._sorted[1]
        query = f"SELECT {_COLUMNS} {_FROM} WHERE n = ?"
        some = numbers[offset : offset + limit]
        return len(numbers), [self._shown(row) for n in some for row in self._index.rows(query, n)]

    def find(self, ids: Iterable[str]) -> list[Shown]:
        """The files with these ids, in their order; those that are not there are left out."""
        query = f"SELECT {_COLUMNS} {_FROM} WHERE id = ?"
        return [self._shown(row) for name in ids for row in self._index.rows(query, name)]

    def real_path(self, name: str) -> Path | None:
        """Where the file with this id is: below the library's folder, links followed, or nowhere.

        None where there is none, and where a link leads out of the library.
        """
        raw = self._index.value("SELECT raw FROM shown WHERE id = ?", name)
        return None if raw is None else inside(self._index.root, os.fsdecode(raw))

    def counts(self, threshold: float) -> dict[str, int]:
        """How many files there are of each genre, with "unknown", "none" and "failed"."""
        query = f"""
            SELECT CASE WHEN best IS NULL THEN CASE problem WHEN '' THEN -1 ELSE -3 END
            WHEN confidence > 0 AND confidence >= ? THEN best ELSE -2 END AS genre, count(*)
            {_FROM} GROUP BY genre
        """
        found = dict(self._index.rows(query, threshold))
        names = {-1: NOT_HEARD, -2: UNKNOWN, -3: FAILED} | dict(enumerate(self.genres))
        order = [*range(len(self.genres)), -2, -1, -3]
        return {names[key]: found.get(key, 0) for key in order}

    def totals(self) -> dict[str, Any]:
        """Files, how many are classified, have a genre in their tags, or have a problem."""
        query = """
            SELECT count(*), count(probabilities), total(tagged != ''), total(problem != '')
            FROM shown
        """
        names = ("songs", "classified", "tagged", "problems")
        values = next(self._index.rows(query))
        scanned = self._index.value("SELECT scanned FROM about")
        return {**{n: int(v) for n, v in zip(names, values, strict=True)}, "scanned": scanned}

    def folders(self, folder: str) -> tuple[int, list[tuple[str, int]]]:
        """How many files are right in a folder; and the folders there, each with all its files."""
        start = f"{folder}/" if folder else ""
        query = """
            SELECT CASE WHEN instr(rest, '/') THEN substr(rest, 1, instr(rest, '/') - 1) END
                AS name, count(*) FROM (
                    SELECT substr(path, ?) AS rest FROM shown WHERE substr(path, 1, ?) = ?
                ) GROUP BY name ORDER BY name COLLATE NOCASE
        """
        rows = self._index.rows(query, len(start) + 1, len(start), start)
        found = list(rows)
        here = sum(count for name, count in found if name is None)
        return here, [(name, count) for name, count in found if name is not None]

    def tell_by(self, shares: tuple[ArrayLike, ArrayLike] | None) -> None:
        """Let genre and confidence assume other shares of the model's genres.

        Args:
            shares: (genres,) those that the model assumes, and those wished; None: as it assumes.

        Raises:
            DataError: they are no shares of its genres.
        """
        old, new = (tuple(np.asarray(part).tolist()) for part in shares or ((), ()))
        if (old, new) != self.shares:
            self._tell((old, new) if new else None)

    def answers(self) -> Answers:
        """What the model says of all files of which it gave an embedding."""
        query = f"""
            SELECT id, best, confidence, embedding {_FROM} JOIN files ON files.path = raw
            JOIN results ON results.audio = files.audio AND results.model = ?
            WHERE embedding IS NOT NULL AND best IS NOT NULL
        """
        key = self.model.id if self.model else None
        rows = list(self._index.rows(query, key))
        embedding = np.frombuffer(b"".join(row[3] for row in rows), np.float16)
        return Answers(
            [row[0] for row in rows],
            np.array([row[1] for row in rows], dtype=np.int64),
            np.array([row[2] for row in rows], dtype=np.float64),
            embedding.reshape(len(rows), -1 if rows else 0),
        )

    def _fill(self) -> None:
        """One row for each file of the index."""
        insert = f"INSERT INTO shown VALUES ({', '.join('?' * 14)})"
        with closing(
            self._index.database.execute(_SOURCE, (self.model.id if self.model else None,))
        ) as cursor:
            n = 0
            while rows := cursor.fetchmany(_AT_A_TIME):
                made = (_row(number, row) for number, row in enumerate(rows, n))
                self._index.database.executemany(insert, made)
                n += len(rows)

    def _tell(self, shares: tuple[Any, Any] | None) -> None:
        """The likeliest genre of every file, and how sure that is."""
        query = "SELECT n, probabilities, music FROM shown WHERE probabilities IS NOT NULL"
        with (
            self._table("predicted", _PREDICTED),
            closing(self._index.database.execute(query)) as cursor,
        ):
            while rows := cursor.fetchmany(_AT_A_TIME):
                found = np.frombuffer(b"".join(row[1] for row in rows), np.float32)
                shared = found.reshape(len(rows), -1).astype(np.float64)
                if shares is not None:
                    shared = correct_prior(shared, *shares)
                best = shared.argmax(axis=1)
                sure = shared.max(axis=1) * [row[2] for row in rows]
                numbers = [row[0] for row in rows]
                predicted = zip(numbers, best.tolist(), sure.tolist(), strict=True)
                self._index.database.executemany(
                    "INSERT INTO predicted VALUES (?, ?, ?)", predicted
                )
        self.shares = shares or ((), ())

    @contextmanager
    def _table(self, name: str, schema: str) -> Iterator[None]:
        """Make a temporary table anew, wholly or not at all; the index itself is not locked."""
        self._index.database.execute("BEGIN")
        try:
            self._index.database.execute(f"DROP TABLE IF EXISTS temp.{name}")
            self._index.database.execute(schema)
            yield
        except BaseException:
            self._index.database.execute("ROLLBACK")
            raise
        self._index.database.execute("COMMIT")

    def _numbers(self, wanted: Filter, sort: str, *, descending: bool) -> array[int]:
        """Numbers of the rows that are wanted, in order; kept for the next page."""
        where, values = condition(wanted, self.genres)
        by, more = order(sort, self.genres, descending=descending, threshold=wanted.threshold)
        query = f"SELECT n {_FROM} WHERE {where} ORDER BY {by}"
        return array("q", (n for (n,) in self._index.rows(query, *values, *more)))

    def _shown(self, row: tuple[Any, ...]) -> Shown:
        name, path, size, artist, album, title, tagged, blob, music, notes, problem = row[:11]
        probabilities = None
        if blob is not None:
            shares = np.frombuffer(blob, np.float32).astype(np.float64)
            probabilities = shares / shares.sum()
        texts = artist, album, title, split_values(tagged)
        return Shown(name, path, size, *texts, probabilities, music, notes, problem, *row[11:])


def _row(number: int, row: tuple[Any, ...]) -> tuple[Any, ...]:
    raw, size, artist, album, title, genres, probabilities, music, notes, problem = row
    path = path_to_text(os.fsdecode(raw))
    texts = (artist, album, title, genres)
    words = "\n".join((path, *texts)).casefold()
    answer = (probabilities, music, notes or "", problem or "")
    return (number, song_id(raw), raw, path, size, *texts, words, *answer)
