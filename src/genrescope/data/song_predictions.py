"""Predictions of songs that any program made: a table, or JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.data.layouts.columns import table_lines
from genrescope.errors import DataError
from genrescope.files.text import parse_json, read_text
from genrescope.taxonomy.normalise import spelling_key

_SONG = ("path", "song", "file", "filename", "id")
_GENRE = ("genre", "predicted", "prediction", "answer", "label")
_SHARE = re.compile(r"p\((.+)\)")
_SHARES = "probabilities"
_UNKNOWN = "unknown"  # what a song without a genre is called in tables
_TOLERANCE = 0.02  # of a sum of rounded probabilities
_REMEDY = "write the columns path and genre, or path and a probability p(NAME) for each genre"


@dataclass(frozen=True)
class SongPredictions:
    """What a program predicts of songs.

    Attributes:
        genres: that it can predict; where there are no probabilities, those that it did predict.
        predicted: the genre of each song, by the song as the file calls it; empty where
            none is.
        probabilities: (genres,), sum 1, of each song with a genre; None where the file has none.
    """

    genres: tuple[str, ...]
    predicted: Mapping[str, str]
    probabilities: Mapping[str, NDArray[np.float64]] | None


def read_song_predictions(path: Path) -> SongPredictions:
    """Predictions in a CSV file with a header, a JSON list, or JSON lines.

    Of each song its `path` (or `song`, `file`, `id`), and the probability of each genre in columns
    `p(jazz)`, as `genrescope library export` writes them (in JSON also an object `probabilities`),
    or the prediction in `genre` (or `predicted`, `answer`).

    Raises:
        DataError: the file cannot be read, a song is there twice, or has neither; it names the
            place.
        DataError: some songs have probabilities, and some a genre only.
    """
    predicted: dict[str, str] = {}
    shares: dict[str, dict[str, float]] = {}
    places: dict[str, str] = {}
    for place, row in _rows(path):
        song = _song(row)
        if song is None or song in predicted:
            problem = "no song" if song is None else f"{song} is there twice"
            raise DataError(problem, place=place, remedy=_REMEDY)
        predicted[song] = str(next((row[name] for name in _GENRE if row.get(name)), ""))
        places[song] = place
        if found := _shares(row, place):
            shares[song] = found
            predicted[song] = max(found, key=found.__getitem__)
    if not any(predicted.values()):
        raise DataError("no predicted genre", place=path, remedy=_REMEDY)
    if not shares:
        return _certain(predicted)
    genres = tuple(dict.fromkeys(genre for found in shares.values() for genre in found))
    rows = {
        song: np.array([found.get(genre, 0.0) for genre in genres]) / sum(found.values())
        for song, found in shares.items()
    }
    for song, genre in predicted.items():
        if genre not in ("", _UNKNOWN) and song not in rows:
            problem = f"{song} has a genre, but no probabilities, as others have"
            raise DataError(problem, place=places[song], remedy=_REMEDY)
    return SongPredictions(
        genres, {song: genre for song, genre in predicted.items() if genre}, rows
    )


def _song(row: Mapping[str, Any]) -> str | None:
    """The name of a row's song; in JSON it may be a number."""
    song = next((row[name] for name in _SONG if row.get(name)), None)
    plain = isinstance(song, str | int) and not isinstance(song, bool)
    return str(song) if plain else None


def _certain(predicted: Mapping[str, str]) -> SongPredictions:
    """Predictions without probabilities; of several spellings of a genre the first one counts."""
    spelt: dict[str, str] = {}
    same = {song: spelt.setdefault(spelling_key(name), name) for song, name in predicted.items()}
    return SongPredictions(tuple(sorted(set(spelt.values()) - {""})), same, None)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each song's values by their names, and where they stand."""
    text = read_text(path)
    if text.lstrip().startswith(("[", "{")):
        yield from _json_rows(path, text)
        return
    (_, head), *lines = table_lines(text, str(path))
    for number, cells in lines:
        yield f"{path}:{number}", dict(zip(head, cells, strict=False))


def _json_rows(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    listed = text.lstrip().startswith("[")
    texts = [(1, text)] if listed else list(enumerate(text.split("\n"), 1))
    for line, of_line in texts:
        if not of_line.strip():
            continue
        try:
            found = parse_json(of_line)
        except ValueError as error:
            remedy = "write one object a line, or a list of all"
            raise DataError(f"no JSON: {error}", place=f"{path}:{line}", remedy=remedy) from error
        for number, row in enumerate(found if listed else [found], line):
            if not isinstance(row, dict):
                raise DataError("no object for a song", place=f"{path}:{number}", remedy=_REMEDY)
            yield f"{path}:{number}", row


def _shares(row: Mapping[str, Any], place: str) -> dict[str, float]:
    """Probability of each genre; empty where there are none.

    Raises:
        DataError: they are no probabilities, or their sum is not 1.
    """
    written = row.get(_SHARES) or {name: value for name, value in row.items() if _SHARE.match(name)}
    try:
        written = {name: value for name, value in written.items() if value not in ("", None)}
        found = {_genre(name): float(value) for name, value in written.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise DataError(f"no probabilities: {error}", place=place, remedy=_REMEDY) from error
    values = list(found.values())
    if found and not (min(values) >= 0 and abs(sum(values) - 1) <= _TOLERANCE):
        raise DataError(
            f"probabilities with a sum of {sum(values):.3g}", place=place, remedy="make it 1"
        )
    return found


def _genre(name: str) -> str:
    match = _SHARE.fullmatch(name)
    return match[1] if match else name
