"""Scores against closed forms, scikit-learn and their own symmetries."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from genrescope.errors import DataError
from genrescope.evaluation.bootstrap import calibration_error
from genrescope.evaluation.metrics import BINS, evaluate
from genrescope.evaluation.scores import Interval, Scores

INTERVALS = ("macro_recall", "accuracy", "macro_f1", "log_loss", "top3", "calibration_error")
GENRES = ("blues", "jazz", "metal", "pop", "rock")


def drawn(seed: int, rows: int = 60, genres: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(genres, size=rows), rng.dirichlet(np.ones(genres), size=rows)


def values(scores: Scores) -> list[float]:
    return [getattr(scores, name).value for name in INTERVALS]


def test_by_hand() -> None:
    truth = np.array([0, 0, 0, 1])
    probabilities = np.array([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.3, 0.7, 0.0], [0.2, 0.8, 0.0]])
    scores = evaluate(truth, probabilities, ("a", "b", "c"))
    assert scores.rows == 4
    assert scores.accuracy.value == 0.75
    assert scores.macro_recall.value == pytest.approx((2 / 3 + 1) / 2)
    assert scores.macro_f1.value == pytest.approx((0.8 + 2 / 3) / 2)
    assert scores.majority_rate == 0.75
    assert scores.log_loss.value == pytest.approx(-math.log(0.9 * 0.6 * 0.3 * 0.8) / 4)
    assert scores.uniform_log_loss == pytest.approx(math.log(3))
    assert scores.prior_entropy == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25))
    assert scores.top3.value == 1.0
    # Confidences 0.9, 0.6, 0.7, 0.8 lie in four bins; right, right, wrong, right.
    assert scores.calibration_error.value == pytest.approx((0.1 + 0.4 + 0.7 + 0.2) / 4)
    assert scores.confusion == ((2, 1, 0), (0, 1, 0), (0, 0, 0))
    absent = scores.genres[2]
    assert (absent.support, absent.predicted) == (0, 0)
    assert (absent.precision, absent.recall, absent.f1) == (None, None, None)
    assert scores.genres[1].precision == 0.5
    assert scores.genres[1].recall == 1.0


def test_the_calibration_error_of_predictions_alone_is_that_of_all_scores() -> None:
    truth, probabilities = drawn(3)
    right = probabilities.argmax(axis=1) == truth
    expected = evaluate(truth, probabilities, GENRES).calibration_error.value
    assert calibration_error(probabilities.max(axis=1), right) == pytest.approx(expected, rel=1e-12)


def test_undefined_scores_of_a_genre_are_none_one_by_one() -> None:
    scores = evaluate(np.array([0, 0]), np.array([[0.0, 1.0], [0.0, 1.0]]), ("a", "b"))
    assert (scores.genres[0].precision, scores.genres[0].recall) == (None, 0.0)
    assert (scores.genres[1].precision, scores.genres[1].recall) == (0.0, None)
    assert (scores.genres[0].f1, scores.genres[1].f1) == (0.0, 0.0)


def test_log_loss_is_clipped() -> None:
    scores = evaluate(np.array([0]), np.array([[0.0, 1.0]]), ("a", "b"))
    assert scores.log_loss.value == pytest.approx(15 * math.log(10))


def test_uniform_predictions() -> None:
    truth = np.arange(10)
    scores = evaluate(truth, np.full((10, 10), 0.1), [str(i) for i in range(10)])
    assert scores.log_loss.value == pytest.approx(scores.uniform_log_loss)
    assert scores.accuracy.value == pytest.approx(0.1)
    assert scores.top3.value == pytest.approx(0.3), "of equals the first three are predicted"
    assert scores.calibration_error.value == pytest.approx(0.0, abs=1e-12)


def test_perfect_predictions() -> None:
    truth = np.array([0, 1, 2, 2])
    scores = evaluate(truth, np.eye(3)[truth], ("a", "b", "c"))
    certain = Interval(1.0, 1.0, 1.0)
    assert scores.macro_recall == scores.accuracy == scores.macro_f1 == scores.top3 == certain
    assert scores.log_loss == scores.calibration_error == Interval(0.0, 0.0, 0.0)


def test_reliability_bins() -> None:
    confidence = np.array([1.0, 1.0, 0.5 + 1e-9, 14 / 15])
    scores = evaluate(
        np.array([0, 1, 0, 0]), np.column_stack([confidence, 1 - confidence]), ("a", "b")
    )
    bins = scores.reliability
    assert len(bins) == BINS
    assert (bins[0].low, bins[-1].high) == (0.0, 1.0)
    assert [item.count for item in bins] == [0] * 7 + [1] + [0] * 5 + [1, 2]
    assert bins[14].confidence == 1.0
    assert bins[14].accuracy == 0.5
    assert (bins[0].confidence, bins[0].accuracy) == (None, None)


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_scikit_learn(seed: int) -> None:
    truth, probabilities = drawn(seed)
    predicted = probabilities.argmax(axis=1)
    scores = evaluate(truth, probabilities, GENRES, resamples=10)
    labels = range(5)
    assert scores.accuracy.value == pytest.approx(sk.accuracy_score(truth, predicted))
    assert scores.macro_recall.value == pytest.approx(sk.balanced_accuracy_score(truth, predicted))
    assert scores.macro_f1.value == pytest.approx(sk.f1_score(truth, predicted, average="macro"))
    assert scores.log_loss.value == pytest.approx(sk.log_loss(truth, probabilities, labels=labels))
    assert scores.top3.value == pytest.approx(
        sk.top_k_accuracy_score(truth, probabilities, k=3, labels=labels)
    )
    assert np.array_equal(scores.confusion, sk.confusion_matrix(truth, predicted, labels=labels))
    expected = sk.precision_recall_fscore_support(truth, predicted, labels=labels)
    found = [(item.precision, item.recall, item.f1, item.support) for item in scores.genres]
    assert np.allclose(found, np.transpose(expected))


@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(2, 5))
@settings(max_examples=30, deadline=None)
def test_order_of_rows_and_of_genres_is_no_matter(seed: int, rows: int, genres: int) -> None:
    truth, probabilities = drawn(seed, rows, genres)
    names = GENRES[:genres]
    scores = evaluate(truth, probabilities, names, resamples=0)
    rng = np.random.default_rng(seed)
    order, renamed = rng.permutation(rows), rng.permutation(genres)
    shuffled = evaluate(truth[order], probabilities[order], names, resamples=0)
    place = np.argsort(renamed)
    relabelled = evaluate(
        place[truth], probabilities[:, renamed], [names[i] for i in renamed], resamples=0
    )
    assert np.allclose(values(scores), values(shuffled), atol=1e-12)
    assert np.allclose(values(scores), values(relabelled), atol=1e-12)
    assert scores.confusion == shuffled.confusion
    by_name = {item.genre: item for item in relabelled.genres}
    assert scores.genres == tuple(by_name[name] for name in names)


@given(st.integers(0, 10_000), st.integers(2, 40))
@settings(max_examples=30, deadline=None)
def test_scores_and_intervals_stay_in_range(seed: int, rows: int) -> None:
    truth, probabilities = drawn(seed, rows)
    scores = evaluate(truth, probabilities, GENRES, resamples=50)
    for name in INTERVALS:
        interval = getattr(scores, name)
        assert interval.low <= interval.high
        if name != "log_loss":
            assert 0 <= interval.low <= interval.high <= 1 + 1e-12
    assert sum(map(sum, scores.confusion)) == rows
    assert sum(item.count for item in scores.reliability) == rows


def test_interval_of_accuracy_is_that_of_the_binomial() -> None:
    right = np.arange(400) < 300
    truth = np.zeros(400, dtype=np.int64)
    probabilities = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
    interval = evaluate(truth, probabilities, ("a", "b"), resamples=4000).accuracy
    half = 1.96 * math.sqrt(0.75 * 0.25 / 400)
    assert interval.low == pytest.approx(0.75 - half, abs=0.006)
    assert interval.high == pytest.approx(0.75 + half, abs=0.006)


def test_interval_of_macro_recall_draws_within_genres() -> None:
    truth = np.repeat([0, 1], [1000, 10])
    probabilities = np.eye(2)[np.where(np.arange(1010) % 2 == 0, truth, 1 - truth)]
    interval = evaluate(truth, probabilities, ("a", "b"), resamples=4000).macro_recall
    # Half of (recall of 10 songs, a binomial share in tenths) plus nearly nothing of the 1000.
    assert interval.low == pytest.approx(0.25 + 0.1, abs=0.02)
    assert interval.high == pytest.approx(0.25 + 0.4, abs=0.02)


def test_repeats_of_a_song_are_drawn_together() -> None:
    truth, probabilities = drawn(0, rows=50)
    names = np.array([f"song {i:02d}" for i in range(50)])
    once = evaluate(truth, probabilities, GENRES, songs=names)
    assert once == evaluate(truth, probabilities, GENRES)
    thrice = evaluate(
        np.tile(truth, 3), np.tile(probabilities, (3, 1)), GENRES, songs=np.tile(names, 3)
    )
    assert np.allclose(values(once), values(thrice))
    careless = evaluate(np.tile(truth, 3), np.tile(probabilities, (3, 1)), GENRES)
    for name in INTERVALS:
        widths = [
            getattr(scores, name).high - getattr(scores, name).low
            for scores in (once, thrice, careless)
        ]
        assert widths[1] == pytest.approx(widths[0], rel=0.15)
        assert widths[2] < 0.75 * widths[0]


def test_calibration_interval_is_around_its_value() -> None:
    truth, probabilities = drawn(3, rows=100)
    scores = evaluate(truth, probabilities, GENRES)
    assert scores.calibration_error.low < scores.calibration_error.value
    assert scores.calibration_error.value < scores.calibration_error.high


def test_the_seed_decides_the_intervals_and_nothing_else() -> None:
    truth, probabilities = drawn(1)
    first, again, other = (
        evaluate(truth, probabilities, GENRES, resamples=50, seed=seed) for seed in (0, 0, 1)
    )
    assert first == again != other
    assert values(first) == values(other)


def test_without_resamples_the_ends_are_not_known() -> None:
    scores = evaluate(*drawn(1), GENRES, resamples=0)
    assert math.isnan(scores.accuracy.low)
    assert math.isnan(scores.accuracy.high)
    assert scores.accuracy.value > 0


def test_float32_softmax_is_good_enough() -> None:
    truth, probabilities = drawn(1)
    single = evaluate(truth, probabilities.astype(np.float32), GENRES, resamples=5)
    double = evaluate(truth, probabilities, GENRES, resamples=5)
    assert np.allclose(values(single), values(double), atol=1e-6)
    assert replace(single, rows=0).confusion == double.confusion


@pytest.mark.parametrize(
    ("truth", "probabilities", "words"),
    [
        ([], np.zeros((0, 2)), "no predictions"),
        ([0, 1], [[1.0, 0.0]], "shape"),
        ([0], [[1.0, 0.0, 0.0]], "shape"),
        ([2], [[1.0, 0.0]], "indices below 2"),
        ([-1], [[1.0, 0.0]], "indices below 2"),
        ([0.0], [[1.0, 0.0]], "indices below 2"),
        ([0, 0], [[1.0, 0.0], [np.nan, 1.0]], "1 of 2 .* not finite, the first is row 1"),
        ([0], [[np.inf, 0.0]], "not finite"),
        ([0], [[1.5, -0.5]], "negative"),
        ([0], [[0.5, 0.4]], "without sum 1"),
    ],
)
def test_refuses_what_are_no_probabilities(truth: list, probabilities: list, words: str) -> None:
    with pytest.raises(DataError, match=words):
        evaluate(np.array(truth), np.array(probabilities), ("a", "b"))


def test_refuses_songs_that_do_not_fit() -> None:
    truth, probabilities = np.array([0, 1]), np.eye(2)
    with pytest.raises(DataError, match="2 predictions for 1 songs"):
        evaluate(truth, probabilities, ("a", "b"), songs=np.array(["x"]))
    with pytest.raises(DataError, match="1 songs have two true genres"):
        evaluate(truth, probabilities, ("a", "b"), songs=np.array(["x", "x"]))
