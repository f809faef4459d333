"""The files of a collection that are most like a song."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.excerpt import Excerpt
from genrescope.errors import AudioError, UsageError
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.collection import classify_files
from genrescope.inference.labels.label import Label, label_names
from genrescope.inference.registry import find_model
from genrescope.inference.storage.results import FailedSong
from genrescope.similarity.nearest import SAME_SOUND, SongIndex, nearest

Embedding = NDArray[np.float32]
Progress = Callable[[int, int, int], None]


@dataclass(frozen=True)
class SimilarSong:
    """A song beside another.

    Attributes:
        path: the file.
        similarity: cosine of their standardised embeddings, -1 to 1.
        genre: its likeliest genre, or "unknown".
    """

    path: Path
    similarity: float
    genre: str

    @property
    def same_sound(self) -> bool:
        """Whether the two sound exactly alike: copies, whatever their tags."""
        return self.similarity >= SAME_SOUND

    def as_json(self) -> dict[str, Any]:
        """The row as JSON values."""
        return {
            "path": str(self.path),
            "similarity": round(self.similarity, 4),
            "genre": self.genre,
            "same_sound": self.same_sound,
        }


@dataclass(frozen=True, eq=False)
class SimilarSongs:
    """What was found.

    Attributes:
        song: the song in question.
        similar: most similar first; the song itself is not among them.
        compared: how many songs it was compared with.
        failed: files that could not be compared.
    """

    song: ClassifiedSong
    similar: tuple[SimilarSong, ...]
    compared: int
    failed: tuple[FailedSong, ...]


def similar_songs(
    song: str | os.PathLike[str],
    files: Iterable[str | os.PathLike[str]],
    model: str | os.PathLike[str] | None = None,
    *,
    count: int = 10,
    within_style: bool = False,
    excerpt: Excerpt | None = None,
    results: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    progress: Progress = lambda *_: None,
) -> SimilarSongs:
    """The files most similar to a song.

    Args:
        song: an audio file.
        files: what it is compared with; the song itself may be among them.
        model: a model's name or folder; the default model where None.
        count: how many are wanted.
        within_style: only songs that share a style with it.
        excerpt: which part of each is analysed; by default the model's own.
        results: a file that keeps what was computed, so that only new and changed files are
            analysed the next time; the same that `classify_files` writes.
        jobs: worker processes; see `classify_files`.
        progress: called with files done, those among them that failed, and all.

    Raises:
        AudioError: the song is silent or too short.
        UsageError: there is no such model, or it has no embedding; the song has no style to share;
            as `classify_files`.
        DataError: the model or the results file is damaged.
    """
    folder = find_model(model)
    wanted, embedding = embedding_of(
        next(classify_files([song], folder, excerpt=excerpt, results=results))
    )
    styles = styles_to_share(wanted) if within_style else frozenset()
    own = wanted.path.stat()
    others = [path for path in map(Path, files) if not _is_file(path, own)]
    found: list[tuple[ClassifiedSong, Embedding]] = []
    failed: list[FailedSong] = []
    rows = classify_files(others, folder, excerpt=excerpt, results=results, jobs=jobs)
    for done, row in enumerate(rows, 1):
        if isinstance(row, FailedSong):
            failed.append(row)
        elif row.prediction.embedding is None:
            failed.append(FailedSong(row.path, "it is silent or too short"))
        elif not within_style or styles & sure_styles(row.prediction.all_labels):
            found.append((row, row.prediction.embedding))
        progress(done, len(failed), len(others))
    return SimilarSongs(wanted, _nearest(embedding, found, count), len(found), tuple(failed))


def _nearest(
    embedding: Embedding, found: list[tuple[ClassifiedSong, Embedding]], count: int
) -> tuple[SimilarSong, ...]:
    if not found:
        return ()
    # By path, so that the order is the same whatever was ready first.
    songs, embeddings = zip(*sorted(found, key=lambda pair: pair[0].path), strict=True)
    positions, similarity = nearest(SongIndex.build(songs, embeddings), embedding, count)
    return tuple(
        SimilarSong(songs[position].path, float(value), songs[position].prediction.genre)
        for position, value in zip(positions.tolist(), similarity, strict=True)
    )


def sure_styles(labels: Iterable[Label]) -> frozenset[str]:
    """Names of the styles of a song that reach their thresholds, whole genres among them."""
    return frozenset(it.name for it in labels if it.kind == "style" and it.sure)


def styles_to_share(song: ClassifiedSong) -> frozenset[str]:
    """Names of the styles that a song has: narrower ones, or whole genres where there are none.

    Raises:
        UsageError: it has none.
    """
    if found := sure_styles(song.prediction.all_labels):
        narrow = frozenset(label.name for label in label_names("style") if label.within)
        return found & narrow or found
    raise UsageError(
        "no style of it is sure enough", place=song.path, remedy="leave out --within-style"
    )


def embedding_of(row: ClassifiedSong | FailedSong) -> tuple[ClassifiedSong, Embedding]:
    """A classified song and its embedding.

    Raises:
        AudioError: it failed, or it is silent or too short.
        UsageError: the model has no embedding.
    """
    if isinstance(row, FailedSong):
        raise AudioError(row.reason, place=row.path, remedy=row.remedy)
    if row.prediction.music == 0:
        raise AudioError("it is silent or too short", place=row.path, remedy="choose another song")
    if row.prediction.embedding is None:
        raise UsageError(
            "the model has no embedding to compare songs by", remedy="choose another with --model"
        )
    return row, row.prediction.embedding


def _is_file(path: Path, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), status)
    except OSError:  # it is not there: reported when it is opened
        return False
