"""A feature table in the formats that other programs read: Parquet, CSV, ARFF, NPZ.

The id is the first column of Parquet and CSV, and the last of ARFF, as in the published files.
Values are float32, written with the nine digits that carry them unchanged.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import numpy as np

from genrescope.data.table import FeatureTable
from genrescope.errors import MissingExtraError
from genrescope.files.atomic import atomic_write, polars_errors
from genrescope.sources import find_source

_ROWS = 4096  # in memory at a time: 24 MB of the widest set
_ID = "id"
_ESCAPES = str.maketrans(
    {"\\": r"\\", "'": r"\'", '"': r"\"", "%": r"\%", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
)


def write_table(table: FeatureTable, path: Path, format_: str) -> None:
    """Write `table` to `path`, complete or not at all.

    Args:
        table: of one of `SOURCES`.
        path: the file; replaced if it exists.
        format_: a key of `FORMATS`.

    Raises:
        MissingExtraError: Parquet, and polars is not installed.
        UsageError: it is of no such set.
    """
    with atomic_write(path) as temporary:
        FORMATS[format_](table, temporary)


def write_csv(table: FeatureTable, path: Path) -> None:
    """Comma-separated, RFC 4180, with a header: the id, then each value by its readable name."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([_ID, *find_source(table.feature_set).columns])
        for name, values in _printed(table):
            writer.writerow([name, *values])


def write_arff(table: FeatureTable, path: Path) -> None:
    """Weka's format: numeric attributes, the id last as a string attribute."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        _write_arff_head(table, file)
        for name, values in _printed(table):
            file.write(",".join([*values, _quoted(name)]) + "\n")


def _write_arff_head(table: FeatureTable, file: TextIO) -> None:
    file.write(f"% {find_source(table.feature_set).title}, extracted by genrescope\n")
    file.write(f"@relation {_quoted(table.feature_set)}\n\n")
    for column in find_source(table.feature_set).columns:
        file.write(f"@attribute {_quoted(column)} numeric\n")
    file.write(f"@attribute {_ID} string\n\n@data\n")


def _quoted(text: str) -> str:
    """`text` in single quotes, with Weka's escapes."""
    return "'" + text.translate(_ESCAPES) + "'"


def _printed(table: FeatureTable) -> Iterator[tuple[str, list[str]]]:
    """The id of each row and its values as text."""
    for start, block in table.batches(_ROWS):
        for name, row in zip(table.ids[start : start + len(block)], block.tolist(), strict=True):
            yield str(name), [f"{value:.9g}" for value in row]


def write_npz(table: FeatureTable, path: Path) -> None:
    """A NumPy archive of `ids` (rows,), `matrix` (rows, dims) float32 and `columns` (dims,)."""
    columns = np.array(find_source(table.feature_set).columns)
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in (("ids", table.ids), ("columns", columns)):
            with archive.open(_member(name), "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asarray(array), allow_pickle=False)
        with archive.open(_member("matrix"), "w", force_zip64=True) as file:
            np.lib.format.write_array_header_2_0(
                file, {"descr": "<f4", "fortran_order": False, "shape": (len(table), table.dims)}
            )
            for _, block in table.batches(_ROWS):
                file.write(block.astype("<f4").tobytes())


def _member(name: str) -> zipfile.ZipInfo:
    """An archive member without a time of day, so that equal tables give equal files."""
    return zipfile.ZipInfo(f"{name}.npy")


def write_parquet(table: FeatureTable, path: Path) -> None:
    """Columns `id` and each value by its readable name, streamed."""
    try:
        import polars
        from polars.io.plugins import register_io_source
    except ImportError:
        raise MissingExtraError.of("train", "writing Parquet") from None
    columns = list(find_source(table.feature_set).columns)

    def blocks(*_: object) -> Iterator[polars.DataFrame]:
        for start, values in table.batches(_ROWS):
            names = polars.Series(_ID, table.ids[start : start + len(values)].tolist())
            yield polars.from_numpy(values, schema=columns).insert_column(0, names)

    schema = {_ID: polars.String} | dict.fromkeys(columns, polars.Float32)
    with polars_errors():
        register_io_source(blocks, schema=schema).sink_parquet(path)


FORMATS: dict[str, Callable[[FeatureTable, Path], None]] = {
    "parquet": write_parquet,
    "csv": write_csv,
    "arff": write_arff,
    "npz": write_npz,
}
