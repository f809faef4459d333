"""The header of an ARFF file (Attribute-Relation File Format, of Weka)."""

from __future__ import annotations

from pathlib import Path

from genrescope.data.formats.columns import Column, Layout, parse_attribute
from genrescope.data.formats.streams import Part, header_lines
from genrescope.errors import DataError


def read_header(path: Path) -> tuple[Layout, Part]:
    """What the columns of `path` (`.arff` or `.arff.gz`) are, and where its rows start.

    Raises:
        DataError: it is not an ARFF file; names file and line.
    """
    columns: list[Column] = []
    place = f"{path}:1"
    for after, line in header_lines(path):
        place = f"{path}:{after.line - 1}"
        word = line.split(maxsplit=1)[0].lower() if line else ""
        if word == "@data":
            return Layout.of(columns, place), after
        if word == "@attribute":
            columns.append(parse_attribute(line[len(word) :], place))
        elif word != "@relation" and not word.startswith("%") and word:
            raise DataError(
                f"'{line[:40]}' in the header of an ARFF file",
                place=place,
                remedy="only @relation, @attribute, @data and % comments are expected: "
                "is this an ARFF file?",
            )
    raise DataError(
        "the file ends before @data", place=place, remedy="it is cut off: fetch it again"
    )
