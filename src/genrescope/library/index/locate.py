"""The library that a file or folder lies in, found upward, and what of the index is below it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from genrescope.errors import UsageError
from genrescope.files.names import as_listed
from genrescope.library.index.database import default_index

BELOW = """(
    ?1 = X'' OR path = ?1 OR substr(path, 1, length(?1) + 1) = CAST(?1 || X'2F' AS BLOB)
)"""
"""Condition on files of an index: at or below the path ?1, in bytes; all where that is empty."""


class Place(NamedTuple):
    """A file or folder of a library.

    Attributes:
        root: the library's folder.
        within: the path below it as the index has it, with forward slashes; empty: all.
    """

    root: Path
    within: str = ""

    def has(self, path: str) -> bool:
        """Whether a path of the index is this one or below it."""
        return self.within in ("", path) or path.startswith(f"{self.within}/")


def find_place(path: Path, index: Path | None = None) -> Place:
    """The scanned library that `path` lies in: the nearest folder upward that has an index.

    Args:
        path: a file or folder.
        index: the index's file; None: each library's own in the user's data folder.

    Returns:
        The place; a folder without an index upward is a library of its own.

    Raises:
        UsageError: there is no such path, or it is a file that lies in no scanned library.
    """
    if not path.exists():
        raise UsageError("no such file or folder", place=path, remedy="name the library's folder")
    for start in dict.fromkeys((Path(os.path.abspath(path)), Path(os.path.realpath(path)))):  # noqa: PTH100 - links stay
        for root in (start, *start.parents):
            if root.is_dir() and _has_index(root, index):
                within = as_listed(root, start.relative_to(root)).as_posix()
                return Place(root, "" if within == "." else within)
    if not path.is_dir():
        raise UsageError(
            "lies in no scanned library", place=path, remedy="genrescope library scan DIR"
        )
    return Place(path)


def _has_index(root: Path, index: Path | None) -> bool:
    """Whether a folder is the root of a scanned library; a damaged index is one, to be reported."""
    file = index or default_index(root)
    if not file.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            name, scanned = database.execute("SELECT root, scanned FROM about").fetchone()
    except (sqlite3.Error, TypeError, UnicodeDecodeError):
        return True
    real = os.fsencode(os.path.realpath(root)).decode("utf-8", "backslashreplace")
    return bool(scanned) and (index is None or name == real)
