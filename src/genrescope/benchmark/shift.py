"""Prior shift: scores of one model, corrected to the genre shares of the test part.

Learners here weigh every genre alike in training, so their probabilities assume equal shares, and
the likeliest genre is predicted for macro recall. Where songs are tested, or tagged, one genre may
be a hundred times as common as another. By Bayes' rule the same probabilities are moved to those
shares (`genrescope.calibration.label_shift`), and the likeliest genre is then predicted for
accuracy. The shares are either known or estimated from the unlabelled songs (Saerens, Latinne,
Decaestecker, Neural Computation 14(1), 2002), which needs calibrated probabilities (Alexandari,
Kundaje, Shrikumar, ICML 2020).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.label_shift import correct_prior, estimate_prior
from genrescope.calibration.temperature import Calibration, fit_calibration, log_probabilities
from genrescope.evaluation.learner import Classifier
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.protocols import Protocol
from genrescope.evaluation.runner import score
from genrescope.evaluation.scores import RuleScores
from genrescope.learning.baselines.baseline import BaselineClassifier
from genrescope.learning.learner import TrainedNetwork

UNIFORM, ORACLE, ESTIMATED = "balanced", "known shares", "estimated shares"
_MOST_SONGS = 50_000  # that shares are estimated from: EM goes over all of them hundreds of times
CLEAR = 0.1  # share of the songs that would have to be of another genre to make the shares even

_Floats = NDArray[np.float64]


def has_label_shift(predictions: Predictions, protocol: Protocol) -> bool:
    """Whether a protocol's one test part is clearly skewed.

    Folds are left out: each has its own model, and pooling would mix what they assume.
    """
    return (
        len(protocol.splits) == 1
        and total_variation(_shares(predictions), _even(predictions)) >= CLEAR
    )


def total_variation(one: _Floats, other: _Floats) -> float:
    """Total variation distance of two (k,) shares: 0 where equal, 1 where they share no genre."""
    return float(np.abs(one - other).sum() / 2)


def prior_corrected_scores(
    predictions: Predictions,
    calibration: Calibration | None = None,
    *,
    resamples: int = 300,
    seed: int = 0,
) -> tuple[RuleScores, ...]:
    """Scores of the balanced probabilities, and of those moved to known and to estimated shares.

    Known are the shares of the test part itself, which a user has only with labels of many songs of
    the same collection. The estimate sees no label, only the test songs.

    Args:
        predictions: of a model that weighed all genres alike in training.
        calibration: fitted with all genres weighed alike to songs that the weights were not; it
            is applied before the shares are estimated and corrected, never to `balanced`.
        resamples: of the bootstrap, which takes the shares as given.
        seed: of the bootstrap and of the sample that the shares are estimated from.

    Returns:
        In the order balanced, known, estimated.
    """
    given, even = predictions.probabilities, _even(predictions)
    mended = given if calibration is None else calibration.apply(log_probabilities(given))
    estimated = estimate_prior(_sample(mended, seed), even)
    rules = {UNIFORM: even, ORACLE: _shares(predictions), ESTIMATED: estimated}
    found = []
    for rule, shares in rules.items():
        moved = given if rule == UNIFORM else correct_prior(mended, even, shares)
        scores = score(replace(predictions, probabilities=moved), resamples=resamples, seed=seed)
        found.append(
            RuleScores(
                rule=rule,
                shares=tuple(shares.tolist()),
                shares_off=total_variation(shares, rules[ORACLE]),
                macro_recall=scores.macro_recall,
                accuracy=scores.accuracy,
                log_loss=scores.log_loss,
            )
        )
    return tuple(found)


def calibration_of(classifier: Classifier) -> Calibration | None:
    """What calibrates probabilities where all genres are equally common; None: not known.

    It is fitted, all genres weighed alike, to songs held out from the weights: those that chose a
    network's epoch, those that a baseline's temperature is fitted to.
    """
    if isinstance(classifier, BaselineClassifier):
        return classifier.calibration
    if not isinstance(classifier, TrainedNetwork):
        return None
    data = classifier.data
    logs = log_probabilities(classifier.probabilities(data.table, data.validation))
    truth, weights = data.classes[data.validation], data.weights(data.validation)
    return fit_calibration(logs, truth, weights=weights)


def _sample(probabilities: _Floats, seed: int) -> _Floats:
    if len(probabilities) <= _MOST_SONGS:
        return probabilities
    rng = np.random.default_rng(seed)
    return probabilities[rng.choice(len(probabilities), _MOST_SONGS, replace=False)]


def _shares(predictions: Predictions) -> _Floats:
    """(genres,) shares of the true genres."""
    counts = np.bincount(predictions.truth, minlength=len(predictions.genres))
    return np.asarray(counts / counts.sum())


def _even(predictions: Predictions) -> _Floats:
    """(genres,) the shares that the probabilities assume."""
    return np.full(len(predictions.genres), 1 / len(predictions.genres))
