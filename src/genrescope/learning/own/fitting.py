"""Labelled songs to a fitted head: the one that inner folds prefer, calibrated out of fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.temperature import log_softmax
from genrescope.data.splits import Split
from genrescope.evaluation.crossval import out_of_fold, stratified_sample
from genrescope.evaluation.threads import on_one_thread
from genrescope.learning.own.columns import Scaling, Singles
from genrescope.learning.own.familiar import Surroundings
from genrescope.learning.own.heads import RECIPES, LabelHead, fit_one_vs_rest
from genrescope.learning.own.labelled import LabelledSongs

_Floats = NDArray[np.float64]

FOLDS = 5
_INNER_FOLDS = 3
_COMPARED = 1500  # songs by which recipes are compared


@dataclass(frozen=True, eq=False)
class FittedLabels:
    """What is fitted to songs.

    Attributes:
        recipe: of `RECIPES`.
        scaling: of the columns.
        head: scaled columns to scores.
        surroundings: where the songs lie.
        each: scaled columns to scores of each label against the rest; None where not wanted.
    """

    recipe: str
    scaling: Scaling
    head: LabelHead
    surroundings: Surroundings
    each: LabelHead | None = None

    def logs(self, rows: Singles) -> _Floats:
        """(n, labels) log-probabilities, not calibrated, of (n, columns) rows."""
        return log_softmax(self.head.scores(self.scaling(rows)))

    def surprise(self, rows: Singles) -> _Floats:
        """(n,) see `Surroundings.surprise`."""
        return self.surroundings.surprise(self.scaling(rows))

    def each_scores(self, rows: Singles) -> _Floats:
        """(n, labels) scores of each label against the rest; (n, 0) without `each`."""
        return self.each.scores(self.scaling(rows)) if self.each else np.zeros((len(rows), 0))


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What models that were not fitted to a song, nor to its group, give it.

    Attributes:
        logs: (n, labels) log-probabilities, not calibrated, all labels as common.
        surprise: (n,) see `Surroundings.surprise`.
        recipes: of each fold.
        each: (n, labels) scores of each label against the rest; (n, 0) where that is not wanted.
    """

    logs: _Floats
    surprise: _Floats
    recipes: tuple[str, ...]
    each: _Floats


@on_one_thread
def fit_labels(
    rows: Singles,
    songs: LabelledSongs,
    weights: Singles,
    recipe: str | None = None,
    *,
    each: bool = False,
) -> FittedLabels:
    """Fit to songs.

    Args:
        rows: (n, columns) of the songs.
        songs: what labels they have.
        weights: (columns,) see `Scaling`.
        recipe: of `RECIPES`; None: what inner folds prefer.
        each: fit each label against the rest, too.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    recipe = recipe or choose_recipe(rows, songs, weights)
    scaling = Scaling.of(rows, weights)
    x = scaling(rows)
    head = RECIPES[recipe](x, songs.has)
    apart = fit_one_vs_rest(x, songs.has) if each else None
    return FittedLabels(recipe, scaling, head, Surroundings.of(x, songs.has), apart)


def choose_recipe(rows: Singles, songs: LabelledSongs, weights: Singles) -> str:
    """The kind of head of the highest macro recall in inner folds, by some of the songs."""
    some = stratified_sample(songs.has.argmax(axis=1), _COMPARED, 0)
    chosen, x = songs.take(some), rows[some]
    if min(chosen.has.sum(axis=0)) < _INNER_FOLDS:  # too few to divide
        return next(iter(RECIPES))
    folds = chosen.folds(_INNER_FOLDS, seed=1)
    recalls = {}
    for recipe in RECIPES:

        def fit_predict(split: Split, recipe: str = recipe) -> _Floats:
            scaling = Scaling.of(x[split.train], weights)
            head = RECIPES[recipe](scaling(x[split.train]), chosen.has[split.train])
            return head.scores(scaling(x[split.test]))

        scores = out_of_fold(folds, chosen.has.shape, fit_predict)
        recalls[recipe] = macro_recall(scores, chosen.has)
    return max(recalls, key=recalls.__getitem__)


def predict_out_of_fold(
    rows: Singles,
    songs: LabelledSongs,
    weights: Singles,
    *,
    share: float = 1.0,
    recipe: str | None = None,
    each: bool = False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> OutOfFold:
    """Every song by a model that is fitted without its fold.

    Args:
        rows: (n, columns) of the songs.
        songs: what labels they have.
        weights: (columns,) see `Scaling`.
        share: of the other folds' songs that is fitted to, 0 to 1.
        recipe: of `RECIPES`; None: in each fold what inner folds of the rest prefer.
        each: predict each label against the rest, too.
        progress: called with the folds done, and all.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    logs, surprise = np.zeros(songs.has.shape), np.zeros(len(songs))
    apart = np.zeros(songs.has.shape if each else (len(songs), 0))
    recipes, folds = [], songs.folds(FOLDS)
    for done, split in enumerate(folds, 1):
        train = split.train
        if share < 1:
            labels = songs.has[train].argmax(axis=1)
            train = train[stratified_sample(labels, round(share * len(train)), 0)]
        fitted = fit_labels(rows[train], songs.take(train), weights, recipe, each=each)
        logs[split.test] = fitted.logs(rows[split.test])
        surprise[split.test] = fitted.surprise(rows[split.test])
        apart[split.test] = fitted.each_scores(rows[split.test])
        recipes.append(fitted.recipe)
        progress(done, len(folds))
    return OutOfFold(logs, surprise, tuple(recipes), apart)


def pairs(has: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every song and label of it, (pairs,) each: the song's row, the label's column."""
    rows, labels = np.nonzero(has)
    return rows.astype(np.int64), labels.astype(np.int64)


def without_others(probabilities: _Floats, has: NDArray[np.bool_]) -> _Floats:
    """(pairs, labels) a song's probabilities, its other labels than the pair's left out.

    That a song of several labels is given another of them is no mistake.
    """
    rows, labels = pairs(has)
    others = has[rows]
    others[np.arange(len(rows)), labels] = False
    left = np.where(others, 0.0, np.maximum(probabilities[rows], np.finfo(np.float64).tiny))
    return np.asarray(left / left.sum(axis=1, keepdims=True))


def macro_recall(scores: _Floats, has: NDArray[np.bool_]) -> float:
    """Mean over labels of the share of their songs whose best score is the label's.

    Scores of a song's other labels are left out, as in `without_others`.
    """
    labels = pairs(has)[1]
    best = without_others(np.exp(log_softmax(scores)), has).argmax(axis=1)
    counts = np.bincount(labels, minlength=has.shape[1])
    right = np.bincount(labels[best == labels], minlength=has.shape[1])
    return float((right[counts > 0] / counts[counts > 0]).mean())
