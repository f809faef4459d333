"""Calibration: a known temperature and bias come back, and the optimum is one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genrescope.calibration.temperature import (
    Calibration,
    fit_calibration,
    genre_weights,
    log_probabilities,
    log_softmax,
    logistic,
)
from genrescope.errors import DataError


def _draw(calibration: Calibration, songs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and true genres drawn from what the calibration makes of them."""
    rng = np.random.default_rng(seed)
    scores = log_softmax(rng.normal(0, 3, (songs, len(calibration.bias))))
    edges = np.cumsum(calibration.apply(scores), axis=1)
    truth = (rng.random((songs, 1)) * edges[:, -1:] > edges).sum(axis=1)
    return scores, truth


def _objective(
    beta: float, bias: np.ndarray, scores: np.ndarray, truth: np.ndarray, r: float
) -> float:
    logs = log_softmax(beta * scores + bias)
    own = logs[np.arange(len(truth)), truth].sum()
    return float(r * (beta - 1 - np.log(beta) + bias @ bias / 2) - own)


@pytest.mark.parametrize("genres", [[0, 0, 0, 1], [0, 0, 0, 2]])
def test_every_genre_weighs_the_same(genres: list[int]) -> None:
    np.testing.assert_allclose(genre_weights(np.array(genres)), [2 / 3, 2 / 3, 2 / 3, 2])


def test_log_probabilities_have_a_floor() -> None:
    assert log_probabilities([1.0, 0.0], 1e-12).tolist() == [0.0, np.log(1e-12)]
    assert log_probabilities([1.0, 0.0]).tolist() == [0.0, np.log(np.finfo(np.float32).tiny)]


def test_logits_become_probabilities_without_overflow() -> None:
    found = logistic(np.array([-1e4, -np.log(3), 0.0, np.log(3), 1e4]))
    np.testing.assert_allclose(found, [0, 0.25, 0.5, 0.75, 1], rtol=1e-14)


def test_no_change_is_the_softmax() -> None:
    probabilities = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    same = Calibration(1.0, (0.0, 0.0, 0.0)).apply(np.log(probabilities))
    np.testing.assert_allclose(same, probabilities, rtol=1e-14)


def test_closed_form_of_two_genres() -> None:
    """softmax of (x/T + b, 0) is the logistic function of x/T + b."""
    x = np.linspace(-5, 5, 11)
    out = Calibration(2.0, (0.7, 0.0)).apply(np.stack([x, np.zeros(11)], axis=1))
    np.testing.assert_allclose(out[:, 0], 1 / (1 + np.exp(-(x / 2 + 0.7))), rtol=1e-13)


def test_huge_scores_do_not_overflow() -> None:
    out = Calibration(0.5, (0.0, 0.0)).apply([[-1e6, 0.0], [0.0, -1e6]])
    np.testing.assert_array_equal(out, [[0.0, 1.0], [1.0, 0.0]])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_recovers_temperature_and_bias(temperature: float) -> None:
    bias = np.array([0.8, -0.5, 0.3, -1.0, 0.4])
    scores, truth = _draw(Calibration(temperature, tuple(bias)), 20_000, seed=1)
    found = fit_calibration(scores, truth)
    assert found.temperature == pytest.approx(temperature, rel=0.05)
    np.testing.assert_allclose(found.bias, bias - bias.mean(), atol=0.12)


