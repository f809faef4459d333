"""MTG-Jamendo's split files, `autotagging_genre-train.tsv`: a column for each tag of a track.

Bogdanov, Won, Tovstogan, Porter, Serra, "The MTG-Jamendo dataset for automatic music tagging",
Machine Learning for Music Discovery Workshop, ICML 2019.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from genrescope.data.layouts.entry import LabelEntry
from genrescope.errors import DataError

_HEAD = ("TRACK_ID", "ARTIST_ID", "ALBUM_ID", "PATH", "DURATION", "TAGS")
_GENRE = "genre---"
PARTS = {"train": "train", "validation": "valid", "test": "test"}
"""By the end of a split file's name, what its tracks are for."""


def is_jamendo(text: str) -> bool:
    """Whether this is the text of a split file."""
    return text.startswith("TRACK_ID\t")


def read_jamendo(text: str, place: str, part: str = "") -> Iterator[LabelEntry]:
    """The tracks of a split file; tags of other kinds than `genre---` are passed over.

    Args:
        text: of the file.
        place: its name, for messages.
        part: what its tracks are for.

    Raises:
        DataError: other columns than the published ones, or a line without a tag.
    """
    lines = text.split("\n")
    if tuple(lines[0].split("\t")) != _HEAD:
        raise DataError(
            f"columns are not {', '.join(_HEAD)}",
            place=f"{place}:1",
            remedy="take a split file of data/splits unchanged",
        )
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) < len(_HEAD) or not all("---" in tag for tag in cells[5:]):
            raise DataError(
                "no track with tags such as genre---rock",
                place=f"{place}:{number}",
                remedy="tags are the sixth and further columns, separated by tabs",
            )
        _, artist, album, path, _, *tags = cells
        genres = [tag.removeprefix(_GENRE) for tag in tags if tag.startswith(_GENRE)]
        groups = {"artist": artist, "album": album}
        yield LabelEntry(number, _names(path), "|".join(genres), groups, part)


def _names(path: str) -> tuple[str, ...]:
    """`14/214.mp3`, and `14/214.low.mp3`, as the smaller release calls it."""
    whole = PurePosixPath(path)
    return (path, str(whole.with_suffix(f".low{whole.suffix}")))
