"""A model of the labels of libraries: scan, classify what is new, learn."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from genrescope.data.song_labels import SongLabels
from genrescope.inference.card import DescribedModel
from genrescope.inference.registry import find_model
from genrescope.learning.own.labelled import LEAST_GROUPS, LEAST_SONGS
from genrescope.learning.own.learn import LearnedModel, PredictedSong, learn_songs
from genrescope.library.index.database import Index
from genrescope.library.index.locate import BELOW
from genrescope.library.index.models import IndexedModel, model_numbered, note_model
from genrescope.library.index.results import Song, classify_library
from genrescope.library.index.scan import scan
from genrescope.library.labels.collecting import Labels, labelled_songs, labels_by

Show = Callable[[int, int, int], None]
Bars = Callable[[str], Show]


def _no_bars(_: str) -> Show:
    return lambda *_: None


@dataclass(frozen=True, eq=False)
class Source:
    """Songs of a library to learn from.

    Attributes:
        index: of the library.
        within: only what is at or below this path of the library.
        labels: of files by path, in the place of the field; None: by the field.
    """

    index: Index
    within: str = ""
    labels: SongLabels | None = None


@dataclass(frozen=True)
class Wanted:
    """What is to be learned.

    Attributes:
        folder: where the model is written.
        field: see `labels_by`.
        model: the general model's name or folder; None: the default model.
        least_songs: see `genrescope.learning.own.learn.learn`.
        least_groups: the same.
        keep_songs: the same.
    """

    folder: Path
    field: str = "genre"
    model: str | os.PathLike[str] | None = None
    least_songs: int = LEAST_SONGS
    least_groups: int = LEAST_GROUPS
    keep_songs: bool = False


def learn_libraries(
    sources: Sequence[Source],
    wanted: Wanted,
    *,
    jobs: int | None = None,
    command: str = "genrescope learn",
    progress: Bars = _no_bars,
) -> LearnedModel:
    """Learn the labels of libraries; what their indexes have already is not computed again.

    Args:
        sources: the songs.
        wanted: what is to be learned.
        jobs: worker processes.
        command: for the model's card.
        progress: of what is being done makes what is called with parts done, failed, and all.

    Raises:
        DataError: too few songs, or nothing was learned.
        MissingExtraError: the extra `tags` or `train` is not installed.
        UsageError: there is no such field or general model.
    """
    labels = [_labels(source, wanted.field) for source in sources]
    base = DescribedModel.read(find_model(wanted.model))
    models = [predicted(source, base, jobs=jobs, progress=progress) for source in sources]
    fits = progress("Learning")
    return learn_songs(
        _songs(sources, models, labels),
        base,
        wanted.folder,
        least_songs=wanted.least_songs,
        least_groups=wanted.least_groups,
        keep_songs=wanted.keep_songs,
        command=command,
        progress=lambda done, total: fits(done, 0, total),
    )


def predicted(
    source: Source,
    model: DescribedModel,
    *,
    jobs: int | None = None,
    progress: Bars = _no_bars,
) -> IndexedModel:
    """The model as the index has it, when all songs of the source are scanned and classified by it.

    The results that count for other commands stay those of the model that was used before.
    """
    index = source.index
    scan(index, jobs=jobs, progress=progress("Reading"))
    query = f"SELECT path FROM files WHERE {BELOW}"
    paths = [os.fsdecode(path) for (path,) in index.rows(query, os.fsencode(source.within))]
    classify_library(index, model.folder, paths=paths, jobs=jobs, progress=progress("Classifying"))
    return model_numbered(index, note_model(index, model.card, model.digest))


def _songs(
    sources: Sequence[Source], models: Sequence[IndexedModel], labels: Sequence[Labels]
) -> Iterator[PredictedSong]:
    """The labelled songs of all sources, copies of one sound once."""
    seen: set[str] = set()
    for source, model, words in zip(sources, models, labels, strict=True):
        yield from labelled_songs(
            *(source.index, model, words),
            groups=_groups(source),
            within=source.within,
            seen=seen,
        )


def _groups(source: Source) -> Callable[[Song], str] | None:
    groups = source.labels.groups if source.labels else {}
    return (lambda song: groups.get(source.index.root / song.path, "")) if groups else None


def _labels(source: Source, field: str) -> Labels:
    if source.labels is None:
        return labels_by(field, source.index, source.within)
    known = source.labels
    return lambda song: known.labels_of(source.index.root / song.path)
