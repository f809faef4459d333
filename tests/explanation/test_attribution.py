from __future__ import annotations

import numpy as np
import pytest

from genrescope.calibration.temperature import Calibration, log_softmax
from genrescope.explanation.attribution import attribute
from genrescope.explanation.feature_groups import FEATURE_GROUPS, describe_input
from genrescope.featuresets import KNOWN_SETS
from genrescope.inference.card import ModelCard
from genrescope.inference.prediction import Prediction
from genrescope.sources import SOURCES
from toymodel import GENRES

BIAS = tuple(np.linspace(-0.4, 0.5, 10).tolist())
CALIBRATION = Calibration(1.7, BIAS)


def card(weights: dict[str, float] | None = None, inputs=("rp", "rh", "ssd")) -> ModelCard:
    return ModelCard(
        name="m",
        title="",
        genres=GENRES,
        inputs={name: SOURCES[name].dims for name in inputs},
        prior=(0.1,) * 10,
        calibration=CALIBRATION,
        card={} if weights is None else {"weights": weights},
    )


def predicted(members: np.ndarray, weights: list[float]) -> Prediction:
    scores = log_softmax(np.tensordot(weights, members, 1))
    return Prediction(GENRES, CALIBRATION.apply(scores), 0.5, members=members)


@pytest.fixture
def members() -> np.ndarray:
    return log_softmax(np.random.default_rng(2).normal(0, 2, (3, 10)))


@pytest.mark.parametrize("weights", [None, {"rp": 0.8, "rh": 0.1, "ssd": 0.4}, {"rp": 1.0}])
def test_the_pulls_and_the_rest_are_the_log_odds(members, weights):
    given = weights or dict.fromkeys(("rp", "rh", "ssd"), 1 / 3)
    numbers = [given.get(name, 0.0) for name in ("rp", "rh", "ssd")]
    prediction = predicted(members, numbers)
    found = attribute(prediction, card(weights))
    best, other = np.argsort(-prediction.probabilities)[:2]
    shares = prediction.probabilities

    assert (found.genre, found.runner_up) == (GENRES[best], GENRES[other])
    for name, row, weight in zip(("rp", "rh", "ssd"), members, numbers, strict=True):
        pull = next((item for item in found.inputs if item.name == name), None)
        if weight:
            assert pull.log_odds == pytest.approx(weight * (row[best] - row[other]) / 1.7)
            assert pull.predicted == GENRES[int(np.argmax(row))]
            assert pull.share == pytest.approx(np.exp(row.max()))
        else:
            assert pull is None
    assert found.intercept == pytest.approx(BIAS[best] - BIAS[other])
    assert sum(item.log_odds for item in found.inputs) + found.intercept == pytest.approx(
        np.log(shares[best] / shares[other])
    )


def test_aspects_add_up_their_inputs(members):
    found = attribute(predicted(members, [0.5, 0.3, 0.4]), card({"rp": 0.5, "rh": 0.3, "ssd": 0.4}))
    odds = {item.name: item.log_odds for item in found.inputs}
    by_name = {item.name: item for item in found.groups}
    rhythm = log_softmax(0.5 * members[0] + 0.3 * members[1])

    assert set(by_name) == {"the rhythm", "the balance of bass and treble"}
    assert by_name["the rhythm"].log_odds == pytest.approx(odds["rp"] + odds["rh"])
    assert by_name["the rhythm"].predicted == GENRES[int(np.argmax(rhythm))]


def test_the_strongest_comes_first(members):
    strengths = [
        abs(item.log_odds) for item in attribute(predicted(members, [1] * 3), card()).inputs
    ]

    assert strengths == sorted(strengths, reverse=True)


def test_one_input_has_nothing_to_be_weighed_against(members):
    alone = predicted(members[:1], [1.0])

    assert attribute(alone, card(inputs=("rp",))) is None
    assert attribute(Prediction(GENRES, alone.probabilities, 0.5), card()) is None


def test_a_genre_that_is_as_good_as_excluded_leaves_finite_pulls(members):
    members = np.stack([np.where(np.arange(10) == 3, 0.0, -1000.0)] * 3)
    found = attribute(predicted(members, [1.0] * 3), card())

    assert np.isfinite([found.intercept, *(item.log_odds for item in found.inputs)]).all()


def test_every_possible_input_has_words():
    assert set(FEATURE_GROUPS) == set(KNOWN_SETS)
    found = [describe_input(name).description for name in SOURCES]
    assert len(set(found)) == len(found)
    assert describe_input("anything else").description == "anything else"
