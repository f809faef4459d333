"""A model of a person's own labels from files, or from what a general model predicted of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from genrescope.errors import DataError
from genrescope.inference.card import DescribedModel, ModelCard
from genrescope.inference.collection import classify_files
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import Prediction
from genrescope.inference.registry import find_model
from genrescope.inference.storage.results import FailedSong
from genrescope.learning.own.assessing import Assessment, assess
from genrescope.learning.own.columns import Columns
from genrescope.learning.own.fitting import fit_labels
from genrescope.learning.own.folder import folder_of, write_model
from genrescope.learning.own.labelled import LEAST_GROUPS, LEAST_SONGS, choose_labels

Labels = str | Iterable[str]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class LearnedModel:
    """A model of a person's own labels.

    Attributes:
        folder: where it is; a model like any other.
        card: its card.
        assessment: how well the labels are learned.
        not_used: songs that were not learned from, and why.
    """

    folder: Path
    card: ModelCard
    assessment: Assessment
    not_used: Mapping[str, str] = field(default_factory=dict)

    def load(self) -> GenreModel:
        """The model, to predict with."""
        return GenreModel.load(self.folder)


@dataclass(frozen=True, eq=False)
class PredictedSong:
    """A labelled song and what a general model predicts of it.

    Attributes:
        name: of the song, such as its path.
        labels: of its own, in any number.
        group: what folds must not divide, such as its artist; "" is a song on its own.
        prediction: the general model's.
    """

    name: str
    labels: tuple[str, ...]
    group: str
    prediction: Prediction


def learn(
    files: Sequence[str | os.PathLike[str]],
    labels: Sequence[Labels],
    groups: Sequence[str] | None = None,
    *,
    name: str | os.PathLike[str] = "mine",
    model: str | os.PathLike[str] | None = None,
    results: str | os.PathLike[str] | None = None,
    least_songs: int = LEAST_SONGS,
    least_groups: int = LEAST_GROUPS,
    keep_songs: bool = False,
    jobs: int | None = None,
    progress: Progress = lambda *_: None,
) -> LearnedModel:
    """A model of a person's own labels; no file of the person's is written.

    Args:
        files: audio files: a list, or a column of a frame of polars or pandas.
        labels: of each file, one or several, in any words; the same.
        groups: of each file, such as its artist: songs of one group are never on both sides of a
            fold; "" or None: a song on its own.
        name: of the model, or the path of its folder.
        model: the general model to build on; the default model where None.
        results: a file that keeps what is computed of the songs; see `classify_files`.
        least_songs: of a label that is learned.
        least_groups: of its songs.
        keep_songs: keep names and embeddings of the songs in the model, for explanations.
        jobs: worker processes; see `classify_files`.
        progress: called with the files done, and all.

    Raises:
        DataError: too few songs, or nothing was learned.
        MissingExtraError: the extra `train` is not installed.
        UsageError: there is no such general model, or the name is a bundled model's.

    Example:
        >>> files, words = ["a.flac", "b.flac"], ["deep house", "warm-up"]
        >>> learn(files, words, groups=["X", "Y"]).card.genres  # doctest: +SKIP
    """
    if not len(files) == len(labels) == len(files if groups is None else groups):
        raise DataError(f"{len(files)} files, {len(labels)} labels and other groups")
    paths = list(map(Path, files))
    words = [(each,) if isinstance(each, str) else tuple(each) for each in labels]
    together = [""] * len(paths) if groups is None else [str(group or "") for group in groups]
    facts = dict(zip(paths, zip(words, together, strict=True), strict=True))
    found, failed = {}, dict[str, str]()
    rows = classify_files(facts, model, results=results, jobs=jobs)
    for done, row in enumerate(rows, 1):
        if isinstance(row, FailedSong):
            failed[str(row.path)] = row.reason
        else:
            found[row.path] = row.prediction
        progress(done, len(facts))
    songs = [PredictedSong(str(path), *facts[path], found[path]) for path in paths if path in found]
    return learn_songs(
        *(songs, DescribedModel.read(find_model(model)), _folder(name)),
        least_songs=least_songs,
        least_groups=least_groups,
        keep_songs=keep_songs,
        not_used=failed,
    )


def learn_songs(
    songs: Iterable[PredictedSong],
    base: DescribedModel,
    folder: Path,
    *,
    least_songs: int = LEAST_SONGS,
    least_groups: int = LEAST_GROUPS,
    keep_songs: bool = False,
    not_used: Mapping[str, str] | None = None,
    command: str = "genrescope.learn",
    progress: Progress = lambda *_: None,
) -> LearnedModel:
    """A model of labels from what a general model predicted; see `learn`.

    Args:
        songs: labelled; what is silent is not learned from.
        base: the general model.
        folder: where the model is written.
        least_songs: see `learn`.
        least_groups: see `learn`.
        keep_songs: see `learn`.
        not_used: songs that are not among these, and why.
        command: for the card.
        progress: called with the fits done, and all.

    Raises:
        DataError: too few songs, or nothing was learned.
        MissingExtraError: the extra `train` is not installed.
    """
    left, used = dict(not_used or {}), []
    for song in songs:
        if song.prediction.embedding is None:
            left[song.name] = "silent, or too short"
        else:
            used.append(song)
    labelled = choose_labels(
        [song.labels for song in used],
        [song.group for song in used],
        [song.name for song in used],
        least_songs=least_songs,
        least_groups=least_groups,
    )
    columns = Columns.of(base.card, (song.prediction for song in used))
    chosen = [used[at].prediction for at in labelled.positions.tolist()]
    rows, embeddings = columns.rows(chosen), None
    if keep_songs:
        embeddings = np.stack([np.asarray(prediction.embedding) for prediction in chosen])
    del used, chosen  # of a large library they need more memory than the fits
    found = assess(rows, labelled, columns, progress=progress)
    each = found.several is not None
    fitted = fit_labels(rows[found.rows], found.songs, columns.weights, each=each)
    kept = None if embeddings is None else embeddings[found.rows]
    card = write_model(folder, base, columns, fitted, found, embeddings=kept, command=command)
    return LearnedModel(folder, card, found, left)


def _folder(name: str | os.PathLike[str]) -> Path:
    """The folder of a name, or the folder itself."""
    if isinstance(name, str) and Path(name).name == name:
        return folder_of(name)
    return Path(name)
