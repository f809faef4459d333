"""The songs of a library that are most useful to label."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.inference.prediction import LEAST_MUSIC, UNKNOWN
from genrescope.library.index.database import Index
from genrescope.library.index.models import IndexedModel
from genrescope.library.index.results import Song, songs
from genrescope.library.labels.corrections import corrections
from genrescope.similarity.covering import covering
from genrescope.similarity.nearest import SongIndex

COUNT = 10
"""Songs that are suggested where no number is given."""
_COMPARED = 2000  # songs of a larger library that are drawn, and as many of the labelled ones


def suggest(
    index: Index, model: IndexedModel, count: int = COUNT, within: str = ""
) -> tuple[Song, ...]:
    """The songs to label next: those that stand for most others, and are unlike what is labelled.

    Of a model of a person's own labels, songs count by how unsure it is of them. A general model
    is unsure of other songs than such a model will be: by it all songs count the same.

    Args:
        index: of the library.
        model: whose predictions are compared.
        count: how many are wanted.
        within: only what is at or below this path of the library.
    """
    labelled, found = corrections(index), dict[str, Song]()
    for song in songs(index, model, within):
        if song.audio and song.audio not in found and _is_comparable(song):
            found[song.audio] = song
    known = _some([audio for audio in found if audio in labelled])
    others = _some([audio for audio in found if audio not in labelled])
    if not others:
        return ()
    rows = [row for audio in (*known, *others) if (row := found[audio].prediction) is not None]
    units = SongIndex.build(rows, np.stack([np.asarray(row.embedding) for row in rows])).units
    weights = uncertainty(np.stack([row.probabilities for row in rows]))
    chosen = covering(
        *(units, count),
        weights=weights if UNKNOWN in model.genres else None,
        known=np.arange(len(known)),
    )
    return tuple(found[others[at - len(known)]] for at in chosen.tolist())


def _is_comparable(song: Song) -> bool:
    """Whether a song is music and has an embedding; `stored` is of `PREDICTION_COLUMNS`."""
    probabilities, music, embedding, _, _ = song.stored
    return probabilities is not None and embedding is not None and music >= LEAST_MUSIC


def uncertainty(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) entropy of (n, genres) probabilities, 0 where one is sure, 1 where all are as likely."""
    logs = np.log(np.maximum(probabilities, np.finfo(np.float64).tiny))
    return np.asarray(-(probabilities * logs).sum(axis=1) / np.log(probabilities.shape[1]))


def _some(names: list[Any]) -> list[Any]:
    """All, or as many as are compared, drawn by chance."""
    if len(names) <= _COMPARED:
        return names
    drawn = np.random.default_rng(0).permutation(len(names))[:_COMPARED]
    return [names[at] for at in np.sort(drawn).tolist()]
