"""What is known of the songs that labels are fitted to: genres beside each other, words of mood.

A label of `label_genres.csv` is right of an AllMusic clip that lists the genre there, a mood of one
that has a word of `mood_words.csv`. A style's genre is known of AllMusic's clips, and of GTZAN's
where that has the genre.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.inference.labels.label import LabelName, label_names
from songs import VOCABULARIES, Songs, allmusic_rows, table_rows, targets

GTZAN_WEIGHT = 0.3
"""Of a song of GTZAN beside one of AllMusic, as for the genres of Top-MAGD."""
POP_ROCK = ("metal", "pop", "rock")
"""Genres of the library that AllMusic does not distinguish."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What is known of n songs and k labels.

    Attributes:
        labels: the k labels of which something is known.
        right: (n, k) whether a label is right of a song.
        known: (n, k) whether anything is known of it.
        weights: (n,) of the songs: 1 for those of AllMusic.
    """

    labels: tuple[LabelName, ...]
    right: NDArray[np.bool_]
    known: NDArray[np.bool_]
    weights: NDArray[np.float64]

    @property
    def counts(self) -> NDArray[np.float64]:
        """(n, k) weight of a song for a label; 0 where nothing is known."""
        return self.known * self.weights[:, None]

    def take(self, chosen: NDArray[np.int64]) -> Truth:
        """Some of the songs."""
        return Truth(self.labels, self.right[chosen], self.known[chosen], self.weights[chosen])


def own_truth(songs: Songs, shared: Path) -> Truth:
    """What is known of labels themselves."""
    words = _mood_words(shared)
    genres = {(row["kind"], row["name"]): row["allmusic"] for row in table_rows("label_genres.csv")}
    moods = _words_by_mood()
    labels = tuple(
        it for it in label_names() if it[:2] in genres or (it.kind == "mood" and it.name in moods)
    )
    allmusic = songs.corpora == "allmusic"
    right = np.zeros((len(songs), len(labels)), bool)
    for column, label in enumerate(labels):
        if label.kind == "mood":
            right[:, column] = [bool(words.get(it, set()) & moods[label.name]) for it in songs.ids]
        else:
            right[:, column] = [genres[label[:2]] in listed for listed in songs.labels]
    known = np.repeat(allmusic[:, None], len(labels), 1)
    styles = genre_truth(songs)
    for column, label in enumerate(labels):  # GTZAN has some of the genres, too
        if label in styles.labels and not label.within:
            place = styles.labels.index(label)
            known[:, column] |= styles.known[:, place]
            right[:, column] |= styles.right[:, place] & ~allmusic
    return Truth(labels, right & known, known, _weights(songs))


def genre_truth(songs: Songs) -> Truth:
    """What is known of the genres of all styles; pop, rock and metal are one where they are."""
    styles = label_names("style")
    known = targets(songs, "library")
    names = VOCABULARIES["library"]
    right = np.zeros((len(songs), len(styles)), bool)
    has = np.zeros_like(right)
    for column, style in enumerate(styles):
        group = POP_ROCK if style.genre in POP_ROCK else (style.genre,)
        places = [names.index(name) for name in group]
        right[:, column] = known.right[:, places].any(axis=1)
        has[:, column] = known.candidates[:, places].any(axis=1) & known.known
    return Truth(styles, right & has, has, _weights(songs))


@cache
def _words_by_mood() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in table_rows("mood_words.csv"):
        found.setdefault(row["mood"], set()).add(row["word"])
    return found


def _mood_words(shared: Path) -> dict[str, set[str]]:
    """Words of mood of each AllMusic clip."""
    return {row["id"]: set(row["moods"].split("; ")) for row in allmusic_rows(shared)}


def _weights(songs: Songs) -> NDArray[np.float64]:
    return np.where(songs.corpora == "allmusic", 1.0, GTZAN_WEIGHT)
