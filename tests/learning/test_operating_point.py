"""Calibration, threshold and coverage of a network: against made-up songs whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from genrescope.calibration.temperature import fit_calibration, log_softmax
from genrescope.errors import DataError
from genrescope.learning.operating_point import LEAST, fit_operating_point

EVEN = np.ones(4) / 4


def songs(rows: int, *, sharpness: float = 3.0, seed: int = 0):
    """Scores `sharpness` times surer than the probabilities that the truth is drawn from."""
    rng = np.random.default_rng(seed)
    true_logits = rng.normal(size=(rows, 4)) * 1.5
    p = np.exp(log_softmax(true_logits))
    truth = (p.cumsum(axis=1) > rng.random((rows, 1))).argmax(axis=1)
    return log_softmax(true_logits * sharpness), truth


def test_overconfidence_is_undone_and_coverage_is_that_of_further_songs() -> None:
    scores, truth = songs(4000)
    decision = fit_operating_point(scores, truth, EVEN)
    assert decision.calibration == fit_calibration(scores, truth)
    assert decision.calibration.temperature == pytest.approx(3, rel=0.1)
    fresh, fresh_truth = songs(40_000, seed=1)
    p = decision.calibration.apply(fresh)
    for point in decision.coverage:
        named = p.max(axis=1) >= point.threshold
        right = (p.argmax(axis=1) == fresh_truth)[named].mean()
        assert named.mean() == pytest.approx(point.coverage, abs=0.03)
        assert right == pytest.approx(point.accuracy, abs=0.08)


def test_genres_that_are_likelier_wrong_are_not_named() -> None:
    decision = fit_operating_point(*songs(2000), EVEN)
    assert decision.threshold == LEAST
    assert "2000 validation songs show more right" in decision.rationale


def test_too_few_songs_to_show_anything() -> None:
    scores, truth = songs(3)
    decision = fit_operating_point(scores, truth, EVEN)
    assert decision.threshold == LEAST
    assert "too few" in decision.rationale
    assert all(np.isfinite(decision.calibration.bias))
    assert fit_operating_point(scores[:1], truth[:1], EVEN).coverage[0].coverage == 1


def test_curve_is_out_of_sample() -> None:
    # Truth that nothing predicts: 30 songs with 12 genres fitted to themselves would look better.
    rng = np.random.default_rng(5)
    scores, truth = log_softmax(rng.normal(size=(30, 12)) * 5), rng.integers(12, size=30)
    whole = fit_calibration(scores, truth).apply(scores)
    fitted = (whole.argmax(axis=1) == truth).mean()
    even = np.ones(12) / 12
    assert fit_operating_point(scores, truth, even).coverage[0].accuracy < fitted


def test_shares_enter_by_bayes_rule() -> None:
    # Draw the truth by even shares, then keep genres by their shares: Bayes' rule is all there is.
    shares = np.array([0.4, 0.3, 0.2, 0.1])
    scores, truth = songs(200_000, sharpness=1)
    kept = np.random.default_rng(3).random(len(truth)) < shares[truth] / shares.max()
    calibration = fit_operating_point(scores[kept], truth[kept], shares).calibration
    assert calibration.temperature == pytest.approx(1, abs=0.02)
    np.testing.assert_allclose(calibration.bias, np.log(shares) - np.log(shares).mean(), atol=0.03)


def test_no_songs() -> None:
    with pytest.raises(DataError):
        fit_operating_point(np.empty((0, 3)), np.empty(0, dtype=np.int64), np.ones(3) / 3)
