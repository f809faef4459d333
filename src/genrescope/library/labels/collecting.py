"""The labels of a library's songs, and what a general model predicted of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from genrescope.audio.collect import collect
from genrescope.audio.playlist import PLAYLIST_SUFFIXES
from genrescope.errors import GenrescopeError, UsageError
from genrescope.learning.own.learn import PredictedSong
from genrescope.library.index.database import Index
from genrescope.library.index.models import IndexedModel
from genrescope.library.index.results import Song, songs
from genrescope.library.labels.corrections import corrections
from genrescope.library.tagging.tagfile import read_tags, reading_problems

FIELDS = ("genre", "grouping", "comment", "folder", "playlist")
"""Where labels are read from."""

Labels = Callable[[Song], tuple[str, ...]]


def labelled_songs(
    index: Index,
    model: IndexedModel,
    labels: Labels,
    *,
    groups: Callable[[Song], str] | None = None,
    within: str = "",
    seen: set[str] | None = None,
) -> Iterator[PredictedSong]:
    """The songs that have labels and a prediction; a correction replaces what else is known.

    Copies of one sound are one song. Songs are grouped by artist, by album where there is none.

    Args:
        index: of the library.
        model: whose predictions.
        labels: of a song, see `labels_by`.
        groups: of a song; None: as above.
        within: only what is at or below this path of the library.
        seen: hashes of songs that are left out; those that are given are added.
    """
    corrected, seen = corrections(index), set() if seen is None else seen
    for song in songs(index, model, within):
        if not song.audio or song.audio in seen or (prediction := song.prediction) is None:
            continue
        seen.add(song.audio)
        if words := corrected.get(song.audio) or labels(song):
            name = str(index.root / song.path)
            group = groups(song) if groups else artist_or_album(song)
            yield PredictedSong(name, words, group, prediction)


def artist_or_album(song: Song) -> str:
    """What folds must not divide."""
    return song.artist.casefold() or (f"album {song.album.casefold()}" if song.album else "")


def labels_by(field: str, index: Index, within: str = "") -> Labels:
    """What reads the labels of a song.

    Args:
        field: of `FIELDS`, or custom:NAME.
        index: of the library.
        within: where folders begin: a label is the name of the folder directly below.

    Raises:
        UsageError: there is no such field.
    """
    if field == "genre":
        return lambda song: song.genres
    if field == "folder":
        return lambda song: _folder(song.path, within)
    if field == "playlist":
        lists = _playlists(index.root / within)
        return lambda song: lists.get(os.path.realpath(index.root / song.path), ())
    if field in FIELDS or field.startswith("custom:"):
        return lambda song: _values(index.root / song.path, field)
    raise UsageError(f"no field '{field}'", remedy=f"one of {', '.join(FIELDS)}, or custom:NAME")


def _folder(path: str, within: str) -> tuple[str, ...]:
    below = path[len(within) :].lstrip("/") if within else path
    folder, *rest = below.split("/")
    return (folder,) if rest else ()


def _playlists(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """The names of the playlists in and below a folder, by the files that they list."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in PLAYLIST_SUFFIXES and path.is_file():
            for file in collect([path]).files:
                real = os.path.realpath(file)
                found[real] = (*found.get(real, ()), path.stem)
    return found


def _values(path: Path, field: str) -> tuple[str, ...]:
    """The values of a field of a file's tags; none where they cannot be read."""
    try:
        with reading_problems():
            return _grouping(path) if field == "grouping" else read_tags(path).values(field)
    except (GenrescopeError, OSError):
        return ()


_GROUPING = ("GRP1", "TIT1", "\xa9grp", "grouping", "WM/ContentGroupDescription")


def _grouping(path: Path) -> tuple[str, ...]:
    """What players call grouping, whatever the format calls it."""
    import mutagen

    tags = mutagen.File(path)
    for name in _GROUPING if tags is not None else ():
        try:
            found = tags.get(name)
        except ValueError:  # this format has no such names
            continue
        if found:
            values = getattr(found, "text", found)
            texts = (part for value in values for part in str(value).split(";"))
            return tuple(filter(None, map(str.strip, texts)))
    return ()
