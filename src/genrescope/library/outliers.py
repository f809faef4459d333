"""Songs whose predicted genre contradicts their own tag, their album or their artist.

From what a library has already: which songs to look at, not which are wrong. Only songs whose genre
is named are counted and listed, and only where the other genre is unlikely.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genrescope.inference.prediction import UNKNOWN, Prediction
from genrescope.library.index.results import Song
from genrescope.library.tagging.plan import path_to_text
from genrescope.library.tagging.rows.albums import album_of
from genrescope.taxonomy.normalise import ordered_genres
from genrescope.taxonomy.vocabulary import vocabulary_of

TAG, ALBUM, ARTIST = "tag", "album", "artist"
_LEAST = {ALBUM: 4, ARTIST: 9}  # with fewer songs it is not compared
_AGREE = 2 / 3  # share of these that must have one genre: at most a third contradicts them
_UNLIKELY = 0.1  # probability below which that genre is no second reading of the song
_SEVERAL = frozenset(("", "various artists", "various", "va", "unknown artist", "unknown"))
_Group = tuple[str, ...]


@dataclass(frozen=True)
class Contradiction:
    """What a song's predicted genre contradicts.

    Attributes:
        kind: "tag", "album" or "artist".
        genres: of the tag; the one of most songs of the album or artist.
        songs: those that have it; 0 of a tag.
        of: all whose genre is named; 0 of a tag.
    """

    kind: str
    genres: tuple[str, ...]
    songs: int = 0
    of: int = 0

    def __str__(self) -> str:
        counts = f": {self.songs} of {self.of}" if self.of else ""
        return f"{self.kind} {' / '.join(self.genres)}{counts}"


class NamedSong(NamedTuple):
    """A song whose genre is named.

    Attributes:
        path: in the library; its folder and the album tag name the album.
        album: tag.
        artist: tag.
        tagged: genres of its tags.
        genre: predicted.
        probabilities: (genres,) of the model's genres.
    """

    path: str
    album: str
    artist: str
    tagged: tuple[str, ...]
    genre: str
    probabilities: NDArray[np.float64]

    @classmethod
    def of(cls, song: Song, prediction: Prediction) -> NamedSong:
        """A song of a library with its prediction, which names a genre."""
        tags = song.path, song.album, song.artist, song.genres
        return cls(*tags, prediction.genre, prediction.probabilities)


@dataclass(frozen=True)
class Outlier:
    """A song that contradicts its tag, album or artist, in this order, by a prediction."""

    song: Song
    prediction: Prediction
    contradicts: tuple[Contradiction, ...]

    def as_json(self) -> dict[str, Any]:
        """The outlier as JSON values."""
        return {
            "path": path_to_text(self.song.path),
            "artist": self.song.artist,
            "album": self.song.album,
            "title": self.song.title,
            "tagged": self.song.genres,
            "genre": self.prediction.genre,
            "confidence": round(self.prediction.confidence, 4),
            "contradicts": [str(item) for item in self.contradicts],
        }


def find_outliers(songs: Iterable[tuple[Song, Prediction | None]]) -> list[Outlier]:
    """The songs that contradict most first, among these the surest first.

    Args:
        songs: of a library, each with its prediction, None where there is none; all of one model.
    """
    named = [(song, p) for song, p in songs if p is not None and p.genre != UNKNOWN]
    named_songs = [NamedSong.of(song, prediction) for song, prediction in named]
    genres = named[0][1].genres if named else ()
    found = [
        Outlier(song, prediction, contradicts)
        for (song, prediction), contradicts in zip(
            named, contradictions(named_songs, genres), strict=True
        )
        if contradicts
    ]
    return sorted(found, key=lambda item: (-len(item.contradicts), -item.prediction.confidence))


def contradictions(
    named_songs: Sequence[NamedSong], genres: tuple[str, ...]
) -> Iterator[tuple[Contradiction, ...]]:
    """What each song contradicts, mostly nothing.

    Args:
        named_songs: of all songs of a library whose genre is named.
        genres: of the model, in the order of the probabilities.
    """
    place = {genre: position for position, genre in enumerate(genres)}
    own = vocabulary_of(tuple(genre for genre in genres if genre != UNKNOWN))
    named = cache(lambda tag: ordered_genres(tag, own))
    votes: dict[_Group, Counter[str]] = defaultdict(Counter)
    for song in named_songs:
        for group in _groups(song):
            votes[group][song.genre] += 1
    for song in named_songs:
        tagged = tuple(dict.fromkeys(genre for tag in song.tagged for genre in named(tag)))
        found = [Contradiction(TAG, tagged)] if tagged else []
        found += [
            second
            for group in _groups(song)
            if (second := _second(group[0], votes[group])) is not None
        ]
        yield tuple(
            item
            for item in found
            if song.genre not in item.genres
            and sum(song.probabilities[place[genre]] for genre in item.genres) < _UNLIKELY
        )


def contradicted(named_songs: Sequence[NamedSong], genres: tuple[str, ...]) -> dict[str, str]:
    """What songs contradict, in words, by path; see `contradictions`."""
    found = zip(named_songs, contradictions(named_songs, genres), strict=True)
    return {song.path: "; ".join(map(str, items)) for song, items in found if items}


def _groups(song: NamedSong) -> Iterator[_Group]:
    """The album and the artist of a song, of which it has either."""
    if song.album:
        yield ALBUM, *album_of(song.path, song.album)
    artist = song.artist.casefold().strip()
    if artist not in _SEVERAL:
        yield ARTIST, artist


def _second(kind: str, votes: Counter[str]) -> Contradiction | None:
    """What the songs of an album or artist agree on; None where they do not."""
    (genre, songs), of = votes.most_common(1)[0], votes.total()
    if of < _LEAST[kind] or songs < _AGREE * of:
        return None
    return Contradiction(kind, (genre,), songs, of)
