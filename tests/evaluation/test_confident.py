"""Confident learning against counts made by hand, loops, and labels known to be wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from genrescope.errors import DataError
from genrescope.evaluation.confident import (
    NOBODY,
    confident_genres,
    confident_joint,
    find_label_issues,
    margins,
    noise_rate,
    thresholds,
)

TRUTH = np.array([0, 0, 0, 1, 1, 1])
PROBABILITIES = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.5, 0.5], [0.7, 0.3]])
# Thresholds: (0.9 + 0.8 + 0.1) / 3 = 0.6 and (0.8 + 0.5 + 0.3) / 3 = 8 / 15.


def test_counted_by_hand():
    np.testing.assert_allclose(thresholds(TRUTH, PROBABILITIES), [0.6, 8 / 15])
    looks = confident_genres(TRUTH, PROBABILITIES)
    assert looks.tolist() == [0, 0, 1, 1, NOBODY, 0]
    assert confident_joint(TRUTH, PROBABILITIES).tolist() == [[2, 1], [1, 1]]
    np.testing.assert_allclose(
        margins(TRUTH, PROBABILITIES), [0.8, 0.6, -0.8, 0.6, 0.0, -0.4], atol=1e-12
    )
    assert find_label_issues(TRUTH, PROBABILITIES).tolist() == [2, 5]
    # One of three confident rows of the first genre, one of two of the second.
    assert noise_rate(TRUTH, PROBABILITIES) == pytest.approx((3 * 1 / 3 + 3 * 1 / 2) / 6)


def test_a_genre_without_rows_is_never_looked_like():
    probabilities = np.array([[0.4, 0.1, 0.5], [0.1, 0.4, 0.5]])
    truth = np.array([0, 1])
    assert thresholds(truth, probabilities).tolist() == [0.4, 0.4, np.inf]
    assert find_label_issues(truth, probabilities).tolist() == []


@st.composite
def tables(draw: st.DrawFn) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    rows, genres = draw(st.integers(1, 30)), draw(st.integers(2, 5))
    weights = draw(arrays.arrays(np.float64, (rows, genres), elements=st.floats(0.01, 1)))
    truth = draw(arrays.arrays(np.int64, rows, elements=st.integers(0, genres - 1)))
    return truth, weights / weights.sum(axis=1, keepdims=True)


def _joint_by_loops(truth: NDArray[np.int64], p: NDArray[np.float64]) -> list[list[int]]:
    """The definition of the paper, row by row."""
    genres = range(p.shape[1])
    mean = {g: p[truth == g, g].mean() for g in genres if (truth == g).any()}
    joint = [[0 for _ in genres] for _ in genres]
    for label, row in zip(truth, p, strict=True):
        reached = [g for g in mean if row[g] >= mean[g] - 1e-9]
        if reached:
            joint[label][max(reached, key=lambda g: row[g])] += 1
    return joint


@given(tables())
def test_the_joint_is_that_of_the_definition(table):
    assert confident_joint(*table).tolist() == _joint_by_loops(*table)


@given(tables())
def test_suspects_are_the_joint_off_the_diagonal_in_order_of_margin(table):
    joint, found = confident_joint(*table), find_label_issues(*table)
    assert len(found) == joint.sum() - np.trace(joint)
    assert (np.diff(margins(*table)[found]) >= 0).all()
    assert (confident_genres(*table)[found] != table[0][found]).all()
    assert 0 <= noise_rate(*table) <= 1


@given(st.integers(0, 2**32), st.integers(2, 5))
def test_names_of_genres_do_not_matter(seed, genres):
    rng = np.random.default_rng(seed)
    truth, probabilities = rng.integers(genres, size=40), rng.dirichlet(np.ones(genres), 40)
    order = rng.permutation(genres)
    joint = confident_joint(np.argsort(order)[truth], probabilities[:, order])
    np.testing.assert_array_equal(joint, confident_joint(truth, probabilities)[order][:, order])


def test_planted_wrong_labels_are_found():
    rng = np.random.default_rng(0)
    real = np.repeat(np.arange(4), 100)
    logits = rng.normal(0, 0.5, (400, 4))
    logits[np.arange(400), real] += 6
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    wrong = rng.choice(400, 24, replace=False)
    truth = real.copy()
    truth[wrong] = (real[wrong] + 1) % 4
    found = find_label_issues(truth, probabilities)
    assert set(found[:24].tolist()) == set(wrong.tolist())
    looks = confident_genres(truth, probabilities)
    assert looks[wrong].tolist() == real[wrong].tolist()
    assert noise_rate(truth, probabilities) == pytest.approx(24 / 400, abs=0.01)


@pytest.mark.parametrize(
    ("truth", "probabilities"),
    [
        ([], np.empty((0, 2))),
        ([0], [[1.0]]),
        ([0, 1], [[0.5, 0.5]]),
        ([2], [[0.5, 0.5]]),
        ([-1], [[0.5, 0.5]]),
        ([0], [[np.nan, 0.5]]),
    ],
)
def test_what_makes_no_sense_is_refused(truth, probabilities):
    with pytest.raises(DataError):
        find_label_issues(np.array(truth, dtype=np.int64), np.array(probabilities))
