"""Which songs are extracted, under which names, in which order, by which shard."""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from genrescope.errors import UsageError

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Shard:
    """One of `count` parts of a collection, counted from 1.

    A song's part follows from its name alone, so that the parts cover everything exactly once
    even where they list a growing collection at different times.
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise UsageError(
                f"no shard {self.number}/{self.count}", remedy="give one of 1/N to N/N"
            )

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard written `number/count`.

        Raises:
            UsageError: it is not written so, or there is no such shard.
        """
        if not (match := re.fullmatch(r"(\d+)/(\d+)", text)):
            raise UsageError(f"no shard '{text}'", remedy="give one of 1/N to N/N")
        return cls(int(match[1]), int(match[2]))

    def holds(self, song: str) -> bool:
        """Whether the song of this name is in this part."""
        return zlib.crc32(song.encode()) % self.count == self.number - 1

    @property
    def folder(self) -> str:
        """Name of the folder for its output."""
        return f"shard-{self.number:0{len(str(self.count))}}-of-{self.count}"


def root_of(paths: Sequence[str], files: Iterable[Path]) -> Path | None:
    """The folder to which names are relative where none is given.

    That of what was named, where only folders and audio files were: so the names stay what they
    are when files come or go. Otherwise, with patterns, playlists or a list, that of the files.
    """
    named = [Path(path) for path in paths]
    found = set(files)
    direct = all(path.is_dir() or path in found for path in named)
    return common_root(named if direct else found)


def common_root(paths: Iterable[Path]) -> Path | None:
    """The deepest folder that holds all `paths`; None where there is none (other drives)."""
    folders = [_absolute(path if path.is_dir() else path.parent) for path in paths]
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:
        return None


def name_songs(files: Iterable[Path], root: Path | None) -> dict[str, Path]:
    """Each file's absolute path by its song's name, in the order of the names.

    The name is the path relative to `root` with forward slashes; the whole path for a file that
    is not below it. Bytes that are no UTF-8 are written as escapes. A file listed twice is there
    once.
    """
    named = {_name(file, root): _absolute(file) for file in files}
    return dict(sorted(named.items()))


def _name(file: Path, root: Path | None) -> str:
    path = _absolute(file)
    if root is not None and path.is_relative_to(base := _absolute(root)):
        path = path.relative_to(base)
    text = path.as_posix().encode(errors="surrogateescape").decode(errors="backslashreplace")
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def _absolute(path: Path) -> Path:
    """The path from the root of the file system, by the links that it names."""
    return Path(os.path.normpath(path.absolute()))


def listing_digest(songs: Iterable[str]) -> str:
    """SHA-256 of the names of the songs in their order, by which the same listing is recognised."""
    digest = hashlib.sha256()
    for name in sorted(songs):
        digest.update(name.encode() + b"\0")
    return digest.hexdigest()
