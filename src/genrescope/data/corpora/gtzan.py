"""The built-in dataset: descriptors of GTZAN songs (see `builtin_gtzan/README.md`).

Tzanetakis, Cook, "Musical genre classification of audio signals", IEEE TSAP 10(5), 2002.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable, Strings
from genrescope.errors import DataError, UsageError
from genrescope.featuresets import FEATURE_SETS
from genrescope.featuresets import feature_set as feature_set_of

_FOLDER = Path(__file__).with_name("builtin_gtzan")
_TOOLS = {"jmir": "jAudio of jMIR, 2011", "marsyas": "Marsyas 0.6 bextract"}
_RP_EXTRACT = "rp_extract, 2015"
_RP_EXTRACT_2012 = "the algorithm behind TU Wien's published GTZAN files"

CONTAINED = {"rh": ("trh", 4), "ssd": ("tssd", 0)}
"""Sets that another one holds, as this one of its seven statistics: median and mean of segments."""

_SONGS = 100  # of each genre

Variant = Literal["default", "2012"]

# Copy and original by genre and number. Sturm, "The state of the art ten years after a state of the
# art", JNMR 43(2), 2014.
_EXACT = {
    "disco": [(99, 98)],
    "hiphop": [(45, 39), (78, 76)],
    "metal": [(61, 40), (62, 41), (63, 42), (64, 43), (65, 44), (66, 45), (94, 34)],
    "pop": [(60, 54), (71, 67)],
    "reggae": [(82, 81)],
}
# Of one recording, but not sample by sample: cut or coded otherwise.
_NEAR = {
    "jazz": [
        *((51, 33), (53, 34), (55, 35), (58, 36), (60, 37), (62, 38), (65, 39)),
        *((67, 40), (68, 42), (69, 43), (70, 44), (71, 45), (72, 46)),
    ],
    "pop": [(22, 15), (31, 30), (46, 45), (80, 47), (57, 52), (59, 56), (90, 87)],
}


def _ids(table: dict[str, list[tuple[int, int]]]) -> dict[str, str]:
    pairs = [(genre, *pair) for genre, found in table.items() for pair in found]
    return {f"{genre}.{copy:05d}": f"{genre}.{first:05d}" for genre, copy, first in pairs}


KNOWN_REPEATS: dict[str, str] = {**_ids(_EXACT), "rock.00016": "metal.00058"}
"""Each song that is another one, sample by sample, and that one; the last under another genre."""
NEAR_REPEATS: dict[str, str] = _ids(_NEAR)
"""Each song that is another cut or copy of a recording, and the other one."""


def load_gtzan(feature_set: str, variant: Variant = "default") -> FeatureTable:
    """One descriptor set of the built-in songs, with genres; only that set is unpacked.

    GTZAN names no artists. The groups hold known repeats together, nothing else.

    Args:
        feature_set: a key of `FEATURE_SETS`.
        variant: "2012" for the variant of TU Wien's published files, which there is of
            `rp rh ssd tssd trh mvd`.

    Raises:
        UsageError: there is no such set, or it has no such variant.
    """
    feature_set_of(feature_set, FEATURE_SETS)
    with np.load(_FOLDER / "features.npz", allow_pickle=False) as archive:
        ids, matrix = archive["ids"], _matrix(archive, feature_set, variant)
    return FeatureTable(
        feature_set=feature_set,
        ids=ids,
        source=matrix,
        labels=_genres(ids),
        groups=repeat_groups(ids),
        provenance={"dataset": "GTZAN", "variant": variant, "tool": _tool(feature_set, variant)},
    )


def _matrix(archive: NpzFile, feature_set: str, variant: Variant) -> NDArray[np.float32]:
    """(songs, values) of a set, cut out of the one that holds it; raises UsageError."""
    holder, statistic = CONTAINED.get(feature_set, (feature_set, 0))
    end = "" if variant == "default" else f"_{variant}"
    if holder + end not in archive.files:
        having = [name for name in FEATURE_SETS if CONTAINED.get(name, (name,))[0] + end in archive]
        remedy = f"choose from {', '.join(having)}" if having else "variants: default, 2012"
        raise UsageError(f"no variant '{variant}' of '{feature_set}'", remedy=remedy)
    whole = _joined(archive[holder + end])
    dims = FEATURE_SETS[feature_set].dims
    return np.ascontiguousarray(whole[:, statistic * dims : (statistic + 1) * dims])


def _joined(planes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(songs, values) from the bytes of each number, (4, songs, values), the lowest first."""
    numbers = np.ascontiguousarray(np.moveaxis(planes, 0, -1)).view("<f4")[..., 0]
    return numbers.astype(np.float32, copy=False)


