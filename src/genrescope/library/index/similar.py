"""The songs of a library that are most like a song, from what its index keeps."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import UsageError
from genrescope.files.names import as_listed
from genrescope.inference.card import DescribedModel
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.collection import classify_files
from genrescope.inference.prediction import Prediction
from genrescope.inference.registry import find_model
from genrescope.library.index.database import Index
from genrescope.library.index.locate import BELOW
from genrescope.library.index.models import PREDICTION_COLUMNS, IndexedModel
from genrescope.library.tagging.rows.batches import TagReader, labels_of
from genrescope.similarity.files import (
    SimilarSong,
    SimilarSongs,
    embedding_of,
    styles_to_share,
    sure_styles,
)
from genrescope.similarity.nearest import SongIndex, nearest

_AT_A_TIME = 2048  # songs whose labels are looked at together
_COMPARED = f"""
    FROM files JOIN results USING (audio)
    WHERE {BELOW} AND model = ?2 AND embedding IS NOT NULL AND music > 0 ORDER BY path
"""
_EMBEDDINGS = f"SELECT path, embedding {_COMPARED}"
_PREDICTIONS = f"SELECT path, {PREDICTION_COLUMNS} {_COMPARED}"
_PREDICTION = f"""
    SELECT {PREDICTION_COLUMNS} FROM files JOIN results USING (audio)
    WHERE path = ? AND model = ?
"""


def similar_in_index(
    index: Index,
    song: Path,
    model: IndexedModel,
    *,
    count: int = 10,
    within: str = "",
    within_style: bool = False,
) -> SimilarSongs | None:
    """The files of a library most similar to a song; only the song is analysed, if it is new.

    Args:
        index: of the library.
        song: an audio file, in the library or elsewhere.
        model: by whose results songs are compared.
        count: how many are wanted.
        within: compare only with what is at or below this path of the library.
        within_style: only songs that share a style with it.

    Returns:
        What was found; None where the index has no embeddings of the model, or the song is not in
        it and the model is no longer there.

    Raises:
        AudioError: the song has no sound to classify.
        UsageError: the song has no style to share.
    """
    own = _path_in(index, song)
    rows = index.rows(_EMBEDDINGS, os.fsencode(within), model.id)
    found = {path: embedding for path, embedding in rows if os.fsdecode(path) != own}
    wanted = _song(index, song, own, model)
    if wanted is None or not found:
        return None
    if within_style:
        alike = set(_sharing(index, model, within, styles_to_share(wanted)))
        found = {path: embedding for path, embedding in found.items() if path in alike}
        if not found:
            return SimilarSongs(wanted, (), 0, ())
    _, query = embedding_of(wanted)
    values = np.frombuffer(b"".join(found.values()), np.float16).reshape(len(found), -1)
    paths = [os.fsdecode(path) for path in found]
    positions, similarity = nearest(SongIndex.build(paths, values), query, count)
    nearest_paths = [paths[position] for position in positions.tolist()]
    similar = _similar(index, nearest_paths, similarity, model)
    return SimilarSongs(wanted, similar, len(found), ())


def _sharing(
    index: Index, model: IndexedModel, within: str, styles: frozenset[str]
) -> Iterator[bytes]:
    """The paths of songs that have one of these styles."""
    reader = TagReader.of(model, labelled=True)
    rows = index.rows(_PREDICTIONS, os.fsencode(within), model.id)
    while some := list(islice(rows, _AT_A_TIME)):
        labels = labels_of([row[1:] for row in some], model, reader)
        for (path, *_), own in zip(some, labels, strict=True):
            if styles & sure_styles(own):
                yield path


def _similar(
    index: Index, paths: list[str], similarity: NDArray[np.float32], model: IndexedModel
) -> tuple[SimilarSong, ...]:
    predictions = (_prediction(index, path, model) for path in paths)
    return tuple(
        SimilarSong(index.root / path, float(value), prediction.genre)
        for path, value, prediction in zip(paths, similarity, predictions, strict=True)
        if prediction is not None
    )


def _prediction(index: Index, path: str, model: IndexedModel) -> Prediction | None:
    """What the index has of the file of this path by the model."""
    row = next(index.rows(_PREDICTION, os.fsencode(path), model.id), None)
    return None if row is None else model.prediction(row)


def _path_in(index: Index, song: Path) -> str:
    """The song's path as the index has it; empty where it is elsewhere."""
    for path in (Path(os.path.abspath(song)), Path(os.path.realpath(song))):  # noqa: PTH100
        if path.is_relative_to(index.root):
            return as_listed(index.root, path.relative_to(index.root)).as_posix()
    return ""


def _song(index: Index, song: Path, own: str, model: IndexedModel) -> ClassifiedSong | None:
    """What the model predicts of the song, from the index or now; None where it is not there."""
    known = _prediction(index, own, model) if own else None
    if known is not None and known.embedding is not None:
        return ClassifiedSong(song, known, 0.0, 0.0, 0.0)
    try:
        found = DescribedModel.read(find_model(model.name))
    except UsageError:
        return None
    if found.digest != model.digest:
        return None
    return embedding_of(next(classify_files([song], found.folder)))[0]
