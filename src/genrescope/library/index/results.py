"""Predictions for a library's files, kept in its index by the hash of the audio."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genrescope.inference.card import DescribedModel
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.collection import classify_files
from genrescope.inference.prediction import Prediction
from genrescope.inference.registry import find_model
from genrescope.inference.storage.results import FailedSong
from genrescope.library.index.database import Index, stored_json
from genrescope.library.index.locate import BELOW
from genrescope.library.index.models import (
    PREDICTION_COLUMNS,
    IndexedModel,
    note_model,
    pack_prediction,
    use_model,
)
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging.plan import split_values

_AT_A_TIME = 4096  # files handed to the classifier, which lists all that it is handed
_UNCLASSIFIED = """
    SELECT audio, min(path) FROM files WHERE audio IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM results WHERE results.audio = files.audio AND model = ?
        AND (problem IS NULL OR NOT ?)
    ) GROUP BY audio ORDER BY min(path)
"""
_SONGS = f"""
    SELECT path, size, files.genres, album, artist, title, tags_problem, files.problem,
        probabilities, music, embedding, tags, heads, notes, results.problem,
        lower(hex(files.audio)), files.fields
    FROM files LEFT JOIN results ON results.audio = files.audio AND results.model = ?2
    WHERE {BELOW} ORDER BY path
"""


@dataclass(frozen=True, slots=True)
class Song:
    """What the index has of a file.

    Attributes:
        path: relative to the library's folder, as in a plan.
        size: bytes.
        genres: of its tags.
        album: the same.
        artist: the same.
        title: the same.
        tags_problem: why its tags could not be read; empty where they could.
        notes: for people, on the prediction.
        problem: why it was not classified; empty where it was, or where that was not tried.
        model: the model; None where none is named.
        stored: the prediction, as the index keeps it.
        audio: hash of its sound in hexadecimal digits; empty where it could not be read.
        noted: values by field of moods and own fields, as JSON; empty: none.
    """

    path: str
    size: int
    genres: tuple[str, ...]
    album: str
    artist: str
    title: str
    tags_problem: str
    notes: str
    problem: str
    model: IndexedModel | None
    stored: tuple[Any, ...]
    audio: str
    noted: str = ""

    @property
    def fields(self) -> dict[str, tuple[str, ...]]:
        """The values of moods and of genrescope's own fields, by field."""
        noted = stored_json(self.noted) if self.noted else {}
        return {name: tuple(values) for name, values in noted.items()}

    @property
    def prediction(self) -> Prediction | None:
        """The prediction; None where there is none. Made again each time."""
        return None if self.model is None else self.model.prediction(self.stored)

    @property
    def untagged_prediction(self) -> Prediction | None:
        """The same without embedding and tags, which take long to unpack."""
        return None if self.model is None else self.model.untagged_prediction(self.stored)


@dataclass
class Classified:
    """What became of the files that were to be classified."""

    done: int = 0
    failed: int = 0


def classify_library(
    index: Index,
    model: str | os.PathLike[str] | None = None,
    *,
    retry: bool = False,
    paths: Iterable[str] | None = None,
    jobs: int | None = None,
    engine: str = "processes",
    timeout: float | None = None,
    progress: Callable[[int, int, int], None] = lambda *_: None,
) -> Classified:
    """Classify what the index has and the model has not classified; each result is kept at once.

    Files with the same audio are classified once. What was put in a file's place meanwhile is not
    what the index has there: its result is not stored, and the next scan finds it. Until all are
    done, what another model predicted before counts; it is kept in any case.

    Args:
        index: of the library.
        model: see `genrescope.inference.registry.find_model`.
        retry: also what failed before.
        paths: only these files, as in a plan; None: all.
        jobs: see `genrescope.engine.map_files`.
        engine: the same.
        timeout: the same.
        progress: called with the files done, failed, and to do.

    Raises:
        UsageError: there is no such model, or a part that it needs is missing.
        DataError: the model is damaged.
    """
    described = DescribedModel.read(find_model(model))
    key = note_model(index, described.card, described.digest)
    todo = list(index.rows(_UNCLASSIFIED, key, retry))
    if paths is not None:
        audio = "SELECT audio FROM files WHERE path = ?"
        wanted = {index.value(audio, os.fsencode(path)) for path in paths}
        todo = [item for item in todo if item[0] in wanted]
    options: dict[str, Any] = {"jobs": jobs, "engine": engine, "timeout": timeout}
    classified = Classified()
    progress(0, 0, len(todo))
    for start in range(0, len(todo), _AT_A_TIME):
        some = todo[start : start + _AT_A_TIME]
        files = {index.root / os.fsdecode(path): audio for audio, path in some}
        with closing(classify_files(files, described.folder, **options)) as rows:
            for row in rows:
                failed = isinstance(row, FailedSong)
                classified.failed += failed
                classified.done += not failed
                if _has_sound(row.path, files[row.path]):
                    store_result(index, key, files[row.path], row)
                progress(classified.done + classified.failed, classified.failed, len(todo))
    if paths is None:
        use_model(index, key)
    return classified


def _has_sound(path: Path, audio: bytes) -> bool:
    """Whether a file still has the audio of this hash."""
    try:
        return bytes.fromhex(audio_hash(path, full=False)) == audio
    except OSError:
        return False


def songs(index: Index, model: IndexedModel | None, within: str = "") -> Iterator[Song]:
    """Everything known of every file, in the order of the paths' bytes.

    `within`: only the file of this path, or those below it; empty: all.
    """
    for row in index.rows(_SONGS, os.fsencode(within), model.id if model else None):
        path, size, genres, album, artist, title, tags_problem, problem = row[:8]
        yield Song(
            os.fsdecode(path),
            size,
            split_values(genres),
            album,
            artist,
            title,
            tags_problem,
            row[13] or "",
            problem or row[14] or "",
            model,
            row[8:13],
            row[15],
            row[16] or "",
        )


def genres_in_tags(index: Index, within: str = "") -> Counter[str]:
    """How many files have each genre in their tags, as it is spelt there; `within`: see `songs`."""
    counts: Counter[str] = Counter()
    query = f"SELECT genres, count(*) FROM files WHERE {BELOW} GROUP BY genres"
    for cell, count in index.rows(query, os.fsencode(within)):
        for genre in dict.fromkeys(split_values(cell)):
            counts[genre] += count
    return counts


def store_result(index: Index, model: int, audio: bytes, row: ClassifiedSong | FailedSong) -> None:
    """Store a result of the model of this number; not of a file that is gone meanwhile."""
    if isinstance(row, FailedSong):
        if row.path.exists():
            _insert(index, model, audio, problem=row.reason)
        return
    _insert(index, model, audio, *pack_prediction(row.prediction), "; ".join(row.notes))


def _insert(
    index: Index, model: int, audio: bytes, *values: Any, problem: str | None = None
) -> None:
    padded = [*values, *[None] * (6 - len(values)), problem]
    index.database.execute(
        f"INSERT OR REPLACE INTO results (model, audio, {PREDICTION_COLUMNS}, notes, problem) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (model, audio, *padded),
    )
