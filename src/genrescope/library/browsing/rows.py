"""What is shown of the files of a library."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.library.browsing.labelled import NamedLabel
from genrescope.library.index.models import unpack_probabilities
from genrescope.library.index.track_id import song_id
from genrescope.library.tagging.plan import path_to_text, split_values


@dataclass(frozen=True)
class Shown:
    """A file as it is shown.

    Attributes:
        id: by which it is requested again.
        path: relative to the library's folder, as text (see `genrescope.library.tagging.plan`).
        size: bytes.
        artist: of its tags; so are album, title and tagged, its genres.
        probabilities: (genres,) with sum 1 as the model gave them; None without a result.
        music: that it is music at all.
        notes: for people, on the prediction.
        problem: why it could not be read or classified.
        best: position of its likeliest genre, and `confidence`, under the chosen prior.
        labels: styles, moods, voices and instruments that are named of it.
        contradicts: what its genre contradicts, where that is wanted.
    """

    id: str
    path: str
    size: int
    artist: str
    album: str
    title: str
    tagged: tuple[str, ...]
    probabilities: NDArray[np.float64] | None
    music: float | None
    notes: str
    problem: str
    best: int | None
    confidence: float | None
    labels: tuple[NamedLabel, ...] = ()
    contradicts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class EmbeddedSongs:
    """The predictions of a model for the n files that have an embedding.

    Attributes:
        ids: (n).
        best: (n,) position of the likeliest genre.
        confidence: (n,).
        embedding: (n, e) standardised.
    """

    ids: list[str]
    best: NDArray[np.int64]
    confidence: NDArray[np.float64]
    embedding: NDArray[np.float16]


def shown_song(
    row: tuple[Any, ...], labels: tuple[NamedLabel, ...], contradicts: tuple[str, ...]
) -> Shown:
    """A file as it is shown.

    Args:
        row: number, audio hash, then as in `Shown`, values as the table has them.
        labels: that are named of it.
        contradicts: in words.
    """
    name, path, size, artist, album, title, tagged, blob, music, notes, problem = row[2:13]
    probabilities = None if blob is None else unpack_probabilities([blob])[0]
    texts = artist, album, title, split_values(tagged)
    result = (probabilities, music, notes, problem, *row[13:], labels, contradicts)
    return Shown(name, path, size, *texts, *result)


def table_row(number: int, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of the table: its number, then what is shown and searched of a file of the index."""
    raw, size, artist, album, title, genres, probabilities, music, notes, problem = row
    path = path_to_text(os.fsdecode(raw))
    texts = (artist, album, title, genres)
    words = "\n".join((path, *texts)).casefold()
    result = (probabilities, music, notes or "", problem or "")
    return (number, song_id(raw), raw, path, size, *texts, words, *result)
