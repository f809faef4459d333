"""How well labels are learned, before a model of them is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.label_shift import correct_prior
from genrescope.errors import DataError
from genrescope.evaluation.bootstrap import drawn_within_genres
from genrescope.evaluation.metrics import evaluate
from genrescope.evaluation.scores import Interval, Scores
from genrescope.evaluation.threads import on_one_thread
from genrescope.learning.operating_point import LEAST, OperatingPoint, fit_operating_point
from genrescope.learning.own.chance import distinguished
from genrescope.learning.own.columns import Columns, Singles
from genrescope.learning.own.familiar import Limit
from genrescope.learning.own.fitting import (
    OutOfFold,
    macro_recall,
    pairs,
    predict_out_of_fold,
    without_others,
)
from genrescope.learning.own.labelled import LabelledSongs
from genrescope.learning.own.several import (
    EachLabel,
    SeveralLabels,
    are_several,
    fit_each,
    score_each,
)
from genrescope.learning.own.suspects import Suspect, suspects
from genrescope.taxonomy.normalise import genres_of_tag
from genrescope.taxonomy.vocabulary import vocabulary_of

_Floats = NDArray[np.float64]

CURVE = (0.25, 0.5)
"""Shares of the songs that the learning curve is measured at, beside all."""
_MANY, _FEWER = 200_000, 100  # probabilities from which so many resamples are ample
_LEAST_SHARE = 1e-6  # of a label, none quite 0
NOT_LEARNED = "not distinguished from the others better than by chance"


@dataclass(frozen=True, eq=False)
class Assessment:
    """What out-of-fold predictions show of labels.

    Attributes:
        songs: those of the labels that can be distinguished.
        rows: (n,) their rows among the songs that were given.
        scores: each song scored once for each of its labels, its others left out; labels count the
            same in the predictions.
        accuracy_scores: of the likeliest label of each song, right where it is one of the
            song's, labels as common as here.
        commonest: the accuracy of always the commonest label.
        general: macro recall of the general model mapped to these labels; None where it names
            fewer than two of them.
        unmapped: labels that the general model does not name.
        curve: songs, and macro recall when learning from so many.
        suspects: all labels of all songs, those that look wrong first.
        point: calibration and threshold.
        limit: of what is unlike all songs.
        recipes: of the folds.
        each: calibration and thresholds of labels, each by itself.
        several: how well labels are predicted so; None where hardly a song has several.
    """

    songs: LabelledSongs
    rows: NDArray[np.int64]
    scores: Scores
    accuracy_scores: Scores
    commonest: float
    general: Interval | None
    unmapped: tuple[str, ...]
    curve: Mapping[int, float]
    suspects: tuple[Suspect, ...]
    point: OperatingPoint
    limit: Limit
    recipes: tuple[str, ...]
    each: EachLabel
    several: SeveralLabels | None = None


@on_one_thread
def assess(
    rows: Singles,
    songs: LabelledSongs,
    columns: Columns,
    *,
    curve: bool = True,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Assessment:
    """Assess what can be learned of the labels, by folds that divide no group.

    Args:
        rows: (n, columns) of the songs.
        songs: what labels they have.
        columns: of what the rows are.
        curve: learn from parts of the songs, too.
        progress: called with the fits done, and all.

    Raises:
        DataError: nothing can be learned: fewer than two labels are distinguished from the
            others better than by chance.
        MissingExtraError: scikit-learn is not installed.
    """
    parts = CURVE if curve else ()
    done, total = 0, 5 * (1 + len(parts))

    def count(_: int, __: int) -> None:
        nonlocal done
        done += 1
        progress(done, total)

    found = predict_out_of_fold(rows, songs, columns.weights, each=True, progress=count)
    learned = distinguished(found.logs, songs)
    if learned.sum() < 2:
        raise DataError(
            f"nothing was learned: of {len(songs.labels)} labels, {int(learned.sum())} can be "
            "distinguished from the others better than by chance",
            remedy="check that labels describe the sound, or label more songs",
        )
    kept, inside = songs.only(learned, NOT_LEARNED)
    measured, usual = {}, Counter(found.recipes).most_common(1)[0][0]
    for share in parts:
        part = predict_out_of_fold(
            rows, songs, columns.weights, share=share, recipe=usual, progress=count
        )
        logs = part.logs[inside][:, learned]
        measured[round(share * len(kept))] = macro_recall(logs, kept.has)
    logs = found.logs[inside][:, learned]
    return _assessment(
        rows[inside],
        kept,
        columns,
        OutOfFold(
            logs - np.log(np.exp(logs).sum(axis=1, keepdims=True)),
            found.surprise[inside],
            found.recipes,
            found.each[inside][:, learned],
        ),
        inside,
        measured,
    )


def _assessment(
    rows: Singles,
    songs: LabelledSongs,
    columns: Columns,
    found: OutOfFold,
    inside: NDArray[np.int64],
    measured: dict[int, float],
) -> Assessment:
    own = np.where(songs.has, found.logs, -np.inf).argmax(axis=1)
    shares = np.maximum(songs.shares, _LEAST_SHARE)
    point = _lowest(fit_operating_point(found.logs, own, shares / shares.sum()))
    probabilities = point.calibration.apply(found.logs)
    even = correct_prior(
        probabilities, songs.shares, np.full(len(songs.labels), 1 / len(songs.labels))
    )
    scores, each = _scores(even, songs), fit_each(found.each, songs.has)
    general, unmapped = general_recall(rows, songs, columns)
    return Assessment(
        songs=songs,
        rows=inside,
        scores=scores,
        accuracy_scores=_accuracy_scores(probabilities, songs),
        commonest=float(songs.has.mean(axis=0).max()),
        general=general,
        unmapped=unmapped,
        curve=measured | {len(songs): scores.macro_recall.value},
        suspects=suspects(each.probabilities(found.each), songs),
        point=point,
        limit=Limit.of(found.surprise),
        recipes=found.recipes,
        each=each,
        several=score_each(found.each, songs) if are_several(songs) else None,
    )


def _lowest(point: OperatingPoint) -> OperatingPoint:
    """The lowest threshold where the one chosen leaves no song unknown anyway."""
    if point.threshold > point.coverage[0].threshold:
        return point
    return replace(point, threshold=LEAST)


def _scores(probabilities: _Floats, songs: LabelledSongs) -> Scores:
    """Scores of (n, labels) probabilities, by pairs of song and label."""
    rows, labels = pairs(songs.has)
    together = drawn_within_genres(labels, songs.units[rows])
    return evaluate(
        labels,
        without_others(probabilities, songs.has),
        songs.labels,
        songs=together,
        resamples=1000 if len(rows) * len(songs.labels) < _MANY else _FEWER,
    )


def _accuracy_scores(probabilities: _Floats, songs: LabelledSongs) -> Scores:
    """Scores of (n, labels) probabilities, a song's true label the likeliest of its own."""
    own = np.where(songs.has, probabilities, -1.0).argmax(axis=1)
    together = drawn_within_genres(own, songs.units)
    resamples = 1000 if songs.has.size < _MANY else _FEWER
    return evaluate(own, probabilities, songs.labels, songs=together, resamples=resamples)


def general_recall(
    rows: Singles, songs: LabelledSongs, columns: Columns
) -> tuple[Interval | None, tuple[str, ...]]:
    """Macro recall of the general model mapped to the labels, and the labels that it cannot name.

    Of its vocabularies the one that names most of the labels is taken. A label has the
    probabilities of all genres that it names.
    """
    best, start = np.zeros((0, len(songs.labels)), dtype=bool), 0
    logs = rows[:, :0]
    for block in columns.blocks:
        end = start + len(block.names)
        if block.kind == "genres":
            vocabulary = vocabulary_of(block.names)
            named = [genres_of_tag(label, vocabulary) for label in songs.labels]
            table = np.array([[genre in each for each in named] for genre in block.names])
            if table.any(axis=0).sum() > best.any(axis=0).sum():
                best, logs = table, rows[:, start:end]
        start = end
    reached = np.asarray(best.any(axis=0))
    unmapped = tuple(
        label for label, there in zip(songs.labels, reached.tolist(), strict=True) if not there
    )
    if reached.sum() < 2:
        return None, unmapped
    found = np.exp(logs.astype(np.float64)) @ best
    return _scores(found / found.sum(axis=1, keepdims=True), songs).macro_recall, unmapped
