"""Members scored out of sample, the stack over them, and differences with paired intervals.

For outer fold k the songs of an inner fold j are predicted by machines that saw neither j nor k, so
that the stack of fold k is fitted to judgements of songs that no member was trained on. One machine
without j and k serves both, so five folds need ten machines, and five more for the predictions.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from genrescope.calibration.temperature import genre_weights, log_softmax

Floats = NDArray[np.float64]
LEARNERS = (("logistic", 0.003), ("logistic", 0.03), ("logistic", 0.3), ("rbf", 1.0))
STACK_C = 0.03  # chosen inside the training parts, for the thirteen sets alone
_LEAST = -6.0  # log-probabilities below are cut
_BOUND = 8.0  # deviations
_TEMPERATURES = np.geomspace(0.05, 20, 60)


@dataclass(frozen=True)
class Folds:
    """The songs' genres (n,), from 0 on without a gap, and the fold (n,) that tests each."""

    genres: NDArray[np.int64]
    fold: NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    def shape(self) -> tuple[int, int]:
        """Songs, genres."""
        return len(self.genres), int(self.genres.max()) + 1


@dataclass(frozen=True)
class Member:
    """Log-probabilities of each song: `inner` (folds, n, genres), `test` (n, genres).

    `inner` is for the stack of each fold, and nan for the songs that the fold tests.
    """

    inner: Floats
    test: Floats


def balanced_loss(logs: Floats, genres: NDArray[np.int64]) -> float:
    """Log loss, every genre counting the same."""
    return -float(np.average(logs[np.arange(len(genres)), genres], weights=genre_weights(genres)))


def member(vectors: NDArray[np.floating], folds: Folds) -> Member:
    """The best learner for one vector a song, chosen for each fold inside its training part."""
    options = [_member(np.nan_to_num(vectors), folds, *learner) for learner in LEARNERS]
    inner, test = options[0].inner.copy(), options[0].test.copy()
    for k in range(folds.count):
        train = folds.fold != k
        losses = [balanced_loss(o.inner[k, train], folds.genres[train]) for o in options]
        best = options[int(np.argmin(losses))]
        inner[k], test[~train] = best.inner[k], best.test[~train]
    return Member(inner, test)


def stack(members: list[Member], folds: Folds) -> Floats:
    """(n, genres) log-probabilities: multinomial logistic regression on those of the members."""
    result = np.empty(folds.shape())
    for k in range(folds.count):
        train = folds.fold != k
        inputs = np.hstack([_centred(m.inner[k, train]) for m in members])
        genres = folds.genres[train]
        machine = LogisticRegression(C=STACK_C, max_iter=500)
        machine.fit(inputs, genres, sample_weight=genre_weights(genres))
        tested = np.hstack([_centred(m.test[~train]) for m in members])
        result[~train] = machine.predict_log_proba(tested)
    return result


def macro_recall(logs: Floats, genres: NDArray[np.int64]) -> float:
    """In percent."""
    right = logs.argmax(axis=1) == genres
    return 100 * float(np.mean([right[genres == g].mean() for g in np.unique(genres)]))


def difference(before: Floats, after: Floats, genres: NDArray[np.int64]) -> dict[str, list[float]]:
    """`after` less `before` with its 95 % interval, songs drawn within genre (4000 times).

    Macro recall and accuracy in points, and the balanced log loss.
    """
    rows = np.arange(len(genres))
    right = 100.0 * (after.argmax(axis=1) == genres) - 100.0 * (before.argmax(axis=1) == genres)
    loss = before[rows, genres] - after[rows, genres]
    rng = np.random.default_rng(0)
    drawn = {name: np.zeros(4001) for name in ("macro recall", "accuracy", "balanced log loss")}
    present = np.unique(genres)
    for genre in present:
        songs = np.flatnonzero(genres == genre)
        chosen = np.vstack([songs, rng.choice(songs, (4000, len(songs)))])  # first as they are
        mean = right[chosen].mean(axis=1)
        drawn["macro recall"] += mean / len(present)
        drawn["accuracy"] += mean * len(songs) / len(genres)
        drawn["balanced log loss"] += loss[chosen].mean(axis=1) / len(present)
    return {
        name: [round(float(v), 3) for v in (x[0], *np.percentile(x[1:], [2.5, 97.5]))]
        for name, x in drawn.items()
    }


def _member(vectors: NDArray[np.floating], folds: Folds, kind: str, strength: float) -> Member:
    songs, genres = folds.shape()
    inner = np.full((folds.count, songs, genres), np.nan)
    test = np.full((songs, genres), np.nan)

    def predict(left_out: NDArray[np.bool_]) -> Floats:
        result = np.full((songs, genres), np.nan)
        train = ~left_out
        result[left_out] = _predict(
            vectors[train], folds.genres[train], vectors[left_out], kind, strength
        )
        return result

    for j, k in combinations(range(folds.count), 2):
        logs = predict(np.isin(folds.fold, (j, k)))
        inner[k, folds.fold == j] = logs[folds.fold == j]
        inner[j, folds.fold == k] = logs[folds.fold == k]
    for k in range(folds.count):
        test[folds.fold == k] = predict(folds.fold == k)[folds.fold == k]
    return _calibrated(inner, test, folds)


def _predict(
    known: NDArray[np.floating],
    genres: NDArray[np.int64],
    new: NDArray[np.floating],
    kind: str,
    strength: float,
) -> Floats:
    """(new, genres) scores of a machine trained on the known songs."""
    known, new = _scaled(known, new)
    dims = known.shape[1]
    if dims > len(known):  # a rotation into the songs' own span: nothing is lost
        rotation = np.linalg.svd(known, full_matrices=False)[2].T
        known, new = known @ rotation, new @ rotation
    if kind == "logistic":
        machine = LogisticRegression(C=strength, max_iter=200, tol=1e-3)
        machine.fit(known, genres, sample_weight=genre_weights(genres))
        return np.asarray(machine.predict_log_proba(new))
    machine = SVC(C=strength, gamma=1 / dims, class_weight="balanced", break_ties=True)
    return np.asarray(machine.fit(known, genres).decision_function(new))


def _scaled(known: NDArray[np.floating], new: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Values by asinh in units of their interquartile range, standardised; of the known songs."""
    low, middle, high = np.percentile(known, [25, 50, 75], axis=0)
    unit = (high - low) / 1.349
    unit = np.where(unit > 1e-9 * np.abs(middle) + 1e-12, unit, known.std(axis=0))
    bent = [np.arcsinh((v - middle) / np.where(unit > 0, unit, 1)) for v in (known, new)]
    mean, spread = bent[0].mean(axis=0), bent[0].std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1)
    first, second = (np.clip((v - mean) / spread, -_BOUND, _BOUND) for v in bent)
    return first, second


def _calibrated(inner: Floats, test: Floats, folds: Folds) -> Member:
    """With one temperature for each fold, fitted inside its training part."""
    inner, test = inner.copy(), test.copy()
    for k in range(folds.count):
        train = folds.fold != k
        genres = folds.genres[train]
        losses = [balanced_loss(log_softmax(inner[k, train] / t), genres) for t in _TEMPERATURES]
        best = _TEMPERATURES[int(np.argmin(losses))]
        inner[k, train] = log_softmax(inner[k, train] / best)
        test[~train] = log_softmax(test[~train] / best)
    return Member(inner, test)


def _centred(logs: Floats) -> Floats:
    bounded = np.clip(logs, _LEAST, 0.0)
    return np.asarray(bounded - bounded.mean(axis=-1, keepdims=True))
