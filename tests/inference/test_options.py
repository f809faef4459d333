from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from genrescope.calibration.label_shift import correct_prior, estimate_prior
from genrescope.calibration.temperature import Calibration
from genrescope.errors import UsageError
from genrescope.inference.heads import EACH, Head
from genrescope.inference.options import PredictionOptions
from genrescope.inference.prediction import Prediction
from genrescope.taxonomy.vocabulary import TOP_MAGD
from toymodel import GENRES, write_toy_model


@pytest.fixture
def card(tmp_path):
    return write_toy_model(tmp_path, threshold=0.5)


def prediction(shares=None, **changes) -> Prediction:
    shares = np.full(10, 0.1) if shares is None else shares
    return Prediction(GENRES, shares, 0.5, **changes)


def test_without_options_a_prediction_stays_what_it_is(card):
    found = prediction()
    assert PredictionOptions(card).apply(found) is found
    assert PredictionOptions(card).genres == GENRES


def test_prior_threshold_and_vocabulary_are_applied_in_turn(card):
    shares, prior = np.full(10, 0.05), np.full(10, 0.05)
    shares[3], prior[5] = 0.55, 0.55  # disco, jazz
    found = PredictionOptions(card, prior, 0.2, "topMAGD").apply(prediction(shares))
    moved = correct_prior(shares, card.prior, prior)

    assert found.threshold == 0.2
    assert found.probabilities[found.genres.index("Jazz")] == pytest.approx(moved[5])
    assert found.probabilities[found.genres.index("Electronic")] == pytest.approx(moved[3])
    assert found.probabilities.sum() == pytest.approx(1)


def test_unreachable_genres_of_a_vocabulary_are_named(card):
    options = PredictionOptions(card, vocabulary="topMAGD")

    assert options.genres == (*TOP_MAGD.genres, "unknown")
    assert {"New Age", "Vocal", "Latin"} <= set(options.unreachable())
    assert PredictionOptions(card).unreachable() == ()


def test_a_vocabulary_that_is_none_is_refused_at_once(card):
    with pytest.raises(UsageError, match="no vocabulary 'mymusic'"):
        PredictionOptions(card, vocabulary="mymusic")


def test_each_genre_or_not_is_no_vocabulary_to_predict(card):
    shares = np.array([0.3, 0.15, 0.05, 0.2, 0.1, 0.2])  # of three genres, then of their absence
    genres = ("rock", "jazz", "folk", "no rock", "no jazz", "no folk")
    each = Head(genres, (1 / 6,) * 6, Calibration(1.0, (0.0,) * 6), 0.0, (), EACH, (0.5, 0.4, 0.3))
    several = replace(card, heads={EACH: each})
    found = prediction(heads={EACH: shares})

    assert PredictionOptions(several).named(found) == ("rock", "jazz")  # 0.9 and 0.45; folk 0.15
    assert PredictionOptions(several, top=1).named(found) == ("rock",)
    with pytest.raises(UsageError, match="no vocabulary 'Each'"):
        PredictionOptions(several, vocabulary="Each")


def test_the_shares_of_a_collection_are_estimated_from_its_music(card):
    rng = np.random.default_rng(4)
    songs = rng.dirichlet(np.array([8, *[0.5] * 9]), 200)
    predictions = [prediction(row) for row in songs]
    noise = [prediction(np.eye(10)[9], music=0.1)] * 50
    estimated = PredictionOptions(card).with_estimated_prior([*predictions, *noise])

    np.testing.assert_allclose(estimated.prior, estimate_prior(songs, card.prior))
    assert np.argmax(estimated.prior) == 0


def test_without_music_there_is_no_estimate(card):
    options = PredictionOptions(card)
    assert options.with_estimated_prior([prediction(music=0.0)]) is options


def test_a_vocabulary_that_the_model_was_trained_in_is_taken_as_it_is(tmp_path):
    card = write_toy_model(tmp_path / "two", threshold=0.5, heads={"topMAGD": TOP_MAGD.genres})
    shares, prior = np.full(13, 0.05), np.full(13, 0.4 / 12)
    shares[4], prior[9] = 0.4, 0.6
    known = prediction(heads={"topMAGD": shares}, members=np.zeros((2, 10)))
    options = PredictionOptions(card, vocabulary="topmagd")
    found = options.apply(known)

    assert (options.genres, options.unreachable()) == (TOP_MAGD.genres, ())
    assert (found.genres, found.threshold, found.members) == (TOP_MAGD.genres, 0.0, None)
    np.testing.assert_array_equal(found.probabilities, shares)
    moved = PredictionOptions(card, prior, vocabulary="topMAGD").apply(known)
    np.testing.assert_allclose(moved.probabilities, correct_prior(shares, [1 / 13] * 13, prior))
    estimated = options.with_estimated_prior([known])
    np.testing.assert_allclose(estimated.prior, estimate_prior(shares[None], [1 / 13] * 13))


@pytest.mark.parametrize(
    ("shares", "top", "named"),
    [
        ([0.6, 0.3, 0.1], 3, ("a", "b", "c")),
        ([0.6, 0.31, 0.09], 3, ("a", "b")),
        ([0.6, 0.3, 0.1], 1, ("a",)),
        ([0.09] * 3, 2, ("a",)),
    ],
)
def test_genres_to_name(card, shares, top, named):
    found = Prediction(("a", "b", "c"), np.array(shares), 0.0)
    assert PredictionOptions(card, top=top).named(found) == named


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"threshold": 0.7}, "unsure: 0.60 is below 0.70"),
        ({"music": 0.0}, "nothing to classify"),
        ({"music": 0.4, "threshold": 0.5}, "hardly music: 0.40"),
        ({"music": 0.4, "threshold": 0.2}, ""),
        ({"music": 0.4, "threshold": 0.0}, ""),
    ],
)
def test_why_no_genre_is_named(changes, reason):
    found = Prediction(("a", "b"), np.array([0.6, 0.4]), **{"threshold": 0.5, **changes})
    assert (found.reason, found.genre) == (reason, "unknown" if reason else "a")


@pytest.mark.parametrize("threshold", [float("nan"), -0.1, 2.0, float("inf")])
def test_a_threshold_that_is_none_is_refused(card, threshold):
    with pytest.raises(UsageError, match="take 0 to 1"):
        PredictionOptions(card, threshold=threshold)
