"""Two columns that a user wrote, as CSV or JSON: genre and share, or genre and own genre."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from genrescope.errors import DataError
from genrescope.files.text import csv_rows, parse_json, read_text

_DELIMITERS = "\t;,"
_HEADER = "genre"


class Pair(NamedTuple):
    """A key, its value, and where they stand, as `file:line` or the file."""

    key: str
    value: str
    place: str


def read_pairs(path: Path) -> list[Pair]:
    """The pairs in a file, in its order, blanks around them taken off.

    `NAME.json` is one object of text or numbers. Anything else is text of two columns, separated
    by tabs, semicolons or commas (the first of these that the first line has); empty lines and
    lines that begin with # are left out, and so is a first line whose first column is `genre`.

    Raises:
        DataError: the file cannot be read, or is not of that form, or has nothing in it.
    """
    text = read_text(path)
    pairs = _json_pairs(text, path) if path.suffix.lower() == ".json" else _csv_pairs(text, path)
    if not pairs:
        raise DataError("nothing in it", place=path, remedy="write one genre a line")
    return pairs


def _json_pairs(text: str, path: Path) -> list[Pair]:
    # As pairs, so that a key that occurs twice is seen.
    try:
        content: Any = parse_json(text, object_pairs_hook=lambda pairs: pairs)
    except ValueError as error:
        raise DataError(f"not JSON: {error}", place=path) from error
    if not (text.lstrip().startswith("{") and all(_is_plain(value) for _, value in content)):
        raise DataError(
            "not one JSON object of text or numbers", place=path, remedy='as in {"rock": "Rock"}'
        )
    return [Pair(key.strip(), str(value).strip(), str(path)) for key, value in content]


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _csv_pairs(text: str, path: Path) -> list[Pair]:
    lines = ["" if line.lstrip().startswith("#") else line for line in text.split("\n")]
    first = next(filter(str.strip, lines), "")
    delimiter = next((mark for mark in _DELIMITERS if mark in first), ",")
    pairs = []
    for number, row in csv_rows("\n".join(lines), str(path), delimiter):
        cells = [cell.strip() for cell in row]
        if not any(cells) and len(cells) < 2:
            continue
        if len(cells) != 2 or not cells[0]:
            raise DataError(
                f"{len(cells)} columns, not 2",
                place=f"{path}:{number}",
                remedy=f"write two columns with '{delimiter}' between them",
            )
        pairs.append(Pair(cells[0], cells[1], f"{path}:{number}"))
    return pairs[1:] if pairs and pairs[0].key.casefold() == _HEADER else pairs
