"""Songs and genres in columns: a person's own CSV file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from genrescope.data.layouts.entry import LabelEntry
from genrescope.errors import DataError
from genrescope.files.text import csv_rows

_DELIMITERS = "\t;,"
_GENRE = ("genre", "label", "genres")


def read_columns(text: str, place: str, group: str = "") -> Iterator[LabelEntry]:
    """The songs of a CSV file; every column beyond song and genre is a kind of group.

    Columns are separated by tabs, semicolons or commas (the first of these that the first line
    has). With a column `genre` or `label` in the first line, that is the genre, and the first
    other column that is not `group` the song; without, the first two columns are song and genre.

    Raises:
        DataError: a line has no song, or no room for its genre.
    """
    lines = table_lines(text, place)
    heads = [cell.casefold() for cell in lines[0][1]]
    headed = has_header(heads)
    genre = next((heads.index(name) for name in _GENRE if name in heads), 1) if headed else 1
    taken = (heads[genre], group.casefold()) if headed else ()
    song = next((i for i, head in enumerate(heads) if head not in taken), 0) if headed else 0
    for number, cells in lines[headed:]:
        if len(cells) <= max(song, genre) or not cells[song]:
            remedy = "write a song and its genre"
            raise DataError("no song with a genre", place=f"{place}:{number}", remedy=remedy)
        others = zip(heads, cells, strict=False) if headed else ()
        groups = {name: cell for name, cell in others if cell}
        yield LabelEntry(number, (cells[song],), cells[genre], groups)


def has_header(cells: Sequence[str]) -> bool:
    """Whether a first line's cells are the names of columns."""
    return any(cell.casefold() in _GENRE for cell in cells)


def table_lines(text: str, place: str) -> list[tuple[int, list[str]]]:
    """The rows of a table that are not empty, and the lines on which they begin, from 1.

    Raises:
        DataError: nothing is in it, or it is no CSV.
    """
    first = text.split("\n", 1)[0]
    delimiter = next((mark for mark in _DELIMITERS if mark in first), ",")
    rows = csv_rows(text, place, delimiter)
    lines = [(line, [cell.strip() for cell in cells]) for line, cells in rows]
    lines = [(line, cells) for line, cells in lines if any(cells)]
    if not lines:
        raise DataError("nothing in it", place=place, remedy="write a song and its genre a line")
    return lines
