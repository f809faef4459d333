"""What models said of a library's files, kept in its index by the hash of the audio."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones.musicnn import TAGS
from genrescope.errors import UsageError
from genrescope.inference.card import ModelCard
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.collection import classify_files
from genrescope.inference.mapping import to_vocabulary
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import Prediction
from genrescope.inference.results import FailedSong
from genrescope.library.index.database import Index
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging.plan import split_values

_AT_A_TIME = 4096  # files handed to the classifier, which lists all that it is handed
_UNHEARD = """
    SELECT audio, min(path) FROM files WHERE audio IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM results WHERE results.audio = files.audio AND model = ?
        AND (problem IS NULL OR NOT ?)
    ) GROUP BY audio ORDER BY min(path)
"""
_SONGS = """
    SELECT path, size, files.genres, album, artist, title, tags_problem, files.problem,
        probabilities, music, embedding, tags, notes, results.problem, lower(hex(files.audio))
    FROM files LEFT JOIN results ON results.audio = files.audio AND results.model = ?
    ORDER BY path
"""


@dataclass(frozen=True, slots=True)
class KeptModel:
    """A model of which the index has results.

    Attributes:
        id: its number in the index.
        name: its name.
        digest: of its files.
        genres: in the order of its outputs.
        threshold: confidence below which it gives no answer.
    """

    id: int
    name: str
    digest: str
    genres: tuple[str, ...]
    threshold: float


@dataclass(frozen=True, slots=True)
class Song:
    """What the index knows of a file.

    Attributes:
        path: relative to the library's folder, as in a plan.
        size: bytes.
        genres: as its tags say.
        album: the same.
        artist: the same.
        title: the same.
        tags_problem: why its tags could not be read; empty where they could.
        notes: what a person should know of what the model says.
        problem: why it was not heard; empty where it was, or where nobody tried.
        model: the model; None where none is asked.
        answer: what it says, as the index keeps it.
        audio: hash of its sound in hexadecimal digits; empty where it could not be read.
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
    model: KeptModel | None
    answer: tuple[Any, ...]
    audio: str

    @property
    def prediction(self) -> Prediction | None:
        """What the model says; None where it did not hear this. Made anew each time."""
        if self.model is None or self.answer[0] is None:
            return None
        return _prediction(self.model, self.answer)


@dataclass
class Heard:
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
) -> Heard:
    """Classify what the index has and the model has not heard; each result is kept at once.

    Files with the same audio are heard once. What was put in a file's place meanwhile is not what
    the index has there: its result is not kept, and the next scan finds it.

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
    loaded = GenreModel.load(model)
    key = note_model(index, loaded.card, loaded.digest)
    todo = list(index.rows(_UNHEARD, key, retry))
    if paths is not None:
        audio = "SELECT audio FROM files WHERE path = ?"
        wanted = {index.value(audio, os.fsencode(path)) for path in paths}
        todo = [item for item in todo if item[0] in wanted]
    options: dict[str, Any] = {"jobs": jobs, "engine": engine, "timeout": timeout}
    heard = Heard()
    progress(0, 0, len(todo))
    for start in range(0, len(todo), _AT_A_TIME):
        some = todo[start : start + _AT_A_TIME]
        files = {index.root / os.fsdecode(path): audio for audio, path in some}
        with closing(classify_files(files, loaded.folder, **options)) as rows:
            for row in rows:
                failed = isinstance(row, FailedSong)
                heard.failed += failed
                heard.done += not failed
                if _has_sound(row.path, files[row.path]):
                    keep_result(index, key, files[row.path], row)
                progress(heard.done + heard.failed, heard.failed, len(todo))
    return heard


def _has_sound(path: Path, audio: bytes) -> bool:
    """Whether a file still has the audio of this hash."""
    try:
        return bytes.fromhex(audio_hash(path, full=False)) == audio
    except OSError:
        return False


def has_results(index: Index) -> bool:
    """Whether any model was asked."""
    return bool(index.value("SELECT count(*) FROM models"))


def kept_model(index: Index, name: str | None = None) -> KeptModel:
    """The model last used of a name, or of all.

    Raises:
        UsageError: nothing was classified by it.
    """
    query = """
        SELECT id, name, digest, genres, threshold FROM models
        WHERE name = coalesce(?, name) ORDER BY used DESC, id DESC
    """
    row = next(index.rows(query, name), None)
    if row is None:
        by = f" by the model {name}" if name else ""
        raise UsageError(
            f"nothing in {index.root} was classified{by} so far",
            remedy="genrescope library scan DIR --classify",
        )
    number, called, digest, genres, threshold = row
    return KeptModel(number, called, digest, tuple(json.loads(genres)), threshold)


def songs(index: Index, model: KeptModel | None) -> Iterator[Song]:
    """Everything known of every file, in the order of the paths' bytes."""
    for row in index.rows(_SONGS, model.id if model else None):
        path, size, genres, album, artist, title, tags_problem, problem = row[:8]
        yield Song(
            os.fsdecode(path),
            size,
            split_values(genres),
            album,
            artist,
            title,
            tags_problem,
            row[12] or "",
            problem or row[13] or "",
            model,
            row[8:12],
            row[14],
        )


