"""Vectors of pretrained networks, or of their students, of GTZAN's songs, from a file or folder."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones.family import BACKBONES
from genrescope.data.corpora.gtzan import genres_by_id, repeat_groups
from genrescope.data.store.reader import is_store, open_store
from genrescope.data.table import FeatureTable, Matrix, Strings
from genrescope.errors import DataError
from genrescope.files.compressed import DAMAGES
from genrescope.sources import PREDICTED, tagging_network

NAMES = (*BACKBONES, *(PREDICTED + name for name in BACKBONES))
"""Of networks, and of the tags that a student predicts in the place of each."""

_REMEDY = "extract them from GTZAN's audio: genrescope extract FOLDER -o PATH --sets audioset"


def load_network_vectors(path: Path) -> dict[str, FeatureTable]:
    """The vectors of the built-in songs, by network; songs that are not built in are left out.

    Args:
        path: a folder of stores called after the networks, as `genrescope extract` writes them, or
            an NPZ file of `ids` and a matrix (songs, dims) called after each network. A song's id
            is its file's name, with or without folders and ending. `student_NAME` are the tags of
            a network, (songs, tags), as predicted from descriptors by a student, which must not
            have been fitted to GTZAN.

    Raises:
        DataError: there are none, or they are of other songs or another network.
    """
    found = _stores(path) if path.is_dir() else _arrays(path)
    if not found:
        names = ", ".join(BACKBONES)
        raise DataError(f"no vectors of {names}", place=path, remedy=_REMEDY)
    return {name: _built_in(table, path) for name, table in found.items()}


def _stores(folder: Path) -> dict[str, FeatureTable]:
    return {name: open_store(folder / name) for name in NAMES if is_store(folder / name)}


def _arrays(path: Path) -> dict[str, FeatureTable]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {
                name: FeatureTable(name, archive["ids"].astype(np.str_), _floats(archive[name]))
                for name in NAMES
                if name in archive.files
            }
    except (OSError, ValueError, KeyError, TypeError, MemoryError, *DAMAGES) as error:
        raise DataError(
            f"not an NPZ file of vectors: {error}", place=path, remedy=_REMEDY
        ) from error


def _floats(matrix: NDArray[Any]) -> Matrix:
    with np.errstate(over="ignore"):  # infinity is refused with its song's name
        return matrix.astype(np.float32)


def _built_in(table: FeatureTable, path: Path) -> FeatureTable:
    """The rows of built-in songs, with their genres; sorted by id as `load_gtzan` has them.

    Folds depend on the order: so they are the same for networks and for descriptors.
    """
    name, genres = table.feature_set, genres_by_id()
    dims, trained_on = _facts(name)
    if table.source.ndim != 2 or table.dims != dims:
        shape = table.source.shape
        raise DataError(f"{name} has {dims} values, not {shape[1:]}", place=path)
    ids = np.array([_song(name) for name in table.ids.tolist()])
    rows = np.flatnonzero([name in genres for name in ids.tolist()])
    if not len(rows):
        remedy = "songs are called blues.00000 and so on"
        raise DataError(f"{name}: none of GTZAN's built-in songs", place=path, remedy=remedy)
    rows = rows[np.argsort(ids[rows], kind="stable")]
    kept, taken = ids[rows], table.take(rows)
    _check(kept, taken, path)
    return replace(
        taken,
        ids=kept,
        labels=np.array([genres[name] for name in kept.tolist()]),
        groups=repeat_groups(kept),
        provenance={"dataset": "GTZAN", "network": name, "trained_on": trained_on},
    )


def _check(ids: Strings, table: FeatureTable, path: Path) -> None:
    """Raises: DataError where a song is there twice, or one of its values is not finite."""
    names, counts = np.unique(ids, return_counts=True)
    if (counts > 1).any():
        message = f"{table.feature_set}: {names[counts.argmax()]} is there twice"
        raise DataError(message, place=path, remedy="keep one row a song")
    if not (finite := np.isfinite(table.read()).all(axis=1)).all():
        message = f"{table.feature_set}: a value of {ids[finite.argmin()]} is not finite"
        raise DataError(message, place=path, remedy=_REMEDY)


def _facts(name: str) -> tuple[int, str]:
    """The values in a vector, and what it was trained on."""
    network = tagging_network(name)
    assert network is not None  # of NAMES
    if name == network.name:
        return network.dims, network.trained_on
    return len(network.tags), f"the tags of {network.name} ({network.trained_on})"


def _song(name: str) -> str:
    """`blues.00000` of `gtzan/blues.00000.flac`."""
    found = re.search(r"[a-z]+\.\d{5}(?=(\.\w+)?$)", name)
    return found[0] if found else name
