"""Who made a song and what it is called: from its tags, else from its name and folders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from genrescope.errors import GenrescopeError

_TRACK = re.compile(r"^\d{1,3}(\s*[.)_-]\s*|\s+)")


@dataclass(frozen=True)
class SongNames:
    """Names of a song; empty where they are not known."""

    artist: str = ""
    album: str = ""
    title: str = ""


def song_names(path: Path, name: str) -> SongNames:
    """Names of the song at `path`: of its tags; what they lack, of `name`, see `names_of_path`."""
    from genrescope.library.tagging.tagfile import read_tags

    found = names_of_path(name)
    try:
        tags = read_tags(path)
    except (GenrescopeError, OSError):  # a song without tags that can be read still has a name
        return found
    return SongNames(
        tags.artist or found.artist, tags.album or found.album, tags.title or found.title
    )


def names_of_path(name: str) -> SongNames:
    """Names by two customs: "Artist/Album/01 Some title.mp3" and "Artist - Title.mp3".

    A title is taken only from the second: else the file's own name is better.
    """
    path = PurePosixPath(name)
    folders = [part for part in path.parts[:-1] if part != "/"]
    artist = folders[-2] if len(folders) > 1 else ""
    album = folders[-1] if folders else ""
    stem = _TRACK.sub("", path.stem)
    first, dash, title = stem.partition(" - ")
    if not dash:
        return SongNames(artist, album)
    return SongNames(first.strip() or artist, album, title.strip())
