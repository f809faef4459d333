"""Walk a library's folders: every music file once, and what could not be read.

Names are bytes, so that those in any encoding are kept. Hidden names (`.name`) and what file
servers and systems keep for themselves are left out. Links are followed: a folder or file that is
reached a second time by a link is left out, so links that lead in a circle end.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from genrescope.audio.collect import AUDIO_SUFFIXES
from genrescope.library.index.database import FileState

_SUFFIXES = frozenset(suffix.encode() for suffix in AUDIO_SUFFIXES)
_KEPT_BY_SYSTEMS = frozenset(
    (b"$RECYCLE.BIN", b"#recycle", b"@eaDir", b"System Volume Information", b"lost+found")
)
_SEPARATOR = os.fsencode(os.sep)
_LATEST = (1 << 63) - 1  # ns, in the year 2262: later ones are no 64-bit numbers


@dataclass(frozen=True)
class Unreadable:
    """A folder or link, relative to the library's folder, that cannot be read, and why."""

    path: bytes
    problem: str


class Walk:
    """One walk through a library."""

    def __init__(self, root: Path, *, hidden: bool = False) -> None:
        """Walk below `root`, also through what is hidden where wanted."""
        self._root = os.fsencode(os.path.realpath(root))
        self._hidden = hidden
        self.left_out: list[bytes] = []
        """Files and folders that were left out for their names, as far as the walk has come."""
        self._folders: list[bytes] = []
        self._links: list[bytes] = []
        self._seen: set[tuple[int, int]] = set()

    def __iter__(self) -> Iterator[FileState | Unreadable]:
        """Each file as it is now, in no order; links come after all that is not reached by one."""
        self._folders = [b""]
        while self._folders or self._links:
            if self._folders:
                yield from self._list(self._folders.pop())
            else:
                yield from self._follow(self._links.pop())

    def _full(self, path: bytes) -> bytes:
        return _joined(self._root, path)

    def _list(self, folder: bytes) -> Iterator[FileState | Unreadable]:
        full = self._full(folder)
        try:
            status = os.stat(full)  # noqa: PTH116
            if (status.st_dev, status.st_ino) in self._seen:
                return
            self._seen.add((status.st_dev, status.st_ino))
            with os.scandir(full) as entries:
                for entry in entries:
                    path = folder + b"/" + entry.name if folder else entry.name
                    try:
                        yield from self._entry(entry, path)
                    except OSError as error:  # of one entry; the others are not to blame
                        yield Unreadable(path, _why(error))
        except OSError as error:
            yield Unreadable(folder, _why(error))

    def _entry(self, entry: os.DirEntry[bytes], path: bytes) -> Iterator[FileState | Unreadable]:
        name = entry.name
        if not self._hidden and (name.startswith(b".") or name in _KEPT_BY_SYSTEMS):
            self.left_out.append(path)
            return
        if entry.is_symlink():
            self._links.append(path)
        elif entry.is_dir(follow_symlinks=False):
            self._folders.append(path)
        elif _is_music(name):
            try:
                yield _found(path, entry.stat(follow_symlinks=False))
            except FileNotFoundError:  # it went while the folder was listed
                return
            except OSError as error:
                yield Unreadable(path, _why(error))

    def _follow(self, path: bytes) -> Iterator[FileState | Unreadable]:
        full = self._full(path)
        try:
            if os.path.isdir(full):  # noqa: PTH112
                self._folders.append(path)
            elif _is_music(path) and not self._holds(os.path.realpath(full)):
                yield _found(path, os.stat(full))  # noqa: PTH116
        except OSError as error:
            yield Unreadable(path, f"the link cannot be followed: {_why(error)}")

    def _holds(self, real: bytes) -> bool:
        """Whether a real path is one that the walk meets without links."""
        if not real.startswith(self._root + _SEPARATOR):
            return False
        parts = real[len(self._root) + 1 :].split(_SEPARATOR)
        shown = not any(part.startswith(b".") or part in _KEPT_BY_SYSTEMS for part in parts)
        return (self._hidden or shown) and _is_music(real) and os.path.exists(real)  # noqa: PTH110


def music_in(root: Path, path: bytes) -> int:
    """How many files with names of music are at or below a path; links are not followed."""
    full = _joined(os.fsencode(root), path)
    if not os.path.isdir(full):  # noqa: PTH112
        return int(_is_music(path))
    return sum(_is_music(name) for _, _, names in os.walk(full) for name in names)


def _joined(root: bytes, path: bytes) -> bytes:
    r"""With the system's separators: below `\\?\`, Windows' long paths, there is no other."""
    return os.path.join(root, path.replace(b"/", _SEPARATOR))  # noqa: PTH118 - pathlib knows no bytes


def _is_music(name: bytes) -> bool:
    return os.path.splitext(name)[1].lower() in _SUFFIXES  # noqa: PTH122


def _found(path: bytes, status: os.stat_result) -> FileState | Unreadable:
    """A file; a pipe, a socket or a device may have no end, and reading it changes it."""
    if not stat.S_ISREG(status.st_mode):
        return Unreadable(path, "not a regular file")
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return FileState(path, status.st_size, *(max(-_LATEST, min(_LATEST, time)) for time in times))


def _why(error: OSError) -> str:
    return error.strerror or str(error)
