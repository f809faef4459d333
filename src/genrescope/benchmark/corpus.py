"""A corpus of audio: labelled files, as songs with genres, groups and a row of vectors a genre.

Learners take one genre a row. A song of several genres is there once for each, its rows in one
group, which no split divides; scores count the song once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.data.song_labels import SongLabels
from genrescope.data.table import FeatureTable, Positions, Strings
from genrescope.errors import DataError
from genrescope.evaluation.bootstrap import drawn_units
from genrescope.taxonomy.normalise import commonest_spellings, ordered_genres
from genrescope.taxonomy.vocabulary import Vocabulary

_SEVERAL = "|"  # between genres of one label


@dataclass(frozen=True, eq=False)
class Corpus:
    """Songs of one corpus.

    Attributes:
        name: of the corpus.
        ids: (songs,) names.
        genres: of each song.
        groups: (songs,) what a split must not divide; "" for a song on its own.
        parts: (songs,) the corpus' own parts, "" where it has none.
        vocabulary: the genres that occur.
        left_out: what was left out and why, by name and number of songs.
        tables: vectors of the songs in this order, one a source.
    """

    name: str
    ids: Strings
    genres: tuple[tuple[str, ...], ...]
    groups: Strings
    parts: Strings
    vocabulary: Vocabulary
    left_out: Mapping[str, int]
    tables: tuple[FeatureTable, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def truth(self) -> NDArray[np.bool_]:
        """(songs, genres) whether a song has a genre."""
        names = self.vocabulary.genres
        return np.array([[name in genres for name in names] for genres in self.genres])

    @property
    def song_of_row(self) -> Positions:
        """(rows,) the song of each row: a song has as many rows as genres."""
        return np.repeat(np.arange(len(self)), [len(genres) for genres in self.genres])

    @property
    def drawn_together(self) -> Strings:
        """(songs,) groups, a song without one being its own."""
        return drawn_units(self.groups, self.ids)

    def rows(self, table: FeatureTable) -> FeatureTable:
        """A table of the songs as one of rows, each with one genre and its song's group."""
        song = self.song_of_row
        labels = [genre for genres in self.genres for genre in genres]
        several = np.array([len(genres) > 1 for genres in self.genres])
        ids = [
            f"{self.ids[at]} [{genre}]" if several[at] else str(self.ids[at])
            for at, genre in zip(song.tolist(), labels, strict=True)
        ]
        groups = np.where((self.groups == "") & several, self.ids, self.groups)
        taken = table.take(song)
        return replace(taken, ids=np.array(ids), labels=np.array(labels), groups=groups[song])

    def facts(self) -> dict[str, Any]:
        """JSON values: name, songs, groups, songs by genre, what is left out."""
        truth = self.truth
        one = truth.sum(axis=1) == 1
        return {
            "corpus": self.name,
            "songs": len(self),
            "groups": len(set(self.drawn_together.tolist())),
            "genres": {
                name: {"songs": int(here.sum()), "with this one only": int(here[one].sum())}
                for name, here in zip(self.vocabulary.genres, truth.T, strict=True)
            },
            "left out": dict(self.left_out),
        }

    def take(self, positions: Positions) -> Corpus:
        """Some of the songs, in this order."""
        return replace(
            self,
            ids=self.ids[positions],
            genres=tuple(self.genres[at] for at in positions.tolist()),
            groups=self.groups[positions],
            parts=self.parts[positions],
            tables=tuple(table.take(positions) for table in self.tables),
        )

    def within(self, genres: Sequence[str]) -> Corpus:
        """The songs that have some of `genres`, with no others."""
        kept = [tuple(g for g in of_song if g in genres) for of_song in self.genres]
        songs = np.flatnonzero([bool(of_song) for of_song in kept])
        narrowed = replace(
            self, genres=tuple(kept), vocabulary=self.vocabulary.restricted_to(genres)
        )
        return narrowed.take(songs)


def corpus_of(
    name: str,
    songs: Mapping[Path, str],
    labels: SongLabels,
    vocabulary: Vocabulary | None,
    least: int,
) -> Corpus:
    """The labelled songs of a corpus, without vectors.

    Args:
        name: of the corpus.
        songs: the name of each file.
        labels: of the files.
        vocabulary: what the labels are brought to, in any spelling; None: the commonest of each.
        least: groups (or songs on their own) that a genre needs; rarer ones are left out.

    Raises:
        DataError: fewer than two genres are left.
    """
    meant = {label: _genres(label, vocabulary) for label in set(labels.genres.values())}
    files = [file for file in sorted(songs, key=songs.__getitem__) if file in labels.genres]
    genres = [meant[labels.genres[file]] for file in files]
    if vocabulary is None:
        spelt = commonest_spellings(genres)
        genres = [tuple(dict.fromkeys(spelt[name] for name in of_song)) for of_song in genres]
    units: dict[str, set[str]] = {}
    for file, of_song in zip(files, genres, strict=True):
        for genre in of_song:
            units.setdefault(genre, set()).add(labels.groups.get(file, f"\n{file}"))
    known = vocabulary.genres if vocabulary else sorted(units)
    kept = tuple(genre for genre in known if len(units.get(genre, ())) >= least)
    if len(kept) < 2:
        raise DataError(
            f"{len(kept)} genres of {least} songs or groups and more",
            place=name,
            remedy="add songs, lower --least, or name another --vocabulary",
        )
    all_genres = vocabulary.restricted_to(kept) if vocabulary else Vocabulary(name, kept)
    found = Corpus(
        name,
        np.array([songs[file] for file in files]),
        tuple(genres),
        np.array([labels.groups.get(file, "") for file in files]),
        np.array([labels.parts.get(file, "") for file in files]),
        all_genres,
        _left_out(labels, files, genres, kept),
    )
    return found.within(kept)


def _genres(label: str, vocabulary: Vocabulary | None) -> tuple[str, ...]:
    if vocabulary is None:
        return tuple(dict.fromkeys(filter(None, map(str.strip, label.split(_SEVERAL)))))
    return ordered_genres(label, vocabulary)


def _left_out(
    labels: SongLabels,
    files: Sequence[Path],
    genres: Sequence[tuple[str, ...]],
    kept: Sequence[str],
) -> dict[str, int]:
    """Why songs are left out, and of how many a genre is."""
    nothing = [labels.genres[file] for file, found in zip(files, genres, strict=True) if not found]
    rare = Counter(genre for found in genres for genre in found if genre not in kept)
    counts = {f"no genre of the vocabulary: {name}": n for name, n in Counter(nothing).items()}
    counts |= {f"too rare: {name}": n for name, n in rare.items()}
    others = {"no label": len(labels.unlabelled), "no file": len(labels.without_file)}
    return {name: n for name, n in {**counts, **others}.items() if n}