def test_mends_the_calibration_error() -> None:
    """On fresh songs, the mean confidence is the accuracy after the fit, and was not before."""
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 4, 4000)
    scores = log_softmax(5 * (np.eye(4)[truth] + rng.normal(0, 1, (4000, 4))))
    fitted = fit_calibration(scores[:2000], truth[:2000]).apply(scores[2000:])
    right = fitted.argmax(axis=1) == truth[2000:]
    assert abs(np.exp(scores[2000:]).max(axis=1).mean() - right.mean()) > 0.2
    assert abs(fitted.max(axis=1).mean() - right.mean()) < 0.02


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    songs=st.integers(1, 60),
    genres=st.integers(2, 6),
    spread=st.sampled_from([0.01, 1.0, 30.0]),
)
def test_gradient_is_zero_at_the_optimum(seed: int, songs: int, genres: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    scores, truth = rng.normal(0, spread, (songs, genres)), rng.integers(0, genres, songs)
    found = fit_calibration(scores, truth)
    beta, bias = 1 / found.temperature, np.array(found.bias)
    excess = found.apply(scores) - np.eye(genres)[truth]
    slope = (excess * scores).sum() + 1 - 1 / beta
    assert abs(slope) < 1e-6 * (np.abs(scores).sum() + 1 / beta)
    np.testing.assert_allclose(excess.sum(axis=0) + bias, 0, atol=1e-6 * songs)
    assert abs(bias.sum()) < 1e-9 * songs
    least = _objective(beta, bias, scores, truth, 1.0)
    for _ in range(5):
        other = bias + rng.normal(0, 0.1, genres)
        assert least <= _objective(beta * np.exp(rng.normal(0, 0.1)), other, scores, truth, 1.0)


def test_scores_that_mislead_keep_the_temperature_positive() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 500)
    found = fit_calibration(-4 * np.eye(3)[truth], truth)
    assert found.temperature > 10


def test_all_right_stays_finite() -> None:
    truth = np.arange(300) % 3
    found = fit_calibration(5 * np.eye(3)[truth], truth)
    assert 0.1 < found.temperature < 1
    np.testing.assert_allclose(found.bias, 0, atol=1e-9)


def test_a_genre_without_songs_has_a_bounded_bias() -> None:
    scores, truth = _draw(Calibration(1.0, (0.0, 0.0, 0.0, -50.0)), 400, seed=4)
    assert not (truth == 3).any()
    found = fit_calibration(scores, truth)
    assert -6 < found.bias[3] < -1


def test_weights_count_songs() -> None:
    scores, truth = _draw(Calibration(1.5, (0.5, -0.5, 0.0)), 50, seed=5)
    times = np.random.default_rng(6).integers(0, 4, 50)
    weighted = fit_calibration(scores, truth, weights=times)
    repeated = fit_calibration(np.repeat(scores, times, axis=0), np.repeat(truth, times))
    assert weighted.temperature == pytest.approx(repeated.temperature, rel=1e-8)
    np.testing.assert_allclose(weighted.bias, repeated.bias, atol=1e-8)


def test_a_constant_added_to_a_song_changes_nothing() -> None:
    scores, truth = _draw(Calibration(1.5, (0.5, -0.5, 0.0)), 80, seed=7)
    shifted = scores + np.random.default_rng(8).normal(0, 5, (80, 1))
    one, other = fit_calibration(scores, truth), fit_calibration(shifted, truth)
    assert one.temperature == pytest.approx(other.temperature, rel=1e-8)


@pytest.mark.parametrize(
    ("scores", "truth", "options"),
    [
        (np.zeros((0, 3)), np.zeros(0, int), {}),
        (np.zeros((2, 3)), np.array([0, 3]), {}),
        (np.zeros((2, 3)), np.array([0, -1]), {}),
        (np.zeros((2, 3)), np.array([0.0, 1.0]), {}),
        (np.zeros((2, 3)), np.array([0]), {}),
        (np.full((2, 3), -np.inf), np.array([0, 1]), {}),
        (np.zeros((2, 3)), np.array([0, 1]), {"weights": [1.0, -1.0]}),
        (np.zeros((2, 3)), np.array([0, 1]), {"weights": [1.0]}),
        (np.zeros((2, 3)), np.array([0, 1]), {"regularisation": 0.0}),
    ],
)
def test_refuses_what_is_no_held_out_set(
    scores: np.ndarray, truth: np.ndarray, options: dict[str, object]
) -> None:
    with pytest.raises(DataError):
        fit_calibration(scores, truth, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("temperature", "bias"), [(0.0, (0.0,)), (np.nan, (0.0,)), (1, (np.inf,))])
def test_refuses_a_calibration_that_is_none(temperature: float, bias: tuple[float, ...]) -> None:
    with pytest.raises(DataError):
        Calibration(temperature, bias)


def test_refuses_another_number_of_genres() -> None:
    with pytest.raises(DataError):
        Calibration(1.0, (0.0, 0.0)).apply(np.zeros((5, 3)))
