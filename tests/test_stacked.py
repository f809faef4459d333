"""The stack of benchmarks/stacked.py never learns from the songs that it predicts."""

from __future__ import annotations

import numpy as np
import pytest

from stacked import Folds, balanced_loss, difference, macro_recall, member, stack

RNG = np.random.default_rng(0)
FOLDS = Folds(np.arange(90) % 3, np.arange(90) // 3 % 3)
VECTORS = RNG.normal(size=(90, 6)) + np.eye(3, 6)[FOLDS.genres]
FEW = FOLDS.fold == 2


def predictions(genres, vectors):
    folds = Folds(genres, FOLDS.fold)
    found = member(vectors, folds)
    return found, stack([found, member(vectors[:, :3], folds)], folds)


@pytest.fixture(scope="module")
def honest():
    return predictions(FOLDS.genres, VECTORS)


def test_tested_genres_are_not_learnt(honest):
    swapped = np.where(FEW, (FOLDS.genres + 1) % 3, FOLDS.genres)
    found, joint = predictions(swapped, VECTORS)
    np.testing.assert_array_equal(found.test[FEW], honest[0].test[FEW])
    np.testing.assert_array_equal(joint[FEW], honest[1][FEW])
    assert not np.array_equal(joint[~FEW], honest[1][~FEW])


def test_tested_vectors_are_not_learnt(honest):
    moved = VECTORS.copy()
    moved[np.flatnonzero(FEW)[0]] = 50.0
    found, joint = predictions(FOLDS.genres, moved)
    others = np.flatnonzero(FEW)[1:]
    np.testing.assert_array_equal(found.test[others], honest[0].test[others])
    np.testing.assert_array_equal(joint[others], honest[1][others])


def test_inner_judgements_leave_the_fold_out(honest):
    for k in range(3):
        missing = np.isnan(honest[0].inner[k]).all(axis=1)
        np.testing.assert_array_equal(missing, FOLDS.fold == k)


def test_stack_learns(honest):
    assert macro_recall(honest[1], FOLDS.genres) > 50  # one in three by chance


def test_balanced_loss():
    logs = np.log([[0.5, 0.5], [0.5, 0.5], [0.75, 0.25]])
    expected = -(np.log(0.5) + np.log(0.25)) / 2
    assert balanced_loss(logs, np.array([0, 0, 1])) == pytest.approx(expected)


def test_difference():
    genres = np.array([0, 0, 0, 0, 1, 1])
    before = np.log(np.eye(2)[[0, 0, 1, 1, 0, 0]] * 0.8 + 0.1)
    after = np.log(np.eye(2)[[0, 0, 0, 1, 1, 1]] * 0.8 + 0.1)
    found = difference(before, after, genres)
    assert found["macro recall"][0] == pytest.approx(62.5)  # a quarter of one, all of the other
    assert found["accuracy"][0] == pytest.approx(50)
    assert found["balanced log loss"][0] == pytest.approx(-0.625 * np.log(9), abs=1e-3)
    assert found["macro recall"][1:] == [50.0, 87.5]
    assert difference(after, after, genres)["accuracy"] == [0.0, 0.0, 0.0]
