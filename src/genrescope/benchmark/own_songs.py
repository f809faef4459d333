"""How well a model predicts the labels of a person's songs.

A song of several genres counts as the likeliest of them, so a prediction is right where it is among
them. Probabilities are those of the genres given that a song is music. Intervals are those of
`evaluation.metrics`: songs are drawn within their genre, those of one group together; a group with
songs of several genres is one group in each of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from genrescope.data.song_labels import SongLabels
from genrescope.data.song_predictions import SongPredictions
from genrescope.errors import DataError
from genrescope.evaluation.bootstrap import drawn_within_genres
from genrescope.evaluation.metrics import evaluate
from genrescope.evaluation.record import finite
from genrescope.evaluation.scores import Interval, Scores
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.options import PredictionOptions
from genrescope.inference.prediction import UNKNOWN, Prediction
from genrescope.inference.storage.results import FailedSong, Row
from genrescope.taxonomy.normalise import genres_of_tag, ordered_genres
from genrescope.taxonomy.vocabulary import vocabulary_of


@dataclass(frozen=True)
class OwnSongs:
    """What evaluating songs of a person's own gives.

    Attributes:
        genres: that can be predicted, in the order of the confusion.
        scores: of the likeliest genre, whatever the threshold.
        named: songs whose confidence reaches the threshold.
        right: of these, how many predictions are right.
        groups: groups that the songs come from; None where they have none.
        unread: files that could not be read, and why.
        empty: songs in which there is nothing to classify, and why: silent, too short.
    """

    genres: tuple[str, ...]
    scores: Scores
    named: int
    right: int
    groups: int | None
    unread: Mapping[Path, str]
    empty: Mapping[Path, str]

    def as_json(self) -> dict[str, Any]:
        """JSON values; what is not a finite number is null."""
        content: dict[str, Any] = finite(asdict(self))
        return content


@dataclass(frozen=True)
class MappedLabels:
    """Labels in the genres of a model.

    Attributes:
        genres: of each song whose label names at least one of them, these.
        unmapped: labels that name none, and how many songs have them, commonest first.
    """

    genres: Mapping[Path, tuple[str, ...]]
    unmapped: Mapping[str, int]


def map_labels(labels: SongLabels, genres: tuple[str, ...]) -> MappedLabels:
    """The labels, in any spelling, in `genres`.

    Raises:
        DataError: none of them names one of `genres`.
    """
    known = vocabulary_of(tuple(genre for genre in genres if genre != UNKNOWN))
    meant = {label: ordered_genres(label, known) for label in set(labels.genres.values())}
    unmapped = Counter(label for label in labels.genres.values() if not meant[label])
    mapped = {path: meant[label] for path, label in labels.genres.items() if meant[label]}
    if not mapped:
        raise DataError(
            f"no label names a genre of the model: {', '.join(sorted(unmapped))}",
            remedy=f"one of {', '.join(known.genres)}; or other genres with --vocabulary",
        )
    return MappedLabels(mapped, dict(unmapped.most_common()))


def evaluate_songs(
    rows: Iterable[Row],
    truth: Mapping[Path, tuple[str, ...]],
    options: PredictionOptions,
    groups: Mapping[Path, str] | None = None,
) -> OwnSongs:
    """Scores of a model's rows.

    Args:
        rows: of the model that `options` are of, one a song, as `classify_files` gives them.
        truth: the genres of each song, among `options.genres`.
        options: how predictions are made.
        groups: of each song; a song without one is a group of its own. None: songs are independent.

    Raises:
        DataError: no song has a prediction.
    """
    found: dict[Path, Prediction] = {}
    unread, empty = dict[Path, str](), dict[Path, str]()
    for row in rows:
        if isinstance(row, FailedSong):
            unread[row.path] = row.reason
        elif (prediction := options.apply(row.prediction)).confidence == 0:
            empty[row.path] = _why_empty(row)
        else:
            found[row.path] = prediction
    return _scored(found, truth, options.genres, groups, unread, empty)


def evaluate_predictions(
    predictions: SongPredictions,
    genres: tuple[str, ...],
    files: Mapping[str, Path],
    truth: Mapping[Path, tuple[str, ...]],
    groups: Mapping[Path, str] | None = None,
    threshold: float = 0.0,
) -> OwnSongs:
    """Scores of predictions that any program made.

    Where it gave no probabilities, a prediction counts as certain; what only probabilities show
    (log loss, calibration, the three likeliest) is nan.

    Args:
        predictions: of the songs.
        genres: see `genres_of_predictions`.
        files: the path by which `truth` calls each of their songs.
        truth: the genres of each song, among `genres`.
        groups: as in `evaluate_songs`.
        threshold: probability from which a genre is named.

    Raises:
        DataError: no labelled song has a prediction.
    """
    found, empty = dict[Path, Prediction](), dict[Path, str]()
    for song, genre in predictions.predicted.items():
        if files[song] not in truth:
            continue
        if genre in ("", UNKNOWN):
            empty[files[song]] = genre or "no genre"
            continue
        shares = (predictions.probabilities or {}).get(song)
        row = np.eye(len(genres))[genres.index(genre)] if shares is None else shares
        found[files[song]] = Prediction(genres, row, threshold)
    songs = _scored(found, truth, genres, groups, {}, empty)
    if predictions.probabilities is not None:
        return songs
    return replace(songs, scores=_without_probabilities(songs.scores))


def genres_of_predictions(predictions: SongPredictions, labels: SongLabels) -> tuple[str, ...]:
    """The genres that predictions are evaluated in.

    Those that have probabilities; where there are none, those that were predicted, and those of
    labels that name none of them: a genre that was never predicted counts as missed.
    """
    genres = tuple(genre for genre in predictions.genres if genre != UNKNOWN)
    if predictions.probabilities is not None:
        return genres
    known = vocabulary_of(genres)
    others = {label for label in labels.genres.values() if not genres_of_tag(label, known)}
    return (*genres, *sorted(others))


def _without_probabilities(scores: Scores) -> Scores:
    """The scores, where the probabilities that they were computed from are none."""
    nothing = Interval(math.nan, math.nan, math.nan)
    return replace(
        scores, log_loss=nothing, top3=nothing, calibration_error=nothing, reliability=()
    )


def _scored(
    predictions: Mapping[Path, Prediction],
    truth: Mapping[Path, tuple[str, ...]],
    genres: tuple[str, ...],
    groups: Mapping[Path, str] | None,
    unread: Mapping[Path, str],
    empty: Mapping[Path, str],
) -> OwnSongs:
    """Scores of the songs that have a prediction; see `evaluate_songs`."""
    if not predictions:
        raise DataError("no labelled song could be classified", remedy="see why with classify")
    paths = sorted(predictions)
    named = [path for path in paths if predictions[path].genre != UNKNOWN]
    index = {genre: number for number, genre in enumerate(genres)}
    true = np.array([index[_likeliest(predictions[path], truth[path])] for path in paths])
    of = None if groups is None else [groups.get(path, f"\n{path}") for path in paths]
    return OwnSongs(
        genres,
        evaluate(
            true,
            np.stack([predictions[path].probabilities for path in paths]),
            genres,
            songs=None if of is None else drawn_within_genres(true, of),
        ),
        len(named),
        sum(predictions[path].genre in truth[path] for path in named),
        None if of is None else len(set(of)),
        unread,
        empty,
    )


def _likeliest(prediction: Prediction, genres: tuple[str, ...]) -> str:
    """Which of a song's genres is the likeliest by the model; of equals the model's first."""
    ranked = [genre for genre, _ in prediction.top(len(prediction.genres))]
    return min(genres, key=ranked.index)


def _why_empty(row: ClassifiedSong) -> str:
    notes = [note for note in row.notes if not note.startswith("resampled")]
    return "; ".join(notes) or "nothing to classify"
