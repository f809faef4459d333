"""Several labels a song: each by itself, calibrated, with a threshold of its own.

That a song has a label is no evidence against its others: probabilities of labels that exclude each
other would share out what both have for certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.coverage import Coverage, coverage_curve
from genrescope.calibration.temperature import fit_calibration, logistic
from genrescope.evaluation.bootstrap import calibration_error
from genrescope.learning.own.labelled import LabelledSongs

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]

LEAST_SHARE = 0.05
"""Share of songs with several labels from which labels are predicted each by itself."""
LEAST_LABEL, MOST_LABEL = 0.25, 0.5
"""Bounds of a label's threshold: the best one for F1 is at most a half."""
_FOLDS = 5


@dataclass(frozen=True, eq=False)
class EachLabel:
    """From scores of labels, one against the rest, to probabilities.

    Attributes:
        slopes: (labels,) above 0.
        biases: (labels,)
        thresholds: (labels,) probability from which a label is named, 0 to 1.
    """

    slopes: _Floats
    biases: _Floats
    thresholds: _Floats

    def probabilities(self, scores: _Floats) -> _Floats:
        """(n, labels) that a song has a label, of (n, labels) scores."""
        return logistic(scores * self.slopes + self.biases)


@dataclass(frozen=True)
class SeveralLabels:
    """How well labels are predicted each by itself, by songs that nothing was fitted to.

    Attributes:
        recall: of each label at its threshold.
        precision: the same; None where it is never named.
        macro_recall: mean over labels.
        macro_f1: the same.
        hit: share of songs whose likeliest label is among theirs.
        calibration_error: of the probability of the likeliest label, 0 to 1.
        named: labels named of a song, on average.
        coverage: what thresholds of the likeliest label's probability would do.
    """

    recall: dict[str, float]
    precision: dict[str, float | None]
    macro_recall: float
    macro_f1: float
    hit: float
    calibration_error: float
    named: float
    coverage: tuple[Coverage, ...]


def are_several(songs: LabelledSongs) -> bool:
    """Whether so many songs have several labels that each is predicted by itself."""
    return bool((songs.has.sum(axis=1) > 1).mean() >= LEAST_SHARE)


def fit_each(scores: _Floats, has: _Bools) -> EachLabel:
    """Calibration and thresholds from out-of-fold scores.

    A logistic curve for each label (Platt, "Probabilistic outputs for support vector machines",
    1999), and the threshold of the highest F1.

    Args:
        scores: (n, labels).
        has: (n, labels) which song has which label.
    """
    unit = float(scores.std()) or 1.0
    fits = [
        fit_calibration(np.stack([column / unit, 0 * column], axis=1), np.where(own, 0, 1))
        for column, own in zip(scores.T, has.T, strict=True)
    ]
    slopes = np.array([1 / (fit.temperature * unit) for fit in fits])
    biases = np.array([fit.bias[0] - fit.bias[1] for fit in fits])
    plain = EachLabel(slopes, biases, np.full(len(slopes), 0.5))
    columns = zip(plain.probabilities(scores).T, has.T, strict=True)
    return EachLabel(slopes, biases, np.array([_threshold(*column) for column in columns]))


def score_each(scores: _Floats, songs: LabelledSongs) -> SeveralLabels:
    """How well labels are predicted, each fifth of the songs calibrated by the others."""
    probabilities, named = np.zeros(scores.shape), np.zeros(scores.shape, bool)
    for split in songs.folds(_FOLDS, seed=1):
        each = fit_each(scores[split.train], songs.has[split.train])
        probabilities[split.test] = each.probabilities(scores[split.test])
        named[split.test] = probabilities[split.test] >= each.thresholds
    return _scores_of(probabilities, named, songs.has, songs.labels)


def _scores_of(
    probabilities: _Floats, named: _Bools, has: _Bools, labels: Sequence[str]
) -> SeveralLabels:
    right = (named & has).sum(axis=0).tolist()
    given, there = named.sum(axis=0).tolist(), has.sum(axis=0).tolist()
    recall = [r / max(n, 1) for r, n in zip(right, there, strict=True)]
    f1 = [2 * r / max(g + n, 1) for r, g, n in zip(right, given, there, strict=True)]
    precision = [r / n if n else None for r, n in zip(right, given, strict=True)]
    best = probabilities.argmax(axis=1)
    hits = has[np.arange(len(has)), best]
    return SeveralLabels(
        dict(zip(labels, recall, strict=True)),
        dict(zip(labels, precision, strict=True)),
        float(np.mean(recall)),
        float(np.mean(f1)),
        float(hits.mean()),
        calibration_error(probabilities.max(axis=1), hits),
        float(named.sum(axis=1).mean()),
        coverage_curve(probabilities.max(axis=1), hits),
    )


def _threshold(probabilities: _Floats, own: _Bools) -> float:
    """The threshold of the highest F1, within bounds."""
    order = np.argsort(-probabilities, kind="stable")
    right = np.cumsum(own[order])
    f1 = 2 * right / (np.arange(1, len(own) + 1) + own.sum())
    best = float(probabilities[order[int(f1.argmax())]])
    return min(max(best, LEAST_LABEL), MOST_LABEL)
