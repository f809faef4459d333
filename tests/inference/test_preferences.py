from __future__ import annotations

import numpy as np
import pytest

from genrescope.calibration.label_shift import correct_prior, estimate_prior
from genrescope.errors import UsageError
from genrescope.inference.options import Preferences
from genrescope.inference.prediction import Prediction
from genrescope.taxonomy.vocabulary import TOP_MAGD
from toymodel import GENRES, write_toy_model


@pytest.fixture
def card(tmp_path):
    return write_toy_model(tmp_path, threshold=0.5)


def prediction(shares=None, **changes) -> Prediction:
    shares = np.full(10, 0.1) if shares is None else shares
    return Prediction(GENRES, shares, 0.5, **changes)


def test_without_wishes_an_answer_stays_what_it_is(card):
    answer = prediction()
    assert Preferences(card).apply(answer) is answer
    assert Preferences(card).genres == GENRES


def test_prior_threshold_and_vocabulary_are_applied_in_turn(card):
    shares, prior = np.full(10, 0.05), np.full(10, 0.05)
    shares[3], prior[5] = 0.55, 0.55  # disco, jazz
    told = Preferences(card, prior, 0.2, "topMAGD").apply(prediction(shares))
    moved = correct_prior(shares, card.prior, prior)

    assert told.threshold == 0.2
    assert told.probabilities[told.genres.index("Jazz")] == pytest.approx(moved[5])
    assert told.probabilities[told.genres.index("Electronic")] == pytest.approx(moved[3])
    assert told.probabilities.sum() == pytest.approx(1)


def test_what_the_vocabulary_has_and_the_model_cannot_tell_is_known(card):
    preferences = Preferences(card, vocabulary="topMAGD")

    assert preferences.genres == (*TOP_MAGD.genres, "unknown")
    assert {"New Age", "Vocal", "Latin"} <= set(preferences.untold())
    assert Preferences(card).untold() == ()


def test_a_vocabulary_that_is_none_is_refused_at_once(card):
    with pytest.raises(UsageError, match="no vocabulary 'mymusic'"):
        Preferences(card, vocabulary="mymusic")


def test_the_shares_of_a_collection_are_estimated_from_its_music(card):
    rng = np.random.default_rng(4)
    songs = rng.dirichlet(np.array([8, *[0.5] * 9]), 200)
    predictions = [prediction(row) for row in songs]
    noise = [prediction(np.eye(10)[9], music=0.1)] * 50
    estimated = Preferences(card).with_estimated_prior([*predictions, *noise])

    np.testing.assert_allclose(estimated.prior, estimate_prior(songs, card.prior))
    assert np.argmax(estimated.prior) == 0


def test_without_music_there_is_no_estimate(card):
    preferences = Preferences(card)
    assert preferences.with_estimated_prior([prediction(music=0.0)]) is preferences
