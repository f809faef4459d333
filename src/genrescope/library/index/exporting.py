"""Everything known of a library for other programs: playlists and tables."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import or_
from pathlib import Path
from typing import Any

from genrescope.errors import MissingExtraError
from genrescope.files.atomic import atomic_write, polars_errors, write_atomic
from genrescope.inference.labels.label import Label
from genrescope.inference.options import PredictionOptions
from genrescope.inference.prediction import UNKNOWN, Prediction
from genrescope.inference.rows import LABEL_COLUMNS, genre_row, names_by_column
from genrescope.library.index.database import Index
from genrescope.library.index.m3u8 import LINE_ENDS, PLAYLIST, playlist_entry, relative_path
from genrescope.library.index.models import IndexedModel
from genrescope.library.index.results import Song, genres_in_tags, songs
from genrescope.library.tagging.plan import join_values, path_to_text
from genrescope.library.tagging.rows.batches import labelled_songs
from genrescope.sources import tagging_network

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # in names of files, on some system
_SHARES, _TAGS = "probabilities", "network_tags"
_COLUMNS = {
    "path": "String",
    "size": "Int64",
    "artist": "String",
    "album": "String",
    "title": "String",
    "tagged": "List",
    "genre": "String",
    "confidence": "Float64",
    "music_probability": "Float64",
    "reason": "String",
    **dict.fromkeys(LABEL_COLUMNS.values(), "List"),
    _SHARES: "Struct",
    _TAGS: "Struct",
    "notes": "String",
    "problem": "String",
    "music": "Float64",
}
"""What is written of a file, and its type in polars; the last one is a former name."""

_LISTS = tuple(name for name, kind in _COLUMNS.items() if kind == "List")
_PREDICTED = ("genre", "confidence", "music_probability", "reason")
_AT_A_TIME = 10_000


@dataclass(frozen=True)
class StoredPredictions:
    """The predictions of a library that its index has, and how they are written.

    Attributes:
        model: whose they are; None where nothing was classified.
        threshold: confidence below which the genre is unknown; None: the model's own.
        vocabulary: name or mapping file of other genres; None: the model's.
        within: only the file of this path in the library, or those below it; empty: all.
        tags: whether the probabilities of the pretrained networks' tags are written, too.
        labels: (kind, name) of labels that a song must all be given; files without are left out.
    """

    model: IndexedModel | None
    threshold: float | None = None
    vocabulary: str | Path | None = None
    within: str = ""
    tags: bool = False
    labels: frozenset[tuple[str, str]] = frozenset()

    @property
    def tag_names(self) -> list[str]:
        """Those of the networks' tags that are written, with their network."""
        sources = self.model.networks if self.model and self.tags else None
        return [
            f"{source}: {name}"
            for source in sources or ()
            if (network := tagging_network(source))
            for name in network.tag_names
        ]

    @property
    def options(self) -> PredictionOptions | None:
        """The same for predictions; None where nothing was classified."""
        if self.model is None:
            return None
        return PredictionOptions(self.model, None, self.threshold, self.vocabulary)

    def songs(
        self, index: Index, *, labelled: bool = True
    ) -> Iterator[tuple[Song, Prediction | None, tuple[Label, ...]]]:
        """Every file with the wanted labels, its prediction, and its named labels.

        Embedding and tags, which take long to unpack, are in the prediction only where `tags` are
        written. Not `labelled`: without labels, where none are wanted.
        """
        options, model = self.options, self.model if labelled or self.labels else None
        for song, labels in labelled_songs(songs(index, self.model, self.within), model):
            stored = song.prediction if self.tags else song.untagged_prediction
            predicted = options.apply(stored) if options and stored else None
            named = predicted.named(labels) if predicted else ()
            if self.labels <= {(label.kind, label.name) for label in named}:
                yield song, predicted, named


@dataclass(frozen=True)
class Playlists:
    """What was written.

    Attributes:
        songs: how many songs each playlist has, by its name.
        left_out: how many songs are in none, by the reason.
        copies: how many songs in playlists have the sound of another one there.
    """

    songs: dict[str, int]
    left_out: Counter[str]
    copies: int


