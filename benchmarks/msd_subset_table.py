"""Tracks of the 10,000-song subset of the Million Song Dataset, by means of Echo Nest values.

A small true task from MSD track ids to the thirteen Top-MAGD genres. The table calls its columns
by names of other descriptors; here they are called what they are: means over the segments of the
Echo Nest Analyzer's timbre components and chroma (Bertin-Mahieux, Ellis, Whitman, Lamere, "The
Million Song Dataset", ISMIR 2011).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from genrescope.data.labels import LabelReport, Labels, assign_labels
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError, UsageError

FEATURE_SET = "echonest_summary"

# Column of the file to what it holds. The means over all components can be recognised by the
# chroma: "spectral_rolloff_mean" is the mean of the row's twelve chroma means.
_NUMBERS = {
    "duration": "duration in seconds",
    "spectral_centroid_mean": "timbre mean over all components",
    "spectral_rolloff_mean": "chroma mean over all pitch classes",
    "tempo": "tempo in beats per minute",
    "mfcc1": "timbre 1 mean",
    "mfcc2": "timbre 2 mean",
    "mfcc3": "timbre 3 mean",
    "loudness_mean": "loudness mean in decibels",
    "key": "key, 0 is C",
    "mode": "mode, 1 is major",
    "time_signature": "beats per bar",
}
_CHROMA = "chroma_mean"
_PITCH_CLASSES = 12
COLUMNS = (*_NUMBERS.values(), *(f"chroma {i} mean" for i in range(_PITCH_CLASSES)))


def load_msd_subset(handle: Iterable[str], place: str = "subset") -> FeatureTable:
    """The table's vectors, (tracks, 23), without labels; `provenance["columns"]` names them.

    Its own genre column mixes vocabularies and is not used.

    Args:
        handle: lines of the CSV file.
        place: what errors call it.

    Raises:
        DataError: a column is missing or a value is not a number; names `place` and the line.
    """
    reader = csv.DictReader(handle)
    needed = [*_NUMBERS, _CHROMA, "filename"]
    if absent := [name for name in needed if name not in (reader.fieldnames or ())]:
        raise DataError(f"no column {', '.join(absent)}", place=place, remedy="is it that file?")
    ids, vectors = [], []
    for row in reader:
        ids.append(row["filename"].removesuffix(".h5"))
        vectors.append(_vector(row, f"{place}:{reader.line_num}"))
    matrix = np.array(vectors, dtype=np.float32).reshape(len(ids), len(COLUMNS))
    provenance = {"dataset": "MSD subset", "columns": list(COLUMNS)}
    return FeatureTable(FEATURE_SET, np.array(ids), matrix, provenance=provenance)


def _vector(row: dict[str, str], place: str) -> list[float]:
    try:
        chroma = [float(value) for value in json.loads(row[_CHROMA])]
        values = [float(row[name]) for name in _NUMBERS] + chroma
    except (ValueError, TypeError) as error:
        remedy = "fetch the file again"
        raise DataError(f"not all numbers: {error}", place=place, remedy=remedy) from None
    if len(values) != len(COLUMNS) or not np.isfinite(values).all():
        remedy = "fetch the file again"
        message = f"{len(chroma)} chroma values or one that is not finite"
        raise DataError(message, place=place, remedy=remedy)
    return values


def read_msd_subset(path: Path, labels: Labels) -> tuple[FeatureTable, LabelReport]:
    """The tracks of the CSV file that `labels` (such as tagtraum CD1) has, and the counts.

    Raises:
        UsageError: there is no such file.
        DataError: the file is not what it should be, or no track has a label.
    """
    if not path.is_file():
        raise UsageError("no such file", place=path)
    with path.open(encoding="utf-8", newline="") as handle:
        table = load_msd_subset(handle, str(path))
    table, report = assign_labels(table, labels)
    return table.labelled(), report
