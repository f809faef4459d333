"""The songs that a model was trained on, as far as it keeps their embeddings."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from genrescope.errors import DataError
from genrescope.similarity.nearest import SongIndex, nearest

FILE = "neighbours.npz"
"""In a model's folder: `ids` (n,), `genres` (n,), `embedding` (n, e), standardised."""


@dataclass(frozen=True)
class Neighbour:
    """A song that the model was trained on.

    Attributes:
        id: its name in the dataset.
        genre: its genre there.
        similarity: to the song in question, -1 to 1.
    """

    id: str
    genre: str
    similarity: float


def nearest_training_songs(
    folder: Path, embedding: ArrayLike | None, count: int
) -> tuple[Neighbour, ...]:
    """The training songs most similar to a song, most similar first.

    None where the model in `folder` keeps no songs, or the song has no embedding.

    Raises:
        DataError: what the model keeps is damaged.
    """
    if embedding is None or not (folder / FILE).is_file():
        return ()
    index, genres = _load(folder / FILE)
    positions, similarity = nearest(index, embedding, count)
    return tuple(
        Neighbour(str(index.ids[position]), genres[position], float(value))
        for position, value in zip(positions.tolist(), similarity, strict=True)
    )


@lru_cache(maxsize=2)
def _load(path: Path) -> tuple[SongIndex, list[str]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            index = SongIndex.build(archive["ids"].tolist(), archive["embedding"])
            genres = [str(name) for name in archive["genres"]]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, DataError) as error:
        raise DataError(
            f"not the songs of a model: {error}", place=path, remedy="install the model again"
        ) from error
    if len(genres) != len(index):
        raise DataError(f"{len(genres)} genres of {len(index)} songs", place=path)
    return index, genres
