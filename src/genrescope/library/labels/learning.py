"""A model of a library's own labels: scan, classify what is new, learn."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from genrescope.data.song_labels import SongLabels
from genrescope.inference.card import DescribedModel
from genrescope.inference.registry import find_model
from genrescope.learning.own.labelled import LEAST_GROUPS, LEAST_SONGS
from genrescope.learning.own.learn import LearnedModel, learn_songs
from genrescope.library.index.database import Index
from genrescope.library.index.locate import BELOW
from genrescope.library.index.models import model_numbered, note_model
from genrescope.library.index.results import Song, classify_library
from genrescope.library.index.scan import scan
from genrescope.library.labels.collecting import Labels, labelled_songs, labels_by

Show = Callable[[int, int, int], None]


@dataclass(frozen=True)
class Wanted:
    """What is to be learned of a library.

    Attributes:
        folder: where the model is written.
        field: see `labels_by`.
        labels: of files by path, in the place of the field; None: by the field.
        model: the general model's name or folder; None: the default model.
        within: only what is at or below this path of the library.
        least_songs: see `genrescope.learning.own.learn.learn`.
        least_groups: the same.
        keep_songs: the same.
    """

    folder: Path
    field: str = "genre"
    labels: SongLabels | None = None
    model: str | os.PathLike[str] | None = None
    within: str = ""
    least_songs: int = LEAST_SONGS
    least_groups: int = LEAST_GROUPS
    keep_songs: bool = False


def learn_library(
    index: Index,
    wanted: Wanted,
    *,
    jobs: int | None = None,
    command: str = "genrescope learn",
    progress: Callable[[str], Show] = lambda _: lambda *_: None,
) -> LearnedModel:
    """Learn a library's labels; what its index has already is not computed again.

    Args:
        index: of the library.
        wanted: what is to be learned.
        jobs: worker processes.
        command: for the model's card.
        progress: of what is being done makes what is called with parts done, failed, and all.

    Raises:
        DataError: too few songs, or nothing was learned.
        MissingExtraError: the extra `tags` or `train` is not installed.
        UsageError: there is no such field or general model.
    """
    source = _labels(index, wanted)
    base = DescribedModel.read(find_model(wanted.model))
    scan(index, jobs=jobs, progress=progress("Reading"))
    query = f"SELECT path FROM files WHERE {BELOW}"
    paths = [os.fsdecode(path) for (path,) in index.rows(query, os.fsencode(wanted.within))]
    # With paths named, the results that count stay those of the model that the person uses.
    classify_library(index, base.folder, paths=paths, jobs=jobs, progress=progress("Classifying"))
    kept = model_numbered(index, note_model(index, base.card, base.digest))
    groups = wanted.labels.groups if wanted.labels else {}
    by = (lambda song: groups.get(_file(index, song), "")) if groups else None
    fits = progress("Learning")
    return learn_songs(
        labelled_songs(index, kept, source, groups=by, within=wanted.within),
        base,
        wanted.folder,
        least_songs=wanted.least_songs,
        least_groups=wanted.least_groups,
        keep_songs=wanted.keep_songs,
        command=command,
        progress=lambda done, total: fits(done, 0, total),
    )


def _labels(index: Index, wanted: Wanted) -> Labels:
    if wanted.labels is None:
        return labels_by(wanted.field, index, wanted.within)
    known = wanted.labels
    return lambda song: known.labels_of(_file(index, song))


def _file(index: Index, song: Song) -> Path:
    return index.root / song.path
