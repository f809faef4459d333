"""TU Wien's feature files of all GTZAN songs, `gtzan_NAME.arff`, from a folder that the user has.

Rows have no ids but a fixed order: a hundred songs of each genre, genres by the alphabet. In the
files made with Marsyas the hundred rows of disco repeat those of hiphop.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from genrescope.data.corpora.gtzan import repeat_groups
from genrescope.data.formats.featurefile import read_table
from genrescope.data.join import join
from genrescope.data.table import FeatureTable, Strings
from genrescope.errors import UsageError
from genrescope.taxonomy.vocabulary import GTZAN

_SONGS = 100
# The sets that have the layout of one of ours; the others are called by their file's stem.
_OUR_SETS = {"rh": "rh", "ssd": "ssd", "timbral": "marsyas_timbral"}


def load_tuwien_gtzan(folder: Path, name: str) -> FeatureTable:
    """One of the files, with ids (`blues.00000`), genres, and groups of known exact repeats.

    A genre whose rows repeat another's, row by row, is left out; `provenance["left_out"]` names it.

    Args:
        folder: where `gtzan_NAME.arff` is.
        name: `rh`, `ssd`, `timbral`, `mfcc`, `chroma` and so on.

    Raises:
        UsageError: there is no such file, or it has not a row for every song.
        DataError: the file cannot be read; names file and line.
    """
    table = load_whole_tuwien_gtzan(folder, name)
    faulty = table.provenance["repeated"]
    table = replace(table, provenance={**table.provenance, "left_out": faulty})
    left = ~np.isin(np.repeat(GTZAN.genres, _SONGS), list(faulty))
    return table.take(np.flatnonzero(left)) if faulty else table


def load_whole_tuwien_gtzan(folder: Path, name: str) -> FeatureTable:
    """As `load_tuwien_gtzan`, but all thousand rows: to look at the faults themselves.

    `provenance["repeated"]` names each genre whose rows repeat another's, and why it is the fault.
    """
    path = folder / f"gtzan_{name}.arff"
    if not path.is_file():
        known = tuwien_files(folder)
        remedy = f"there are {', '.join(known)}" if known else "are gtzan_*.arff files in it?"
        raise UsageError(f"no gtzan_{name}.arff", place=folder, remedy=remedy)
    table = read_table(path, _OUR_SETS.get(name), ids=_ids())
    genres = np.repeat(GTZAN.genres, _SONGS)
    repeated = _repeated_genres(table, genres)
    return replace(
        table,
        labels=genres,
        groups=repeat_groups(table.ids),
        provenance={**table.provenance, "dataset": "GTZAN, TU Wien", "repeated": repeated},
    )


def tuwien_files(folder: Path) -> list[str]:
    """Names of the files that are in `folder`: `chroma`, `rh` and so on."""
    return sorted(file.stem.removeprefix("gtzan_") for file in folder.glob("gtzan_*.arff"))


def load_tuwien_sets(folder: Path, names: Sequence[str]) -> tuple[FeatureTable, ...]:
    """Several of the files, all restricted to the songs that each of them has.

    Raises:
        UsageError, DataError: as `load_tuwien_gtzan`, or no file is named.
    """
    return join([load_tuwien_gtzan(folder, name) for name in names]).tables


def faults_of(tables: Iterable[FeatureTable]) -> list[str]:
    """A sentence for each genre that files lack: `no disco in marsyas_timbral: rows ...`."""
    sets: dict[tuple[str, str], list[str]] = {}
    for table in tables:
        for fault in table.provenance["left_out"].items():
            sets.setdefault(fault, []).append(table.feature_set)
    return [f"no {genre} in {', '.join(n)}: {reason}" for (genre, reason), n in sets.items()]


def _ids() -> list[str]:
    return [f"{genre}.{number:05d}" for genre in GTZAN.genres for number in range(_SONGS)]


def _repeated_genres(table: FeatureTable, genres: Strings) -> dict[str, str]:
    """Genres to leave out, and why: their rows equal another genre's.

    Of two such genres the one is wrong that the file calls by another name; both, if neither is.
    """
    rows = {genre: np.flatnonzero(genres == genre) for genre in GTZAN.genres}
    stated = genres if table.labels is None else table.labels
    misnamed = {genre for genre in rows if GTZAN.find(str(stated[rows[genre][0]])) != genre}
    faulty = {}
    for pair in itertools.combinations(GTZAN.genres, 2):
        if np.array_equal(table.source[rows[pair[0]]], table.source[rows[pair[1]]]):
            for genre in misnamed.intersection(pair) or pair:
                (other,) = set(pair) - {genre}
                span = f"rows {rows[genre][0]} to {rows[genre][-1]}"
                faulty[genre] = f"{span} repeat those of {other}"
    return faulty
