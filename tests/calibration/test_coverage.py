"""Coverage against accuracy, and the threshold chosen from it."""

from __future__ import annotations

import contextlib
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.calibration.coverage import _binomial_tail, choose_threshold, coverage_curve
from genrescope.errors import DataError


def test_curve_of_a_known_case() -> None:
    """40 songs, confidence 0.025 to 1, the less sure half wrong."""
    confidence = np.arange(1, 41) / 40
    curve = coverage_curve(confidence[::-1], confidence[::-1] > 0.5)
    assert len(curve) == 20
    assert [point.threshold for point in curve] == pytest.approx(np.arange(1, 40, 2) / 40)
    assert [point.coverage for point in curve] == pytest.approx(np.arange(20, 0, -1) / 20)
    np.testing.assert_allclose([point.accuracy for point in curve[:3]], [20 / 40, 20 / 38, 20 / 36])
    assert {point.accuracy for point in curve[10:]} == {1.0}


def test_equal_confidences_stay_together() -> None:
    (point,) = coverage_curve([0.7] * 9, [True] * 6 + [False] * 3)
    assert (point.threshold, point.coverage, point.accuracy) == (0.7, 1.0, pytest.approx(2 / 3))


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.9]), st.booleans()), min_size=1))
def test_points_are_what_their_threshold_does(songs: list[tuple[float, bool]]) -> None:
    confidence, right = map(np.array, zip(*songs, strict=True))
    curve = coverage_curve(confidence, right)
    assert curve[0].coverage == 1
    thresholds = [point.threshold for point in curve]
    assert thresholds == sorted(set(thresholds))
    for point in curve:
        named = confidence >= point.threshold
        assert point.coverage == pytest.approx(named.mean())
        assert point.accuracy == pytest.approx(right[named].mean())


@pytest.mark.parametrize(
    ("n", "hits", "share"), [(10, 7, 0.4), (5, 5, 0.9), (30, 0, 0.5), (9, 1, 0.1)]
)
def test_binomial_tail_is_the_sum(n: int, hits: int, share: float) -> None:
    exact = sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(hits, n + 1))
    assert _binomial_tail(n, hits, share) == pytest.approx(exact, rel=1e-10)


def _songs(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated: a prediction of confidence c is right with probability c."""
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.2, 1.0, n)
    return confidence, rng.random(n) < confidence


def test_threshold_reaches_the_target_and_is_not_much_too_strict() -> None:
    """Calibrated uniform confidences above t have accuracy (1 + t) / 2: 0.85 needs t = 0.7."""
    threshold = choose_threshold(*_songs(5000, seed=1), target=0.85)
    assert 0.7 < threshold < 0.8


def test_holds_on_further_songs_as_often_as_promised() -> None:
    target, thresholds = 0.75, []
    for seed in range(200):
        with contextlib.suppress(DataError):  # too few right by bad luck: nothing is promised
            thresholds.append(choose_threshold(*_songs(400, seed), target=target, least=0.0))
    short = sum((1 + threshold) / 2 < target for threshold in thresholds)
    assert len(thresholds) > 150
    assert short <= 18  # 5 % of 200, and 2.6 standard deviations


def test_is_never_below_least() -> None:
    confidence = np.linspace(0.1, 1, 200)
    right = np.ones(200, dtype=bool)
    assert choose_threshold(confidence, right, target=0.9) == 0.5
    assert choose_threshold(confidence, right, target=0.9, least=0.0) == pytest.approx(0.1)
    assert choose_threshold(confidence, right, target=0.9, least=0.65) == 0.65


def test_a_target_out_of_reach_is_an_error() -> None:
    with pytest.raises(DataError, match="95%"):
        choose_threshold(*_songs(20, seed=2), target=0.95)


@pytest.mark.parametrize(
    ("confidence", "right"),
    [([], []), ([0.5], [True, False]), ([1.5], [True]), ([np.nan], [True]), ([[0.5]], [[True]])],
)
def test_refuses_what_is_no_confidence(confidence: list[float], right: list[bool]) -> None:
    with pytest.raises(DataError):
        coverage_curve(confidence, right)
