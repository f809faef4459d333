"""Combiners: what they make of members whose worth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genrescope.calibration.temperature import genre_weights, log_softmax
from genrescope.errors import DataError
from genrescope.learning.ensembles.stacking import (
    COMBINERS,
    GeometricMean,
    LogisticStack,
    WeightedGeometricMean,
    member_weights,
)

GENRES = 3


def member_logs(
    strengths: list[float], rows: int = 300, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """(members, rows, genres) log-probabilities of members of such strengths."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(GENRES, size=rows)
    known = np.eye(GENRES)[truth]
    logs = [
        log_softmax(strength * known + rng.normal(size=(rows, GENRES))) for strength in strengths
    ]
    return np.stack(logs), truth


def loss(probabilities: np.ndarray, truth: np.ndarray) -> float:
    return -float(np.log(probabilities[np.arange(len(truth)), truth]).mean())


def test_an_uninformative_member_counts_for_nothing():
    logs, truth = member_logs([2.0, 0.0])
    weights = member_weights(logs, truth, genre_weights(truth) / len(truth))
    assert (weights >= 0).all()
    assert weights[1] < 0.1 * weights[0]


def test_the_average_of_one_member_keeps_its_predictions():
    logs, truth = member_logs([2.0])
    probabilities = GeometricMean().fit(logs, truth)(logs)
    right = (probabilities.argmax(1) == truth).mean()
    assert right == pytest.approx((logs[0].argmax(1) == truth).mean(), abs=0.03)


def test_the_average_is_geometric():
    logs, truth = member_logs([1.0, 3.0])
    combination = GeometricMean().fit(logs, truth)
    assert np.allclose(combination.scores(logs), log_softmax(logs.mean(axis=0)))


@pytest.mark.parametrize("combiner", COMBINERS, ids=lambda combiner: combiner.name)
def test_two_members_are_better_than_one(combiner):
    logs, truth = member_logs([1.5, 1.5, 1.5], rows=900)
    fit, test = slice(0, 600), slice(600, 900)
    together = combiner.fit(logs[:, fit], truth[fit])(logs[:, test])
    alone = combiner.fit(logs[:1, fit], truth[fit])(logs[:1, test])
    assert together.sum(axis=1) == pytest.approx(1.0)
    assert loss(together, truth[test]) < loss(alone, truth[test]) - 0.1


def test_logistic_weighs_each_member_on_its_own_genre():
    """One member separates genre 0 from the rest, another genre 1: no weight a member can."""
    rng = np.random.default_rng(0)
    truth = rng.integers(GENRES, size=900)
    logs = np.stack(
        [
            log_softmax(
                np.where(np.arange(GENRES) == genre, 4.0 * (truth == genre)[:, None] - 2.0, 0.0)
                + rng.normal(size=(900, GENRES)) * (1 + 3 * (np.arange(GENRES) != genre))
            )
            for genre in (0, 1)
        ]
    )
    fit, test = slice(0, 600), slice(600, 900)
    by_genre = LogisticStack().fit(logs[:, fit], truth[fit])(logs[:, test])
    by_member = WeightedGeometricMean().fit(logs[:, fit], truth[fit])(logs[:, test])
    assert loss(by_genre, truth[test]) < loss(by_member, truth[test]) - 0.1


def test_many_rows_choose_the_penalty_by_a_sample_and_are_all_fitted():
    logs, truth = member_logs([0.5, 1.0, 1.5], rows=3000)
    fit, test = slice(0, 2000), slice(2000, 3000)
    sampled = LogisticStack(rows=400).fit(logs[:, fit], truth[fit])(logs[:, test])
    whole = LogisticStack().fit(logs[:, fit], truth[fit])(logs[:, test])
    few = LogisticStack().fit(logs[:, :400], truth[:400])(logs[:, test])
    assert loss(sampled, truth[test]) == pytest.approx(loss(whole, truth[test]), abs=0.01)
    assert abs(sampled - whole).mean() < abs(few - whole).mean()


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(3)), st.integers(0, 5))
def test_the_order_of_members_does_not_matter(order, seed):
    logs, truth = member_logs([0.5, 1.0, 2.0], rows=90, seed=seed)
    for combiner in (GeometricMean(), WeightedGeometricMean()):
        one = combiner.fit(logs, truth)(logs)
        other = combiner.fit(logs[list(order)], truth)(logs[list(order)])
        assert np.allclose(one, other, atol=1e-3)


def test_a_rare_genre_is_not_drowned():
    logs, truth = member_logs([1.0], rows=2000)
    keep = (truth != 0) | (np.arange(len(truth)) % 20 == 0)
    logs, truth = logs[:, keep], truth[keep]
    for combiner in COMBINERS:
        predicted = combiner.fit(logs, truth)(logs).argmax(1)
        recalls = [(predicted[truth == genre] == genre).mean() for genre in range(GENRES)]
        assert min(recalls) > 0.7 * max(recalls), combiner.name


def test_what_is_not_finite_is_refused():
    logs, truth = member_logs([1.0])
    logs[0, 0, 0] = -np.inf
    for combiner in (GeometricMean(), WeightedGeometricMean()):
        with pytest.raises(DataError, match="not finite"):
            combiner.fit(logs, truth)
