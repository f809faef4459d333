"""Prior shift: three rules over the same predictions, against closed forms."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genrescope.benchmark.shift import (
    ESTIMATED,
    ORACLE,
    UNIFORM,
    has_label_shift,
    prior_corrected_scores,
    total_variation,
)
from genrescope.calibration.temperature import Calibration, fit_calibration
from genrescope.data.splits import Split
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.protocols import Protocol, fixed
from genrescope.evaluation.runner import score
from genrescope.evaluation.scores import RuleScores

PHI = NormalDist().cdf


def gaussians(counts: tuple[int, ...], *, seed: int = 0, sharpness: float = 1.0) -> Predictions:
    """Songs of genres that lie at -1, 1, 3... on a line with deviation 1; `counts` of each.

    The probabilities are the exact posterior under even shares, raised to `sharpness`.
    """
    truth = np.repeat(np.arange(len(counts)), counts)
    centres = 2.0 * np.arange(len(counts)) - 1
    x = centres[truth] + np.random.default_rng(seed).normal(size=len(truth))
    joint = np.exp(-sharpness * (x[:, None] - centres) ** 2 / 2)
    genres = tuple("abcdef"[: len(counts)])
    return Predictions(
        np.arange(len(truth)).astype(np.str_),
        truth,
        joint / joint.sum(axis=1, keepdims=True),
        np.zeros(len(truth), dtype=np.int64),
        ("fixed",),
        genres,
    )


def rules(predictions: Predictions, **options: object) -> dict[str, RuleScores]:
    found = prior_corrected_scores(predictions, **{"resamples": 0, **options})  # type: ignore[arg-type]
    assert [item.rule for item in found] == [UNIFORM, ORACLE, ESTIMATED]
    return {item.rule: item for item in found}


def test_two_gaussians_have_the_accuracies_of_their_boundaries() -> None:
    share, songs = 0.9, 60_000
    found = rules(gaussians((int(share * songs), int((1 - share) * songs) + 1)))
    # Even shares: the boundary is 0. Shares 0.9, 0.1: where the weighted densities are equal.
    boundary = math.log(share / (1 - share)) / 2
    best = share * PHI(boundary + 1) + (1 - share) * PHI(1 - boundary)
    macro = (PHI(boundary + 1) + PHI(1 - boundary)) / 2
    tolerance = 4 * math.sqrt(0.25 / songs) / (1 - share)
    assert found[UNIFORM].accuracy.value == pytest.approx(PHI(1), abs=tolerance)
    assert found[UNIFORM].macro_recall.value == pytest.approx(PHI(1), abs=tolerance)
    for rule in (ORACLE, ESTIMATED):
        assert found[rule].accuracy.value == pytest.approx(best, abs=tolerance)
        assert found[rule].macro_recall.value == pytest.approx(macro, abs=2 * tolerance)
        assert found[rule].log_loss.value < found[UNIFORM].log_loss.value
    assert best > PHI(1) + 0.05, "the rules are far apart, so the test can fail"


def test_em_recovers_the_shares() -> None:
    found = rules(gaussians((14_000, 4_000, 1_600, 400)))
    np.testing.assert_allclose(found[ESTIMATED].shares, (0.7, 0.2, 0.08, 0.02), atol=0.015)
    assert found[ESTIMATED].shares_off < 0.02
    assert found[ORACLE].shares == (0.7, 0.2, 0.08, 0.02)
    assert found[ORACLE].shares_off == 0
    assert found[UNIFORM].shares == (0.25,) * 4
    assert found[UNIFORM].shares_off == pytest.approx(0.45)


def test_without_shift_all_rules_agree() -> None:
    predictions = gaussians((5_000, 5_000, 5_000))
    found = rules(predictions)
    assert found[ORACLE].accuracy == found[UNIFORM].accuracy
    for name in ("macro_recall", "accuracy", "log_loss"):
        values = [getattr(item, name).value for item in found.values()]
        assert max(values) - min(values) < 0.003, name


def test_the_balanced_rule_is_what_the_record_has() -> None:
    predictions = gaussians((90, 10))
    scores = score(predictions, seed=3)
    found = prior_corrected_scores(predictions, resamples=1000, seed=3)[0]
    assert (found.macro_recall, found.accuracy, found.log_loss) == (
        scores.macro_recall,
        scores.accuracy,
        scores.log_loss,
    )
    assert found.accuracy.low < found.accuracy.value < found.accuracy.high


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=2, max_size=6), st.integers(0, 1000))
def test_known_shares_lose_nothing_in_log_loss(counts: list[int], seed: int) -> None:
    """Of exact posteriors, up to the luck of the draw; and every number is in its range."""
    predictions = gaussians(tuple(counts), seed=seed)
    found = rules(predictions)
    scatter = 4 / math.sqrt(len(predictions.ids))
    assert found[ORACLE].log_loss.value < found[UNIFORM].log_loss.value + scatter
    for item in found.values():
        assert sum(item.shares) == pytest.approx(1)
        assert 0 <= item.accuracy.value <= 1
        assert 0 <= item.shares_off <= 1


def test_em_is_misled_by_uncalibrated_probabilities_and_the_calibration_mends_it() -> None:
    # Too unsure: EM then sees less shift or more than there is, by overlap that is not there.
    skewed = gaussians((18_000, 2_000), sharpness=0.3)
    held_out = gaussians((1_000, 1_000), seed=1, sharpness=0.3)
    calibration = fit_calibration(np.log(held_out.probabilities), held_out.truth)
    assert calibration.temperature == pytest.approx(0.3, rel=0.15)
    raw, mended = rules(skewed), rules(skewed, calibration=calibration)
    assert mended[ESTIMATED].shares_off < 0.02 < raw[ESTIMATED].shares_off
    assert mended[ESTIMATED].log_loss.value < raw[ESTIMATED].log_loss.value
    assert mended[ORACLE].log_loss.value < raw[ORACLE].log_loss.value
    assert mended[UNIFORM] == raw[UNIFORM], "the headline is of the network as it is"


def test_a_failed_estimate_is_shown_as_it_is() -> None:
    # A model that predicts `a` of everything, where all are `b`.
    predictions = gaussians((10, 990))
    deaf = np.tile([0.9, 0.1], (1000, 1))
    found = rules(Predictions(**{**vars(predictions), "probabilities": deaf}))
    assert found[ESTIMATED].shares[0] > 0.99
    assert found[ESTIMATED].shares_off > 0.9
    assert found[ESTIMATED].log_loss.value > found[UNIFORM].log_loss.value


def test_a_softmax_rounded_to_zero_is_no_obstacle() -> None:
    predictions = gaussians((90, 10))
    certain = np.eye(2)[predictions.truth]
    predictions = Predictions(**{**vars(predictions), "probabilities": certain})
    found = rules(predictions, calibration=Calibration(1.5, (0.1, -0.1)))
    assert found[ORACLE].accuracy.value == found[ESTIMATED].accuracy.value == 1


@settings(max_examples=50)
@given(*[st.lists(st.floats(0.001, 1), min_size=4, max_size=4)] * 3)
def test_unlike_is_a_distance(a: list[float], b: list[float], c: list[float]) -> None:
    one, two, three = (np.array(x) / np.sum(x) for x in (a, b, c))
    assert total_variation(one, one) == 0
    assert total_variation(one, two) == total_variation(two, one) <= 1
    assert (
        total_variation(one, three)
        <= total_variation(one, two) + total_variation(two, three) + 1e-12
    )
    assert total_variation(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1


def test_only_one_skewed_test_part_is_a_shift() -> None:
    skewed, even = gaussians((70, 30)), gaussians((52, 48))
    split = Split("one", np.arange(5), np.arange(5, 9))
    other = Split("two", np.arange(5, 9), np.arange(5))
    alone, folds = fixed(split), Protocol("kfold", "folds", (split, other))
    assert has_label_shift(skewed, alone)
    assert not has_label_shift(even, alone)
    assert not has_label_shift(skewed, folds)