def told(
    prediction: Prediction, threshold: float | None, vocabulary: str | Path | None
) -> Prediction:
    """A prediction with another threshold, and in other genres; None: as it is.

    Raises:
        UsageError: the model's genres cannot be told in the vocabulary.
        DataError: the mapping file is damaged.
    """
    if threshold is not None:
        prediction = replace(prediction, threshold=threshold)
    return prediction if vocabulary is None else to_vocabulary(prediction, vocabulary)


def note_model(index: Index, card: ModelCard, digest: str) -> int:
    """The number of a model in the index, which becomes the one last used."""
    now = datetime.now(UTC).isoformat()
    genres = json.dumps(card.genres)
    query = """
        INSERT INTO models (digest, name, genres, threshold, used) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (digest) DO UPDATE SET used = excluded.used RETURNING id
    """
    with index.transaction():
        return int(index.value(query, digest, card.name, genres, card.threshold, now))


def keep_result(index: Index, model: int, audio: bytes, row: ClassifiedSong | FailedSong) -> None:
    """Keep what the model of this number said of audio; not of a file that is gone meanwhile."""
    if isinstance(row, FailedSong):
        if row.path.exists():
            _insert(index, model, audio, problem=row.reason)
        return
    found = row.prediction
    _insert(
        index,
        model,
        audio,
        _blob(found.probabilities, np.float32),
        found.music,
        _blob(found.embedding, np.float16),
        _blob([found.tags[tag] for tag in TAGS] if found.tags else None, np.float32),
        "; ".join(row.notes),
    )


def _insert(
    index: Index, model: int, audio: bytes, *values: Any, problem: str | None = None
) -> None:
    padded = [*values, *[None] * (5 - len(values)), problem]
    index.database.execute(
        "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (model, audio, *padded)
    )


def _blob(values: Iterable[float] | None, kind: type[np.floating[Any]]) -> bytes | None:
    return None if values is None else np.asarray(values).astype(kind).tobytes()


def _prediction(model: KeptModel, row: tuple[Any, ...]) -> Prediction:
    probabilities, music, embedding, tags = row
    shares: NDArray[np.float64] = np.frombuffer(probabilities, np.float32).astype(np.float64)
    return Prediction(
        model.genres,
        shares / shares.sum(),
        model.threshold,
        music,
        None if embedding is None else np.frombuffer(embedding, np.float16).astype(np.float32),
        tags={} if tags is None else _by_tag(tags),
    )


def _by_tag(blob: bytes) -> dict[str, float]:
    return dict(zip(TAGS, np.frombuffer(blob, np.float32).tolist(), strict=True))
