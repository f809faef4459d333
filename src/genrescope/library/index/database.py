"""The index of a library: its files and their tags, and predictions from their audio.

One SQLite file a library. Files are known by path, and their state by size and times; predictions
are kept by the hash of the audio, so that a file keeps it when it is moved or retagged, and
even while it is gone. Paths are bytes relative to the library's folder, with forward slashes.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import platformdirs

from genrescope.errors import DataError, UsageError

_FORMAT = 5
_DAMAGED = "database disk image is malformed"  # as SQLite words it
_PATIENCE = 30.0  # seconds to wait for another process that writes
_SCHEMA = """
CREATE TABLE about (root TEXT, scanned TEXT);
CREATE TABLE files (
    path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER, audio BLOB,
    genres TEXT, album TEXT, artist TEXT, title TEXT, tags_problem TEXT, problem TEXT,
    fields TEXT
) WITHOUT ROWID;
CREATE INDEX files_audio ON files (audio);
CREATE TABLE unreadable (path BLOB PRIMARY KEY, problem TEXT) WITHOUT ROWID;
CREATE TABLE models (
    id INTEGER PRIMARY KEY, digest TEXT UNIQUE, name TEXT, genres TEXT, threshold REAL, used TEXT,
    facts TEXT
);
CREATE TABLE results (
    model INTEGER, audio BLOB, probabilities BLOB, music REAL, embedding BLOB, tags BLOB,
    notes TEXT, problem TEXT, heads BLOB, PRIMARY KEY (model, audio)
) WITHOUT ROWID;
"""
_FROM_2 = """
ALTER TABLE models ADD COLUMN facts TEXT;
ALTER TABLE results ADD COLUMN heads BLOB;
"""
# Files are read again, for moods and own fields.
_FROM_3 = "ALTER TABLE files ADD COLUMN fields TEXT; UPDATE files SET mtime_ns = -1"
# So are Matroska files, for tags and for a hash of their sound alone.
_FROM_4 = "UPDATE files SET mtime_ns = -1 WHERE tags_problem LIKE 'it is Matroska%'"
_FOUND = """
CREATE TEMP TABLE IF NOT EXISTS found (
    path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER
) WITHOUT ROWID
"""


class FileState(NamedTuple):
    """A file as a folder's listing shows it; where one of these changes it is read again."""

    path: bytes
    size: int
    mtime_ns: int
    ctime_ns: int


class FileFacts(NamedTuple):
    """What reading a file gave.

    Attributes:
        state: when it was read.
        audio: quick hash of the audio, 16 bytes; None where it could not be read.
        genres: present values, as a plan's cell holds them.
        album: present value, empty where there is none.
        artist: the same.
        title: the same.
        tags_problem: why the tags could not be read; empty where they could.
        problem: why the file could not be read; empty where it could.
        fields: values by field of moods and of genrescope's own fields, as JSON; empty: none.
    """

    state: FileState
    audio: bytes | None = None
    genres: str = ""
    album: str = ""
    artist: str = ""
    title: str = ""
    tags_problem: str = ""
    problem: str = ""
    fields: str = ""