def fault_filtered_split(table: FeatureTable) -> Split:
    """The fault-filtered artist-aware split: train and validation parts to train, test to test.

    Kereliuk, Sturm, Larsen, "Deep learning and music adversaries", IEEE TMM 17(11), 2015. Songs
    that it leaves out are in neither part.

    Args:
        table: any table whose ids are GTZAN's (`blues.00000`).

    Raises:
        DataError: no song of the table is in it.
    """
    parts = _column("fault_filtered_split.csv", "part")
    part = np.array([parts.get(name, "") for name in table.ids.tolist()])
    train, test = np.isin(part, ["train", "valid"]), part == "test"
    if not train.any() or not test.any():
        remedy = "it is for GTZAN's songs, called blues.00000 and so on"
        raise DataError("too few songs of the table are in the fault-filtered split", remedy=remedy)
    return Split("fault-filtered", np.flatnonzero(train), np.flatnonzero(test))


def of_whole_genres(table: FeatureTable) -> FeatureTable:
    """The songs of genres of which no song is missing.

    Args:
        table: any table of GTZAN's songs with their genres.

    Raises:
        DataError: there are fewer than two such genres.
    """
    labels = np.asarray(table.labels)
    genres, counts = np.unique(labels, return_counts=True)
    whole = genres[counts == _SONGS]
    if len(whole) < 2:
        raise DataError(f"{len(whole)} genres of '{table.feature_set}' have all their songs")
    return table.take(np.flatnonzero(np.isin(labels, whole)))


def with_proxy_artist_groups(table: FeatureTable) -> FeatureTable:
    """`table`, grouped by up to ten songs that lie side by side in GTZAN's numbering.

    GTZAN names no artists, but numbers most artists' songs in a row. Where learning shall hold for
    other artists, such neighbours belong on one side of inner splits, too: otherwise whatever is
    chosen there is chosen for knowing artists again. No group reaches from one part of the
    fault-filtered split into another, since an artist does not.

    Args:
        table: any table whose ids are GTZAN's (`blues.00000`).
    """
    parts = _column("fault_filtered_split.csv", "part")
    names = table.ids.tolist()
    groups = [f"{name[:-1]}_ {parts.get(name, '')}".rstrip() for name in names]
    return replace(table, groups=np.array(groups))


def repeat_groups(ids: Strings) -> Strings:
    """(n,) one name for all songs that are one recording, as far as known, "" for every other."""
    repeats = KNOWN_REPEATS | NEAR_REPEATS
    group = {original: original for original in repeats.values()} | repeats
    return np.array([group.get(name, "") for name in ids.tolist()])


def genres_by_id() -> dict[str, str]:
    """The genre of each built-in song."""
    return _column("songs.csv", "genre")


def _genres(ids: Strings) -> Strings:
    genres = genres_by_id()
    return np.array([genres[name] for name in ids.tolist()])


def _tool(feature_set: str, variant: str) -> str:
    rp_extract = _RP_EXTRACT if variant == "default" else _RP_EXTRACT_2012
    return _TOOLS.get(feature_set.partition("_")[0], rp_extract)


def _column(file: str, column: str) -> dict[str, str]:
    """Id to the value of a column of one of the built-in CSV files."""
    with (_FOLDER / file).open(encoding="utf-8", newline="") as handle:
        return {row["id"]: row[column] for row in csv.DictReader(handle)}
