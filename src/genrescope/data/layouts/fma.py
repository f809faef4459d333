"""FMA's `tracks.csv`: three header lines, a track a line, audio in `fma_small/000/000002.mp3`.

Defferrard, Benzi, Vandergheynst, Bresson, "FMA: a dataset for music analysis", ISMIR 2017.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from genrescope.data.layouts.entry import LabelEntry
from genrescope.errors import DataError
from genrescope.files.text import csv_rows, parse_json

_PARTS = {"training": "train", "validation": "valid", "test": "test"}
_TOP, _ALL, _SPLIT = ("track", "genre_top"), ("track", "genres_all"), ("set", "split")
_GROUPS = {"artist": ("artist", "id"), "album": ("album", "id")}


def is_fma(text: str) -> bool:
    """Whether this is the text of a `tracks.csv`."""
    first, _, rest = text.partition("\n")
    return first.startswith(",") and "genre_top" in rest.partition("\n")[0]


def read_fma(text: str, place: str, names: Mapping[int, str] | None = None) -> Iterator[LabelEntry]:
    """The tracks of `tracks.csv`.

    Args:
        text: of the file.
        place: its name, for messages.
        names: of the genres by number, as `genres.csv` has them: then a track has all genres of
            `genres_all`; without, its `genre_top`.

    Raises:
        DataError: a column is missing, or a line is not of this layout.
    """
    rows = csv_rows(text, place)
    heads = _heads([cells for _, cells in islice(rows, 3)], place)
    column = {head: number for number, head in enumerate(heads)}
    for at, cells in rows:
        line = f"{place}:{at}"
        if len(cells) != len(heads) or not cells[0].isdigit():
            remedy = "take the unchanged tracks.csv of fma_metadata.zip"
            raise DataError(f"no track of {len(heads)} columns", place=line, remedy=remedy)
        genre = cells[column[_TOP]]
        if names is not None:
            genre = "|".join(_named(cells[column[_ALL]], names, line)) or genre
        groups = {
            kind: cells[column[head]]
            for kind, head in _GROUPS.items()
            if head in column and cells[column[head]]
        }
        part = _PARTS.get(cells[column[_SPLIT]], "")
        number = int(cells[0])
        path = f"{number // 1000:03d}/{number:06d}.mp3"
        yield LabelEntry(at, (path, f"{number:06d}"), genre, groups, part)


def read_fma_genres(text: str, place: str) -> dict[int, str]:
    """The names of FMA's genres by number, from the text of `genres.csv`.

    Raises:
        DataError: it has no columns `genre_id` and `title`.
    """
    try:
        (_, heads), *rows = csv_rows(text, place)
        number, title = heads.index("genre_id"), heads.index("title")
        return {int(cells[number]): cells[title] for _, cells in rows if cells}
    except (IndexError, ValueError) as error:
        remedy = "take the unchanged genres.csv of fma_metadata.zip"
        raise DataError(f"not FMA's genres: {error}", place=place, remedy=remedy) from error


def _heads(lines: Sequence[list[str]], place: str) -> list[tuple[str, str]]:
    """The columns' names of the first two header lines; the third, `track_id`, is passed over."""
    empty: list[str] = []
    above, below, index, *_ = (*lines, empty, empty, empty)
    heads = list(zip(above, below, strict=False))
    missing = [" ".join(head) for head in (_TOP, _ALL, _SPLIT) if head not in heads]
    if missing or index[:1] != ["track_id"]:
        missing = missing or ["track_id"]
        raise DataError(
            f"FMA's tracks.csv without {', '.join(missing)}",
            place=f"{place}:{3 if missing == ['track_id'] else 2}",
            remedy="take the unchanged tracks.csv of fma_metadata.zip",
        )
    return heads


def _named(cell: str, names: Mapping[int, str], line: str) -> Sequence[str]:
    """The names of the genres whose numbers a cell such as `[21, 10]` lists."""
    try:
        return [names[number] for number in parse_json(cell or "[]")]
    except (ValueError, KeyError, TypeError) as error:
        remedy = "genres.csv must be of the same release as tracks.csv"
        raise DataError(f"no genres in '{cell}'", place=line, remedy=remedy) from error