class Index:
    """An open index; a context manager.

    Attributes:
        root: the library's folder.
        database: the connection, for the modules of this package.
    """

    def __init__(self, root: Path, path: Path | None = None) -> None:
        """Open the index of the library in `root`, made if there is none.

        Args:
            root: the library's folder.
            path: the index's file; by default one in the user's data folder.

        Raises:
            UsageError: `root` is no folder, or the index is of another library.
            DataError: the index is damaged, or is of a later version.
        """
        if not root.is_dir():
            raise UsageError("no such folder", place=root, remedy="name the library's folder")
        self.root = Path(os.path.realpath(root))
        self.path = path or default_index(root)
        with self._problems():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.database = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self.database.close()
                raise

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.database.close()
        if isinstance(error, (sqlite3.Error, UnicodeDecodeError)):
            raise self._problem(error) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside, or nothing."""
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def rows(self, query: str, *values: Any) -> Generator[tuple[Any, ...], None, None]:
        """The rows of a query, one by one."""
        with closing(self.database.execute(query, values)) as cursor:
            yield from cursor

    def value(self, query: str, *values: Any) -> Any:
        """The first value of a query, None where it has no row."""
        row = self.database.execute(query, values).fetchone()
        return None if row is None else row[0]

    def note_found(self, states: Iterable[FileState]) -> None:
        """Remember, as long as the index is open, what is there now; replaces the last time's."""
        self.database.execute(_FOUND)
        with self.transaction():
            self.database.execute("DELETE FROM found")
            self.database.executemany("INSERT OR IGNORE INTO found VALUES (?, ?, ?, ?)", states)

    def unread(self) -> list[FileState]:
        """What was found and is not, or not so, in the index, or could not be read before."""
        query = """
            SELECT found.* FROM found LEFT JOIN files USING (path) WHERE files.path IS NULL
            OR files.size != found.size OR files.mtime_ns != found.mtime_ns
            OR files.ctime_ns != found.ctime_ns OR files.problem != ''
        """
        return [FileState(*row) for row in self.rows(query)]

    def gone(self) -> dict[bytes, bytes | None]:
        """Audio hash by path of what is in the index and was not found, and not for a reason."""
        query = """
            SELECT path, audio FROM files WHERE NOT EXISTS (
                SELECT 1 FROM found WHERE found.path = files.path
            ) AND NOT EXISTS (
                SELECT 1 FROM unreadable WHERE unreadable.path IN (files.path, X'')
                OR substr(files.path, 1, length(unreadable.path) + 1)
                   = CAST(unreadable.path || X'2F' AS BLOB)
            )
        """
        return dict(self.rows(query))

    def add(self, facts: Iterable[FileFacts]) -> None:
        """Add or replace files, all or none."""
        with self.transaction():
            self.database.executemany(
                f"INSERT OR REPLACE INTO files VALUES ({', '.join('?' * 12)})",
                ((*fact.state, *fact[1:]) for fact in facts),
            )

    def remove(self, paths: Iterable[bytes]) -> None:
        """Forget files; predictions from it stay."""
        with self.transaction():
            self.database.executemany("DELETE FROM files WHERE path = ?", ((p,) for p in paths))

    def note_unreadable(self, problems: Iterable[tuple[bytes, str]]) -> None:
        """Replace what the last scan could not read in folders: (path, why)."""
        with self.transaction():
            self.database.execute("DELETE FROM unreadable")
            self.database.executemany("INSERT OR REPLACE INTO unreadable VALUES (?, ?)", problems)

    def _prepare(self) -> None:
        self.database.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = FILE"
        )
        with self.transaction():
            found = self.value("PRAGMA user_version")
            if found == 0 and self.value("SELECT count(*) FROM sqlite_schema") == 0:
                for statement in _SCHEMA.split(";"):
                    self.database.execute(statement)
                self.database.execute("INSERT INTO about VALUES (?, NULL)", (self._name,))
                self.database.execute(f"PRAGMA user_version = {_FORMAT}")
            elif found in (1, 2, 3, 4):
                former = (_FROM_2, _FROM_3, _FROM_4)[max(found, 2) - 2 :]
                for statement in ";".join(former).split(";"):
                    self.database.execute(statement)
                self.database.execute(f"PRAGMA user_version = {_FORMAT}")
            elif found != _FORMAT:
                raise DataError(
                    f"is no index of format {_FORMAT}",
                    place=self.path,
                    remedy="name another file, or use the version that wrote it",
                )
            self._check_root()

    def _check_root(self) -> None:
        """A library may have been moved or mounted elsewhere, where its old folder is gone."""
        before = self.value("SELECT root FROM about")
        if before == self._name:
            return
        if not isinstance(before, str):
            raise sqlite3.DatabaseError(_DAMAGED)
        if Path(before).exists():
            raise UsageError(
                f"is the index of {before}", place=self.path, remedy="name another file"
            )
        self.database.execute("UPDATE about SET root = ?", (self._name,))

    @property
    def _name(self) -> str:
        return os.fsencode(self.root).decode("utf-8", "backslashreplace")

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise self._problem(error) from error

    def _problem(self, error: Exception) -> DataError:
        return DataError(
            f"the index cannot be used: {error}", place=self.path, remedy=_remedy(str(error))
        )


def stored_json(text: str) -> Any:
    """The value of JSON that an index holds.

    Raises:
        sqlite3.DatabaseError: it is none: the index is damaged.
    """
    try:
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise sqlite3.DatabaseError(_DAMAGED) from error


def _remedy(problem: str) -> str:
    """What to do about a problem of the database; what it holds took long to compute."""
    if "full" in problem or "No space" in problem:
        return "make room and give the same command again"
    if "locked" in problem:
        return "another command is at work: wait until it is done"
    if "readonly" in problem or "unable to open" in problem or "ermission" in problem:
        return "allow writing there, or name another file with --index"
    return "keep it, and name another file with --index"


def default_index(root: Path) -> Path:
    """The index's file of the library in `root`: in the user's data folder, by a digest of it."""
    name = os.path.normcase(os.path.realpath(root))
    digest = hashlib.blake2b(os.fsencode(name), digest_size=8).hexdigest()
    return platformdirs.user_data_path("genrescope") / "libraries" / f"{digest}.sqlite"