def write_playlists(
    index: Index,
    predictions: StoredPredictions,
    folder: Path,
    *,
    unknown: bool = False,
    by: str = "genre",
) -> Playlists:
    """One playlist (M3U8) a genre in `folder`, with paths relative to it; others there stay.

    A song is in the playlist of each of its labels where playlists are by a kind of these.

    Args:
        index: of the library.
        predictions: by which model, threshold and vocabulary.
        folder: made where it is missing.
        unknown: write a playlist `unknown` too.
        by: "genre", or a kind of labels, of `labels.label.KINDS`.

    Raises:
        OSError: a playlist cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = os.path.realpath(folder)
    options = predictions.options
    names = options.tag_names(genres_in_tags(index)) if options else {}
    entries: dict[str, list[bytes]] = {}
    none = UNKNOWN if by == "genre" else f"no {by}"
    left_out, sounds, listed = Counter[str](), set[str](), 0
    for song, prediction, labels in predictions.songs(index, labelled=by != "genre"):
        lists = _lists(prediction, labels, by, names, unknown=unknown)
        if why := _why_left_out(song, prediction) or ("" if lists else none):
            left_out[why] += 1
            continue
        sounds.add(song.audio)
        listed += 1
        for name in lists:
            entries.setdefault(name, []).append(_entry(song, index.root, place))
    for genre, lines in entries.items():
        write_atomic(folder / f"{_FORBIDDEN.sub('_', genre)}.m3u8", PLAYLIST + b"".join(lines))
    counts = {genre: len(lines) for genre, lines in sorted(entries.items())}
    return Playlists(counts, left_out, listed - len(sounds))


def _lists(
    prediction: Prediction | None,
    labels: Iterable[Label],
    by: str,
    names: Mapping[str, str],
    *,
    unknown: bool,
) -> list[str]:
    """Names of the playlists that a song is in."""
    if prediction is None:
        return []
    if by != "genre":
        return [label.name for label in labels if label.kind == by]
    return [names.get(prediction.genre, UNKNOWN)] if unknown or prediction.genre != UNKNOWN else []


def _why_left_out(song: Song, prediction: Prediction | None) -> str:
    """Why a song can be in no playlist; empty where it can."""
    if prediction is None:
        return "failed" if song.problem else "not classified yet"
    return "with a line end in the name" if LINE_ENDS.search(song.path) else ""


def write_csv(index: Index, predictions: StoredPredictions, path: Path) -> None:
    """One line a file, with a header; a column for the probability of each genre and tag."""
    structs = _structs(index, predictions)
    columns = [name for name in _COLUMNS if name not in structs]
    columns += [name for names in structs.values() for name in names]
    with (
        atomic_write(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in _rows(index, predictions):
            values = [row.pop(name) or {} for name in structs]
            row |= {name: join_values(row[name]) for name in _LISTS}
            writer.writerow(reduce(or_, values, row))


def write_json(index: Index, predictions: StoredPredictions, path: Path) -> None:
    """JSON lines, one object a file."""
    with (
        atomic_write(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="\n") as file,
    ):
        for row in _rows(index, predictions):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_parquet(index: Index, predictions: StoredPredictions, path: Path) -> None:
    """One row a file; probabilities, of genres and of tags, are structs.

    Raises:
        MissingExtraError: polars is not installed.
    """
    try:
        import polars as pl
    except ImportError:
        raise MissingExtraError.of("train", "writing Parquet") from None
    schema: dict[str, Any] = {name: getattr(pl, kind) for name, kind in _COLUMNS.items()}
    schema |= dict.fromkeys(_LISTS, pl.List(pl.String))
    for name, fields in _structs(index, predictions).items():
        schema[name] = pl.Struct(dict.fromkeys(fields, pl.Float64)) if fields else pl.Null
    rows = _rows(index, predictions)
    frames = [pl.DataFrame([], schema)]
    while some := list(islice(rows, _AT_A_TIME)):
        frames.append(pl.DataFrame(some, schema))
    with atomic_write(path) as temporary, polars_errors():
        pl.concat(frames).write_parquet(temporary)


FORMATS: dict[str, Callable[[Index, StoredPredictions, Path], None]] = {
    "csv": write_csv,
    "json": write_json,
    "parquet": write_parquet,
}


def _rows(index: Index, predictions: StoredPredictions) -> Iterator[dict[str, Any]]:
    """The value of each of `_COLUMNS` for each file."""
    names = predictions.tag_names
    for song, prediction, labels in predictions.songs(index):
        row = dict.fromkeys(_PREDICTED) if prediction is None else genre_row(prediction)
        yield {
            "path": path_to_text(song.path),
            "size": song.size,
            "artist": song.artist,
            "album": song.album,
            "title": song.title,
            "tagged": list(song.genres),
            **row,
            **names_by_column(label.as_json() for label in labels),
            _SHARES: _shares(prediction) if prediction else None,
            _TAGS: _tags(prediction) if prediction and names else None,
            "notes": song.notes,
            "problem": song.problem or song.tags_problem,
            "music": row["music_probability"],
        }


def _shares(prediction: Prediction) -> dict[str, float]:
    values = prediction.probabilities.round(4).tolist()
    return {f"p({name})": value for name, value in zip(prediction.genres, values, strict=True)}


def _tags(prediction: Prediction) -> dict[str, float] | None:
    values = {
        f"{network}: {name}": round(value, 4)
        for network, tags in prediction.tags.items()
        for name, value in tags.items()
    }
    return values or None


def _structs(index: Index, predictions: StoredPredictions) -> dict[str, list[str]]:
    """Names within the columns that hold several values; genres are those of the first one."""
    every = (prediction for _, prediction, _ in predictions.songs(index, labelled=False))
    first = next(filter(None, every), None)
    return {_SHARES: [] if first is None else list(_shares(first)), _TAGS: predictions.tag_names}


def _entry(song: Song, root: Path, folder: str) -> bytes:
    path = relative_path(root / song.path, folder)
    return playlist_entry(song.artist, song.title, os.fsencode(path))
