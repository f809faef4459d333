"""The songs that heads are fitted to: two corpora, and what their labels mean in each vocabulary.

A label may mean a genre (`Jazz`), one of several (`Pop/Rock` is pop, rock or metal) or nothing of a
vocabulary (`Holiday`). A song may have several labels. And nothing is known from a corpus of genres
that none of its labels means: they are no candidates for its songs, neither right nor wrong.
`genre_labels.csv` has which is which.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.taxonomy.vocabulary import GTZAN, LIBRARY, TOP_MAGD

VOCABULARIES = {item.name: item.genres for item in (LIBRARY, TOP_MAGD, GTZAN)}
CORPORA = ("gtzan", "allmusic")


@dataclass(frozen=True, eq=False)
class Songs:
    """Songs of all corpora.

    Attributes:
        ids, corpora, artists: (n,); where the artist is not known, the song counts as one.
        labels: (n,) of tuples, as the corpus has them.
    """

    ids: NDArray[np.str_]
    corpora: NDArray[np.str_]
    artists: NDArray[np.str_]
    labels: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Targets:
    """What the labels of n songs mean in a vocabulary.

    Attributes:
        right: (n, genres) whether a genre may be the song's.
        candidates: (n, genres) whether the corpus of the song has the genre at all.
    """

    right: NDArray[np.bool_]
    candidates: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n,) whether anything is known of a song."""
        return self.right.any(axis=1)


def read_songs(shared: Path) -> Songs:
    """The 753 songs of GTZAN and the 529 clips with genres of AllMusic.

    Repeats of one recording within GTZAN count as one artist.
    """
    table = load_gtzan("ssd")
    parts = (table.ids.tolist(), np.asarray(table.groups).tolist(), table.labels)
    rows = [
        (name, "gtzan", group or name, (str(genre),))
        for name, group, genre in zip(*parts, strict=True)
    ]
    for row in allmusic_rows(shared):
        rows.append((row["id"], "allmusic", row["artist"], tuple(row["genres"].split("|"))))
    ids, corpora, artists, labels = zip(*rows, strict=True)
    return Songs(np.array(ids), np.array(corpora), np.array(artists), labels)


def allmusic_rows(shared: Path) -> list[dict[str, str]]:
    """What is known of AllMusic's clips."""
    return _read(shared / "data/allmusic_clips/songs.csv")


def table_rows(name: str) -> list[dict[str, str]]:
    """The rows of a table beside this file."""
    return _read(Path(__file__).with_name(name))


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def targets(songs: Songs, vocabulary: str) -> Targets:
    """What is known of the songs' genres in a vocabulary."""
    genres, meanings = VOCABULARIES[vocabulary], _meanings(vocabulary)
    right = np.zeros((len(songs), len(genres)), bool)
    for row, (corpus, labels) in enumerate(zip(songs.corpora.tolist(), songs.labels, strict=True)):
        for label in labels:
            right[row, [genres.index(name) for name in meanings.get((corpus, label), ())]] = True
    candidates = np.zeros_like(right)
    for corpus in CORPORA:
        named = {name for (home, _), names in meanings.items() if home == corpus for name in names}
        candidates[songs.corpora == corpus] = [genre in named for genre in genres]
    return Targets(right, candidates)


def spelled(songs: Songs) -> NDArray[np.str_]:
    """(n,) labels as the library's vocabulary has them, commas between several.

    A label that may mean several genres of it (`Pop/Rock`), or none, stays as it is.
    """
    meanings = _meanings("library")
    names = []
    for corpus, labels in zip(songs.corpora.tolist(), songs.labels, strict=True):
        found = [meanings.get((corpus, label), ()) for label in labels]
        known = [it[0] if len(it) == 1 else label for it, label in zip(found, labels, strict=True)]
        names.append(", ".join(known))
    return np.array(names)


@cache
def _meanings(vocabulary: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """(corpus, label) to genres."""
    return {
        (row["corpus"], row["label"]): tuple(row["genres"].split("|"))
        for row in table_rows("genre_labels.csv")
        if row["vocabulary"] == vocabulary
    }
