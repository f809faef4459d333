"""Which of two learners is better: a paired bootstrap over the songs that both were tested on.

Songs are drawn as for the intervals of `genrescope.evaluation.metrics` (with replacement within
each genre, a song with all its repeated predictions), the same songs for both, and the scores are
subtracted (Efron, Tibshirani, 1993; paired, as in Koehn, "Statistical significance tests for
machine translation evaluation", EMNLP 2004). What is hard or easy for both cancels, so two learners
can differ clearly though their own intervals overlap.

The interval holds the choice of test songs and nothing else: not what training the learners again,
with other seeds or on other songs, would change, nor other splits, nor that the best of many
learners was picked by the same scores. Where a genre has very few songs it is too narrow: an only
song is in every resample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import DataError
from genrescope.evaluation.bootstrap import SCORES, SongDraws, WeightedPredictions, statistics
from genrescope.evaluation.metrics import check_predictions
from genrescope.evaluation.predictions import Predictions

HIGHER_IS_BETTER = {
    "macro_recall": True,
    "accuracy": True,
    "log_loss": False,
    "calibration_error": False,
}
"""The scores that are compared."""

_EQUAL = 1e-12  # a difference below this is one of rounding
_REMEDY = "compare results of one benchmark: the same data, protocol and seed"
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """A score of A and of B, and A minus B with its paired bootstrap 95 % interval.

    Attributes:
        a: score of A, in the score's own unit.
        b: score of B.
        value: a - b.
        low: 2.5 percentile of the resampled differences.
        high: 97.5 percentile.
        not_better: share of the resamples in which A is not better than B, 0 to 1; equal is not
            better.
    """

    a: float
    b: float
    value: float
    low: float
    high: float
    not_better: float


def compare(
    a: Predictions, b: Predictions, *, resamples: int = 1000, seed: int = 0
) -> dict[str, Difference]:
    """Compare two learners' predictions of the same songs under the same protocol.

    Resampling noise adds to a calibration error, and more to the smaller one: the resampled
    differences of calibration errors are therefore centred on the difference itself.

    Args:
        a: predictions of one learner.
        b: those of the other; their order is no matter.
        resamples: bootstrap resamples, at least 1.
        seed: of the bootstrap.

    Returns:
        A `Difference` for each score named in `HIGHER_IS_BETTER`.

    Raises:
        DataError: other genres, other songs, other true genres, songs tested in other splits, or
            probabilities that are none.
    """
    for predictions in (a, b):
        check_predictions(predictions.truth, predictions.probabilities, len(predictions.genres))
    if a.genres != b.genres:
        raise DataError("the two predictions have different genres", remedy=_REMEDY)
    first, second = _in_order(a), _in_order(b)
    _refuse_unlike(a, b, first, second)
    draws = SongDraws.of(a.truth[first], a.ids[first])
    pair = [_weighted(a, first[draws.order]), _weighted(b, second[draws.order])]
    values = [statistics(weighted, np.ones(len(first))) for weighted in pair]
    rng = np.random.default_rng(seed)
    drawn = np.empty((resamples, len(SCORES)))
    for differences in drawn:
        weights = draws.draw(rng)
        differences[:] = statistics(pair[0], weights) - statistics(pair[1], weights)
    return {
        name: _difference(name, values[0][column], values[1][column], drawn[:, column])
        for column, name in enumerate(SCORES)
        if name in HIGHER_IS_BETTER
    }


def _in_order(predictions: Predictions) -> NDArray[np.int64]:
    """(n,) positions that sort the predictions by song, then by split."""
    return np.lexsort((np.array(predictions.split_names)[predictions.split], predictions.ids))


def _refuse_unlike(
    a: Predictions, b: Predictions, first: NDArray[np.int64], second: NDArray[np.int64]
) -> None:
    if not np.array_equal(a.ids[first], b.ids[second]):
        alone = len(np.setxor1d(a.ids, b.ids))
        counted = f"{alone} songs are in one alone" if alone else "songs are repeated differently"
        raise DataError(f"the two predictions are not of the same songs: {counted}", remedy=_REMEDY)
    if other := int((a.truth[first] != b.truth[second]).sum()):
        raise DataError(f"{other} predictions have different true genres", remedy=_REMEDY)
    splits = [
        np.array(item.split_names)[item.split[order]] for item, order in ((a, first), (b, second))
    ]
    if other := int((splits[0] != splits[1]).sum()):
        raise DataError(f"{other} predictions are of different splits", remedy=_REMEDY)


def _weighted(predictions: Predictions, order: NDArray[np.int64]) -> WeightedPredictions:
    return WeightedPredictions.of(predictions.truth[order], predictions.probabilities[order])


def _difference(name: str, a: np.float64, b: np.float64, drawn: _Floats) -> Difference:
    if name == "calibration_error":
        drawn = drawn - drawn.mean() + (a - b)
    low, high = np.quantile(drawn, (0.025, 0.975)).tolist()
    better = drawn > _EQUAL if HIGHER_IS_BETTER[name] else drawn < -_EQUAL
    return Difference(float(a), float(b), float(a - b), low, high, float(1 - better.mean()))
