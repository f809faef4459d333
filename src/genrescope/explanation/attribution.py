"""Which input of a model pulls towards which genre.

A model of several inputs adds up their log-probabilities, each with its weight; its calibration
divides the sum by a temperature and adds a bias. So the log-odds between two genres are a sum with
one term for each input, and the terms say exactly what each contributed to the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.temperature import log_softmax
from genrescope.explanation.feature_groups import ASPECTS
from genrescope.inference.card import ModelCard
from genrescope.inference.prediction import Prediction

_LEAST = 1e-12  # a probability that is as good as 0


@dataclass(frozen=True)
class Pull:
    """What one input, or all that look at one side of music, has to say.

    Attributes:
        name: of the input, or the heading of its side of music.
        genre: what it would answer alone.
        share: how sure it would be, 0 to 1, not calibrated.
        log_odds: nats that it adds for the likeliest genre against the next; negative: for the
            next.
    """

    name: str
    genre: str
    share: float
    log_odds: float


@dataclass(frozen=True)
class Pulls:
    """What decided between the two likeliest genres.

    Attributes:
        best: the likeliest genre.
        other: the next.
        inputs: of each input, strongest first.
        aspects: of each side of music, strongest first.
        rest: nats that no input accounts for: the model's leaning, before it has heard anything.
    """

    best: str
    other: str
    inputs: tuple[Pull, ...]
    aspects: tuple[Pull, ...]
    rest: float


def find_pulls(prediction: Prediction, card: ModelCard) -> Pulls | None:
    """What each input contributed to a prediction; None where the model has but one input.

    The log-odds of all inputs and `rest` add up to those of the two likeliest genres.

    Args:
        prediction: by the model of `card`.
        card: names the inputs; their weights are `card.card["weights"]`, alike where there are
            none.
    """
    if prediction.members is None or len(card.inputs) < 2:
        return None
    best, other = (card.genres.index(genre) for genre, _ in prediction.top(2))
    weights = _weights(card)
    logs = dict(zip(card.inputs, prediction.members, strict=True))

    def pull(name: str, inputs: Iterable[str]) -> Pull:
        told = sum((weights[item] * logs[item] for item in inputs), np.zeros(len(card.genres)))
        whole = sum(weights[item] for item in inputs)
        shares = np.exp(log_softmax(told / whole))
        odds = (told[best] - told[other]) / card.calibration.temperature
        favourite = int(np.argmax(shares))
        return Pull(name, card.genres[favourite], float(shares[favourite]), float(odds))

    inputs = [pull(name, [name]) for name in weights]
    aspects = [pull(heading, names) for heading, names in _by_aspect(weights).items()]
    total = _log_odds(prediction.probabilities, best, other)
    return Pulls(
        card.genres[best],
        card.genres[other],
        _strongest_first(inputs),
        _strongest_first(aspects),
        total - sum(item.log_odds for item in inputs),
    )


def _weights(card: ModelCard) -> dict[str, float]:
    """The weight of each input that has one."""
    told = card.card.get("weights", {})
    weights = {name: float(told[name]) for name in card.inputs if told.get(name, 0) > 0}
    return weights or dict.fromkeys(card.inputs, 1 / len(card.inputs))


def _by_aspect(inputs: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in inputs:
        found.setdefault(ASPECTS[name].heading, []).append(name)
    return found


def _log_odds(probabilities: NDArray[np.float64], best: int, other: int) -> float:
    shares = np.maximum(probabilities, _LEAST)
    return float(np.log(shares[best]) - np.log(shares[other]))


def _strongest_first(pulls: list[Pull]) -> tuple[Pull, ...]:
    return tuple(sorted(pulls, key=lambda item: -abs(item.log_odds)))
