"""Which files of a library are wanted and in which order, as SQL over the table of `browse`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from genrescope.errors import UsageError
from genrescope.inference.prediction import UNKNOWN

NOT_CLASSIFIED = "none"
"""Stands for the genre of files that no model has classified, and that have no problem."""

FAILED = "failed"
"""Stands for the genre of files without a prediction that have a problem, which their row names."""

SORTED_BY = ("path", "artist", "album", "title", "tagged", "genre", "confidence")


@dataclass(frozen=True)
class Filter:
    """Which files are wanted.

    Attributes:
        words: each must occur in path, artist, album, title or tagged genre.
        genres: of these only; "unknown", "none" and "failed" too. Empty: all.
        confidence: of this range only; None: all.
        folder: below this folder only; empty: all.
        threshold: confidence below which the genre is unknown.
        labels: numbers in the table `labelled` of labels that must all be named.
        contradicting: only songs that contradict their tag, album or artist.
    """

    words: str = ""
    genres: tuple[str, ...] = ()
    confidence: tuple[float, float] | None = None
    folder: str = ""
    threshold: float = 0.0
    labels: tuple[int, ...] = ()
    contradicting: bool = False


def condition(wanted: Filter, genres: tuple[str, ...]) -> tuple[str, list[Any]]:
    """A condition in SQL, and its values.

    Args:
        wanted: which files.
        genres: of the model, in the order of `best`.
    """
    parts, values = ["1"], list[Any]()
    for word in wanted.words.casefold().split():
        parts.append("instr(words, ?) > 0")
        values.append(word)
    if wanted.folder:
        parts.append("substr(path, 1, ?) = ?")
        values += [len(wanted.folder) + 1, f"{wanted.folder}/"]
    if wanted.confidence is not None:
        parts.append("confidence BETWEEN ? AND ?")
        values += wanted.confidence
    for label in wanted.labels:
        parts.append("n IN (SELECT n FROM labelled WHERE label = ?)")
        values.append(label)
    if wanted.contradicting:
        parts.append("n IN (SELECT n FROM contradicting)")
    if wanted.genres:
        either = [_is_genre(name, genres, wanted.threshold) for name in wanted.genres]
        parts.append(f"({' OR '.join(part for part, _ in either)})")
        values += [value for _, some in either for value in some]
    return " AND ".join(parts), values


def _is_genre(name: str, genres: tuple[str, ...], threshold: float) -> tuple[str, list[Any]]:
    if name == NOT_CLASSIFIED:
        return "(best IS NULL AND problem = '')", []
    if name == FAILED:
        return "(best IS NULL AND problem != '')", []
    if name == UNKNOWN:
        return "(best IS NOT NULL AND (confidence < ? OR confidence <= 0))", [threshold]
    best = genres.index(name) if name in genres else -1
    return "(best = ? AND confidence >= ? AND confidence > 0)", [best, threshold]


def order(
    sort: str, genres: tuple[str, ...], *, descending: bool, threshold: float
) -> tuple[str, list[Any]]:
    """What to sort by in SQL, and its values; what is not known comes last.

    Raises:
        UsageError: files cannot be sorted so.
    """
    way = "DESC" if descending else "ASC"
    if sort not in SORTED_BY:
        raise UsageError(f"cannot be sorted by '{sort}'", remedy=", ".join(SORTED_BY))
    if sort == "path":
        return f"n {way}", []
    if sort == "confidence":
        return f"confidence IS NULL, confidence {way}, n", []
    if sort != "genre":
        return f"{sort} = '', {sort} COLLATE NOCASE {way}, n", []
    rank = {name: number for number, name in enumerate(sorted(genres))}
    cases = " ".join(f"WHEN {n} THEN {rank[name]}" for n, name in enumerate(genres))
    known = f"CASE best {cases} END" if cases else "best"
    unknown = "(confidence < ? OR confidence <= 0)"
    named = f"CASE WHEN {unknown} THEN 0 ELSE {known} END"
    return f"best IS NULL, {unknown}, {named} {way}, confidence DESC, n", [threshold, threshold]
