"""Genre labels and artist ids of tracks: `.cls` files, and putting them on a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from genrescope.data.formats.cls import cls_lines, open_cls
from genrescope.data.ids import locate
from genrescope.data.table import FeatureTable, Strings
from genrescope.errors import DataError
from genrescope.taxonomy.vocabulary import Vocabulary


@dataclass(frozen=True)
class Labels:
    """The content of a label file, in its order.

    Attributes:
        vocabulary: the genres that labels are drawn from.
        ids: (n,) unique track ids.
        genres: (n,) canonical genre of each.
        minority: (n,) the genre that a minority voted for, "" where nobody did (tagtraum CD1);
            None for a file without such votes.
    """

    vocabulary: Vocabulary
    ids: Strings
    genres: Strings
    minority: Strings | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def counts(self) -> dict[str, int]:
        """Tracks of each genre of the vocabulary, in its order."""
        genres, counts = np.unique(self.genres, return_counts=True)
        found = dict(zip(genres.tolist(), counts.tolist(), strict=True))
        return {genre: found.get(genre, 0) for genre in self.vocabulary.genres}

    def agreed(self) -> Labels:
        """The tracks that no minority disputes."""
        if self.minority is None:
            return self
        clear = self.minority == ""
        return Labels(self.vocabulary, self.ids[clear], self.genres[clear], self.minority[clear])


@dataclass(frozen=True)
class Artists:
    """(n,) unique track ids and the artist id of each."""

    ids: Strings
    artists: Strings


@dataclass(frozen=True)
class LabelReport:
    """How labels met a table.

    Attributes:
        labelled: rows of the table that got a value.
        unlabelled: rows that got none.
        without_features: ids of the label file that the table has no row for.
    """

    labelled: int
    unlabelled: int
    without_features: int

    def __str__(self) -> str:
        return (
            f"{self.labelled:,} rows labelled, {self.unlabelled:,} not; "
            f"{self.without_features:,} labelled ids have no features"
        )


def load_labels(handle: Iterable[str], vocabulary: Vocabulary, place: str = "labels") -> Labels:
    """Labels from lines of `id<TAB>genre[<TAB>minority genre]`, genres in any spelling.

    Args:
        handle: the lines; comments and headers as in `cls_lines`.
        vocabulary: the genres that may occur.
        place: what errors call the handle, a file's name.

    Raises:
        DataError: a genre is not in the vocabulary, an id has two genres, or there is no label;
            it names `place` and the line.
    """
    known: dict[str, tuple[str, str]] = {}
    spellings: dict[str, tuple[str, str]] = {}
    for number, track, rest in cls_lines(handle, place):
        genres = spellings.get(rest)
        if genres is None:
            genres = spellings[rest] = _genres_of(rest, vocabulary, f"{place}:{number}")
        if known.setdefault(track, genres) != genres:
            raise _contradiction(track, f"{place}:{number}", known[track][0], genres[0])
    if not known:
        raise DataError("no labels in it", place=place, remedy="is it the right file?")
    majority = np.array([genres[0] for genres in known.values()])
    minority = np.array([genres[1] for genres in known.values()])
    voted = any("\t" in rest.strip() for rest in spellings) or bool((minority != "").any())
    return Labels(vocabulary, np.array(list(known)), majority, minority if voted else None)


def _genres_of(rest: str, vocabulary: Vocabulary, place: str) -> tuple[str, str]:
    """(majority, minority or "") of the part of a line after the id."""
    fields = [field for field in (part.strip() for part in rest.split("\t")) if field]
    if len(fields) == 1 and vocabulary.find(fields[0]) is None:
        fields = _cut_at_blank(fields[0], vocabulary)
    try:
        genres = [vocabulary.canonical(field) for field in fields]
    except DataError as error:
        raise DataError(error.message, place=place, remedy=error.remedy) from None
    if len(genres) > 2:
        raise DataError(f"{len(genres)} genres", place=place, remedy="at most two: id, genre, vote")
    return genres[0], genres[1] if len(genres) == 2 else ""


def _cut_at_blank(text: str, vocabulary: Vocabulary) -> list[str]:
    """Two genres written with blanks between them, where only one cut gives two; else the text."""
    words = text.split()
    cuts = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    whole = [list(cut) for cut in cuts if all(vocabulary.find(part) for part in cut)]
    return whole[0] if len(whole) == 1 else [text]


def _contradiction(track: str, place: str, before: str, now: str) -> DataError:
    remedy = "delete the wrong one of the two lines"
    return DataError(f"{track} is {now} here, {before} further up", place=place, remedy=remedy)


def read_labels(path: Path, vocabulary: Vocabulary) -> Labels:
    """Labels from a `.cls`, `.cls.gz` or `.cls.zip` file; see `load_labels`."""
    with open_cls(path) as handle:
        return load_labels(handle, vocabulary, str(path))


def load_artists(handle: Iterable[str], place: str = "artists") -> Artists:
    """Artist ids from lines of `id<TAB>artist`.

    Raises:
        DataError: a track has two artists, or there is no line; it names `place` and the line.
    """
    known: dict[str, str] = {}
    for number, track, rest in cls_lines(handle, place):
        artist = rest.strip(" \t'\"")
        if known.setdefault(track, artist) != artist:
            raise _contradiction(track, f"{place}:{number}", known[track], artist)
    if not known:
        raise DataError("no artist ids in it", place=place, remedy="is it the right file?")
    return Artists(np.array(list(known)), np.array(list(known.values())))


def read_artists(path: Path) -> Artists:
    """Artist ids from a `.cls`, `.cls.gz` or `.cls.zip` file; see `load_artists`."""
    with open_cls(path) as handle:
        return load_artists(handle, str(path))


def assign_labels(table: FeatureTable, labels: Labels) -> tuple[FeatureTable, LabelReport]:
    """The table with the genre of each row, "" where `labels` has none, and the counts."""
    values, report = _assign(table, labels.ids, labels.genres)
    return replace(table, labels=values), report


def assign_groups(table: FeatureTable, artists: Artists) -> tuple[FeatureTable, LabelReport]:
    """The table with the artist of each row as its group, "" where unknown, and the counts."""
    values, report = _assign(table, artists.ids, artists.artists)
    return replace(table, groups=values), report


def _assign(table: FeatureTable, ids: Strings, values: Strings) -> tuple[Strings, LabelReport]:
    found = locate(table.ids, ids)
    padded = np.append(values, "")
    known = int((found >= 0).sum())
    used = len(np.unique(found[found >= 0]))
    return padded[found], LabelReport(known, len(table) - known, len(ids) - used)
