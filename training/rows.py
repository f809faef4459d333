"""The vectors to train on: songs in many forms, songs known by two sets only, other sounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones.musicnn import DIMS
from genrescope.data.corpora.tuwien_gtzan import load_tuwien_gtzan
from genrescope.featuresets import EXTRA_SETS, KNOWN_SETS
from genrescope.inference.samples import finite
from genrescope.taxonomy.vocabulary import GTZAN

# The sets that earned a weight when all thirteen were tried: what the others know, these know too.
SETS = ("rp", "rh", "ssd", "tssd", "marsyas_timbral", "jmir_mfcc", "jmir_lpc")
INPUTS = {name: KNOWN_SETS[name].dims for name in (*SETS, *EXTRA_SETS)} | {"musicnn": DIMS}
# Inputs whose networks are trained side by side; a new group leaves the others as they are.
GROUPS = {"fold": (*SETS, "musicnn"), "extra": tuple(EXTRA_SETS)}
NO_MUSIC = -1


@dataclass(frozen=True, eq=False)
class Rows:
    """Vectors of n forms of songs.

    Attributes:
        vectors: by input, (n, dims) float32; NaN where a row has none.
        songs: (n,) which song a row is of.
        forms: (n,) "clean", "form00", or the condition.
        genres: (n,) index into GTZAN's genres, -1 where it is no music.
    """

    vectors: dict[str, NDArray[np.float32]]
    songs: NDArray[np.str_]
    forms: NDArray[np.str_]
    genres: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.songs)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Rows:
        """Some of the rows."""
        vectors = {name: values[rows] for name, values in self.vectors.items()}
        return Rows(vectors, self.songs[rows], self.forms[rows], self.genres[rows])

    def has(self, name: str) -> NDArray[np.bool_]:
        """(n,) whether a row has a vector of the input."""
        return ~np.isnan(self.vectors[name][:, 0])


def joined(parts: Iterable[Rows]) -> Rows:
    """All rows of the parts."""
    parts = list(parts)
    return Rows(
        {name: np.concatenate([part.vectors[name] for part in parts]) for name in INPUTS},
        np.concatenate([part.songs for part in parts]),
        np.concatenate([part.forms for part in parts]),
        np.concatenate([part.genres for part in parts]),
    )


def read_rows(folder: Path) -> Rows:
    """What `hearing.py` wrote into one of its folders."""
    return joined(_read(path) for path in sorted(folder.glob("*.npz")))


def _read(path: Path) -> Rows:
    with np.load(path, allow_pickle=False) as archive:
        forms = archive["forms"]
        vectors = {name: finite(archive[name]) for name in INPUTS}
    genre = path.stem.partition(".")[0]
    index = GTZAN.genres.index(genre) if genre in GTZAN.genres else NO_MUSIC
    return Rows(vectors, np.full(len(forms), path.stem), forms, np.full(len(forms), index))


def read_other_songs(shared: Path, known: Iterable[str]) -> Rows:
    """SSD and RH, at the songs' own level, of the GTZAN songs that are not `known`.

    TU Wien's files have all 1000 songs; of 528 of them there is nothing else.
    """
    folder = shared / "data/gtzan_tuwien_arff"
    tables = {name: load_tuwien_gtzan(folder, name) for name in ("ssd", "rh")}
    ids = tables["ssd"].ids
    other = ~np.isin(ids, list(known))
    count = int(other.sum())
    vectors = {name: np.full((count, dims), np.nan, np.float32) for name, dims in INPUTS.items()}
    for name, table in tables.items():
        vectors[name] = np.asarray(table.read(np.flatnonzero(other)), dtype=np.float32)
    genres = np.array([GTZAN.genres.index(name.partition(".")[0]) for name in ids[other].tolist()])
    return Rows(vectors, ids[other], np.full(count, "clean"), genres)


def read_natural(
    folder: Path,
) -> tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.float32]]]:
    """SSD and RH of the built-in songs at their own level, and at the common one."""
    natural: dict[str, list[NDArray[np.float32]]] = {"ssd": [], "rh": []}
    levelled: dict[str, list[NDArray[np.float32]]] = {"ssd": [], "rh": []}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path, allow_pickle=False) as archive:
            for name in natural:
                natural[name].append(archive[f"natural_{name}"])
                levelled[name].append(archive[name][0])
    return (
        {name: np.stack(values) for name, values in natural.items()},
        {name: np.stack(values) for name, values in levelled.items()},
    )
