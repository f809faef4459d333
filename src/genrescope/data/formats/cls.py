"""The `.cls` text format of the Million Song Dataset Benchmarks: an id, a tab, its label.

Labels, partitions and artist ids share it. Lines that begin with `%` or `#` are comments.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from genrescope.data.formats.streams import unpacked
from genrescope.errors import DataError, UsageError
from genrescope.files.compressed import DAMAGES

_ID_TITLES = frozenset({"id", "trackid", "track_id", "msd_trackid", "instancename"})
_UNREADABLE = (OSError, *DAMAGES)


@contextmanager
def open_cls(path: Path) -> Iterator[IO[str]]:
    """Open `.cls`, `.cls.gz` or `.cls.zip` (with one file in it) as lines of text.

    Raises:
        UsageError: there is no such file.
        DataError: the compressed file is broken, or the archive holds another number of files.
    """
    if not path.is_file():
        raise UsageError("no such file", place=path)
    try:
        with _open_binary(path) as raw:
            yield io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace")
    except _UNREADABLE as error:
        remedy = "it may have been cut short; fetch it again"
        raise DataError(f"cannot be read: {error}", place=path, remedy=remedy) from error


@contextmanager
def _open_binary(path: Path) -> Iterator[IO[bytes]]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive, path)) as member:
            yield member
    else:
        with unpacked(path) as (stream, _):
            yield stream


def _only_member(archive: zipfile.ZipFile, path: Path) -> str:
    members = [name for name in archive.namelist() if name.endswith(".cls")]
    members = [name for name in members if not name.startswith("__MACOSX/")]
    if len(members) != 1:
        raise DataError(
            f"the archive holds {len(members)} .cls files",
            place=path,
            remedy="unpack it and name the file that is meant",
        )
    return members[0]


def cls_lines(handle: Iterable[str], place: str) -> Iterator[tuple[int, str, str]]:
    """(line number, id, the rest of the line) of every line that is neither comment nor header.

    The rest keeps its tabs. A line without a tab is cut at its first blank, which no id contains.

    Raises:
        DataError: a line has an id and nothing else, or is no text; it names `place` and the line.
    """
    first = True
    for number, line in enumerate(handle, 1):
        line = line.rstrip("\r\n")
        if "\0" in line:
            remedy = "it seems to be UTF-16: save it as UTF-8"
            raise DataError("not text", place=f"{place}:{number}", remedy=remedy)
        if not line.strip() or line[0] in "%#":
            continue
        name, tab, rest = line.partition("\t")
        if not tab:
            name, _, rest = line.strip().partition(" ")
        if not rest.strip():
            remedy = "a line is an id, a tab and a value"
            raise DataError(
                f"nothing follows '{name[:40]}'", place=f"{place}:{number}", remedy=remedy
            )
        name = name.strip(" '\"")
        if first and name.casefold() in _ID_TITLES:
            continue
        first = False
        yield number, name, rest
