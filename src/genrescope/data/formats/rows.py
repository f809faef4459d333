"""Reading rows one by one: slower than `delimited`, but exact about what is wrong and where."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from genrescope.data.formats.columns import Column, Layout
from genrescope.data.formats.fields import split_fields, unquote
from genrescope.data.table import Matrix
from genrescope.errors import DataError

Missing = Literal["error", "nan"]

# What rounds to infinity as float32: half a step above the largest.
_TOO_LARGE = float(np.finfo(np.float32).max) * (1 + 2**-25)


@dataclass(frozen=True)
class Rows:
    """Rows of a feature file.

    Attributes:
        vectors: (rows, dims) float32.
        ids: one a row; None where the file has no id column.
        labels: one a row, "" where missing; None where the file has no genre column.
    """

    vectors: Matrix
    ids: list[str] | None
    labels: list[str] | None


def read_rows(text: bytes, line: int, path: Path, layout: Layout, missing: Missing) -> Rows:
    """The rows in `text`; blank lines and `%` comments are passed over.

    Args:
        text: whole lines.
        line: 1-based number of the first of them.
        path: the file, for errors.
        layout: what its columns are.
        missing: whether a missing or non-finite value is an error or becomes NaN.

    Raises:
        DataError: a row is not as `layout` has it; names the line.
    """
    vectors, ids, labels = [], [], []
    for place, row in _data_lines(text, line, path):
        fields = _fields(row, layout, place)
        vectors.append([_number(fields[i], i, layout, missing, place) for i in layout.values])
        if layout.id is not None:
            ids.append(_id(fields[layout.id], place))
        if layout.label is not None:
            labels.append(_label(fields[layout.label], layout.columns[layout.label], place))
    matrix = np.array(vectors, dtype=np.float64).reshape(len(vectors), layout.dims)
    with np.errstate(over="ignore"):
        single = matrix.astype(np.float32)
    return Rows(
        single,
        None if layout.id is None else ids,
        None if layout.label is None else labels,
    )


def _data_lines(text: bytes, line: int, path: Path) -> Iterator[tuple[str, str]]:
    """(file:line, text) of each line that is neither blank nor a comment."""
    for number, raw in enumerate(text.split(b"\n"), line):
        stripped = raw.strip()
        if not stripped or stripped.startswith(b"%"):
            continue
        place = f"{path}:{number}"
        try:
            yield place, stripped.decode("utf-8")
        except UnicodeDecodeError:
            raise DataError("not UTF-8 text", place=place, remedy=_encoding_remedy(raw)) from None


def _encoding_remedy(line: bytes) -> str:
    """What to do about a line that is not UTF-8, by what it seems to be."""
    if b"\0" in line:
        return "it is no text, or UTF-16: save it as UTF-8"
    return "it seems to be Latin-1 (Windows-1252): save it as UTF-8"


def _row_remedy(row: str, fields: list[str], expected: int) -> str:
    """What to do about a row of too few or too many values, by what it seems to be."""
    if row.endswith("}") and fields[-1].lstrip().startswith("{"):
        return "its last value is a weight, which is not understood: remove {...} from all rows"
    if len(row.split("\t")) == expected > 1:
        return "its values are separated by tabs: separate them by commas"
    return "the file is cut off or damaged here: fetch it again"


def _fields(row: str, layout: Layout, place: str) -> list[str]:
    """The fields of `row`, trailing commas dropped."""
    if row.startswith("{"):
        raise DataError(
            "sparse rows are not understood", place=place, remedy="write one value a column"
        )
    fields, expected = split_fields(row), len(layout.columns)
    while len(fields) > expected and not fields[-1]:
        fields.pop()
    if len(fields) != expected:
        raise DataError(
            f"{len(fields)} values in the row, {expected} columns declared",
            place=place,
            remedy=_row_remedy(row, fields, expected),
        )
    return fields


def _number(field: str, column: int, layout: Layout, missing: Missing, place: str) -> float:
    """The value of `field`; NaN where it is missing and that is allowed."""
    name = layout.columns[column].name
    try:
        text = unquote(field)
        value = math.nan if text in ("", "?") else float(text.replace("_", "?"))
    except ValueError:
        raise DataError(
            f"'{field}' in column '{name}' is not a number",
            place=place,
            remedy="the file is damaged here or its columns are not those declared",
        ) from None
    if missing == "error" and not abs(value) < _TOO_LARGE:
        raise DataError(
            f"'{field}' in column '{name}' is missing or not finite",
            place=place,
            remedy="drop the row, or keep such values with --missing nan",
        )
    return value


def _text(field: str, place: str) -> str:
    """`field` without its quotes, "" where it is missing."""
    try:
        return "" if field == "?" else unquote(field)
    except ValueError as error:
        raise DataError(
            str(error), place=place, remedy="the file is cut off or damaged here: fetch it again"
        ) from None


def _id(field: str, place: str) -> str:
    text = _text(field, place)
    if not text:
        raise DataError("a row without an id", place=place, remedy="drop the row or name it")
    return text


def _label(field: str, column: Column, place: str) -> str:
    text = _text(field, place)
    if text and column.categories and text not in column.categories:
        raise DataError(
            f"'{text}' is not one of the values declared for '{column.name}'",
            place=place,
            remedy="the file is cut off or damaged here: fetch it again",
        )
    return text
