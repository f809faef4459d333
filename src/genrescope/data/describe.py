"""What a store or a feature file holds, by its header and some of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genrescope.data.formats.featurefile import FeatureFile
from genrescope.data.opened import open_source
from genrescope.data.table import FeatureTable, Matrix

_SAMPLE_ROWS = 2000
_SAMPLE_BYTES = 1 << 20


@dataclass(frozen=True)
class Description:
    """What a store or a feature file holds.

    Attributes:
        feature_set: name of the set.
        rows: number of rows; of a file, an estimate unless `exact`.
        exact: whether `rows` has been counted.
        columns: name of each value of a vector.
        example: id of the first row.
        sample: (some rows, dims) float32.
        labels: genre of each row of the sample; None where there are none.
        provenance: where the values come from.
    """

    feature_set: str
    rows: int
    exact: bool
    columns: tuple[str, ...]
    example: str
    sample: Matrix
    labels: tuple[str, ...] | None
    provenance: Mapping[str, Any]


def describe(path: str | Path) -> Description:
    """Look at a store (rows spread over all of it) or a feature file (its first rows).

    Raises:
        DataError: it cannot be read; names the place.
    """
    source, columns = open_source(path)
    if isinstance(source, FeatureTable):
        return _describe_store(source, columns)
    return _describe_file(source)


def _describe_store(table: FeatureTable, columns: tuple[str, ...]) -> Description:
    some = np.unique(np.linspace(0, len(table) - 1, _SAMPLE_ROWS).astype(np.int64))
    return Description(
        table.feature_set,
        len(table),
        True,
        columns,
        str(table.ids[0]),
        table.read(some),
        None if table.labels is None else tuple(table.labels[some].tolist()),
        table.provenance,
    )


def _describe_file(file: FeatureFile) -> Description:
    chunk = next(file.chunks(missing="nan", size=_SAMPLE_BYTES))
    rows, share = len(chunk.ids), chunk.after.read / file.bytes
    return Description(
        file.feature_set,
        round(rows / share),
        share >= 1 and len(file.parts) == 1,
        file.layout.names,
        chunk.ids[0],
        chunk.vectors,
        None if chunk.labels is None else tuple(chunk.labels),
        file.fingerprint(),
    )
