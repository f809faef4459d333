"""Which part of a model contributes how much to a prediction.

A model of several members adds up their log-probabilities, each with its weight; its calibration
divides the sum by a temperature and adds a bias. So the log-odds between two genres are a sum with
one term for each member, exactly what each contributed to the prediction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.temperature import log_softmax
from genrescope.explanation.feature_groups import describe_input
from genrescope.inference.card import ModelCard
from genrescope.inference.prediction import Prediction

_LEAST = 1e-12  # a probability that is as good as 0


@dataclass(frozen=True)
class Attribution:
    """What one member of a model, or all that measure one side of music, contributes.

    Attributes:
        name: of the member, or the heading of its side of music.
        predicted: the genre that it would give alone.
        share: probability that it would give it, 0 to 1, not calibrated.
        log_odds: nats that it adds for the likeliest genre against the next; negative: for the
            next.
    """

    name: str
    predicted: str
    share: float
    log_odds: float


@dataclass(frozen=True)
class Attributions:
    """What decided between the two likeliest genres.

    Attributes:
        genre: the likeliest.
        runner_up: the next.
        inputs: of each member, strongest first.
        groups: of each side of music, strongest first.
        intercept: nats that no member accounts for.
    """

    genre: str
    runner_up: str
    inputs: tuple[Attribution, ...]
    groups: tuple[Attribution, ...]
    intercept: float


def attribute(prediction: Prediction, card: ModelCard) -> Attributions | None:
    """What each member contributed to a prediction; None where the model has but one.

    The log-odds of all members and the intercept add up to those of the two likeliest genres.

    Args:
        prediction: by the model of `card`, in its first vocabulary.
        card: names the members and their weights.
    """
    if prediction.members is None or len(prediction.members) < 2:
        return None
    best, other = (card.genres.index(genre) for genre, _ in prediction.top(2))
    logs = dict(zip(card.member_weights, prediction.members, strict=True))
    weights = {name: weight for name, weight in card.member_weights.items() if weight > 0}

    def of(name: str, members: Iterable[str]) -> Attribution:
        total = sum((weights[item] * logs[item] for item in members), np.zeros(len(card.genres)))
        shares = np.exp(log_softmax(total / sum(weights[item] for item in members)))
        odds = (total[best] - total[other]) / card.calibration.temperature
        favourite = int(np.argmax(shares))
        return Attribution(name, card.genres[favourite], float(shares[favourite]), float(odds))

    inputs = [of(name, [name]) for name in weights]
    groups = [of(heading, names) for heading, names in _by_group(weights).items()]
    total = _log_odds(prediction.probabilities, best, other)
    return Attributions(
        card.genres[best],
        card.genres[other],
        _strongest_first(inputs),
        _strongest_first(groups),
        total - sum(item.log_odds for item in inputs),
    )


def _by_group(members: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in members:
        found.setdefault(describe_input(name).heading, []).append(name)
    return found


def _log_odds(probabilities: NDArray[np.float64], best: int, other: int) -> float:
    shares = np.maximum(probabilities, _LEAST)
    return float(np.log(shares[best]) - np.log(shares[other]))


def _strongest_first(found: list[Attribution]) -> tuple[Attribution, ...]:
    return tuple(sorted(found, key=lambda item: -abs(item.log_odds)))
