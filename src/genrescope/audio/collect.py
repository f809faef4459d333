"""Turn what a user names (files, folders, patterns, playlists, a list) into a list of files."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from genrescope.audio.playlist import PLAYLIST_SUFFIXES, read_playlist
from genrescope.errors import AudioError
from genrescope.files.names import decoded_name

AUDIO_SUFFIXES = frozenset(
    (
        *(".mp3", ".mp2", ".mpga", ".m4a", ".m4b", ".m4p", ".m4r", ".aac"),
        *(".ogg", ".oga", ".opus", ".spx", ".wma", ".asf"),
        *(".mpc", ".mp+", ".ac3", ".eac3", ".dts"),
        *(
            ".flac",
            ".wav",
            ".wave",
            ".w64",
            ".aif",
            ".aiff",
            ".aifc",
            ".caf",
            ".au",
            ".snd",
            ".alac",
        ),
        *(".alac", ".ape", ".wv", ".tta", ".tak", ".dsf", ".dff"),
        *(".mp4", ".m4v", ".mov", ".mkv", ".mka", ".webm", ".avi", ".flv", ".mpg", ".mpeg"),
        *(".wmv", ".ogv"),
    )
)
"""Names that are taken from folders; any name is taken where it is given itself."""

STDIN = "-"


@dataclass(frozen=True)
class Collection:
    """Files to read, each once and in the order named, and what was named but is not there."""

    files: tuple[Path, ...]
    problems: tuple[AudioError, ...]


def collect(paths: Iterable[str | PathLike[str]], stdin: BinaryIO | None = None) -> Collection:
    """The audio files that `paths` name.

    A folder gives the files in it and below with an audio file's extension, in order of name,
    hidden ones left out. A pattern (`*`, `?`, `[...]`, `**`) gives what matches, a playlist (M3U,
    PLS, XSPF) what it lists, `-` the names on standard input, one a line or separated by NUL.

    Args:
        paths: names, in the order wanted.
        stdin: where `-` reads from; standard input by default.
    """
    collector = _Collector()
    for path in paths:
        if os.fspath(path) == STDIN:
            for name in _names(stdin or sys.stdin.buffer):
                collector.add_name(name)
        else:
            collector.add_name(os.fspath(path))
    return Collection(tuple(collector.files), tuple(collector.problems))


def _names(stream: BinaryIO) -> Iterator[str]:
    data = stream.read()
    lines = data.split(b"\0") if b"\0" in data else data.splitlines()
    return (decoded_name(line) for line in lines if line.strip())


@dataclass
class _Collector:
    files: list[Path] = field(default_factory=list)
    problems: list[AudioError] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def add_name(self, name: str) -> None:
        """What a user wrote: a path or, where there is none of that name, a pattern."""
        if os.path.lexists(name) or not glob.has_magic(name):
            self.add_path(Path(name))
            return
        # Path.glob takes no absolute pattern.
        matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207
        if not matches:
            self.add_problem("nothing matches this pattern", name)
        for match in matches:
            self.add_path(Path(match))

    def add_path(self, path: Path) -> None:
        """A file, folder or playlist that is named itself."""
        if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises where access is denied
            self.add_problem("no such file", path)
        elif path.is_dir():
            self.add_folder(path)
        elif path.suffix.lower() in PLAYLIST_SUFFIXES and path.is_file():
            self.add_playlist(path)
        else:
            self.add_file(path)

    def add_folder(self, folder: Path) -> None:
        """The audio files in and below `folder`; one reached twice, by a link, is read once."""
        if not self._is_new(folder):
            return
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            self.add_problem(f"cannot be listed: {error.strerror}", folder)
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                self.add_folder(Path(entry.path))
            elif Path(entry.name).suffix.lower() in AUDIO_SUFFIXES:
                self.add_file(Path(entry.path))

    def add_playlist(self, playlist: Path) -> None:
        """What a playlist lists."""
        if not self._is_new(playlist):
            return
        try:
            entries = list(read_playlist(playlist))
        except OSError as error:
            self.add_problem(f"cannot be read: {error.strerror}", playlist)
            return
        for entry in entries:
            if isinstance(entry, AudioError):
                self.problems.append(entry)
            else:
                self.add_path(entry)

    def add_file(self, file: Path) -> None:
        if self._is_new(file):
            self.files.append(file)

    def add_problem(self, message: str, place: str | Path) -> None:
        self.problems.append(AudioError(message, place=place, remedy="check the name"))

    def _is_new(self, path: Path) -> bool:
        """Whether no other name of the same file or folder was met before."""
        real = os.path.normcase(os.path.realpath(path))
        if real in self.seen:
            return False
        self.seen.add(real)
        return True


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """As `entry.is_dir()`, which raises at a link that leads to itself."""
    return Path(entry.path).is_dir() if entry.is_symlink() else entry.is_dir()
