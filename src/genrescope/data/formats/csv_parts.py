"""The CSV mirrors: rows without a header in parts, with the columns in a file of their own."""

from __future__ import annotations

from pathlib import Path

from genrescope.data.formats.columns import Layout, parse_attribute
from genrescope.data.formats.streams import Part, header_lines
from genrescope.errors import DataError


def find_parts(path: Path) -> tuple[Layout, tuple[Part, ...]]:
    """What the columns of `path` are, and its files of rows in order.

    Args:
        path: `NAME.csv`, a folder of `part-00000.csv` (or `.csv.gz`) files or one such file;
            `NAME.attributes.csv` with `name,type` lines lies beside it or in it.

    Raises:
        DataError: the attributes file or the parts are missing or not understood.
    """
    files = sorted(path.glob("part-*.csv*")) if path.is_dir() else [path]
    if not files:
        raise DataError("no part-*.csv file in the folder", place=path, remedy="fetch them again")
    return _read_attributes(_attributes_file(path)), tuple(Part(file) for file in files)


def _attributes_file(path: Path) -> Path:
    name = f"{path.name.removesuffix('.gz').removesuffix('.csv')}.attributes.csv"
    for folder in (path.parent, path):
        for candidate in (folder / name, folder / f"{name}.gz"):
            if candidate.is_file():
                return candidate
    raise DataError(
        "a CSV file of features needs its columns declared",
        place=path,
        remedy=f"put {name} beside it, one line `name,type` a column",
    )


def _read_attributes(path: Path) -> Layout:
    lines = [
        (f"{path}:{after.line - 1}", line)
        for after, line in header_lines(path)
        if line and not line.startswith("%")
    ]
    return Layout.of([parse_attribute(line, place) for place, line in lines], str(path))
