"""The cross-validation core, where the result is known."""

from __future__ import annotations

import numpy as np
import pytest

from genrescope.data.splits import Split, stratified_kfold
from genrescope.evaluation.crossval import (
    balanced_log_loss,
    inner_folds,
    out_of_fold,
    stratified_sample,
)

TRUTH = np.repeat([0, 1, 2], [60, 30, 10])


def test_every_row_is_predicted_once_by_what_did_not_see_it() -> None:
    folds = inner_folds(TRUTH, 5, seed=3)
    seen = []

    def fit_predict(split: Split) -> np.ndarray:
        seen.append(split)
        assert not set(split.train) & set(split.test)
        return np.repeat(split.test[:, None], 3, axis=1).astype(float)

    result = out_of_fold(folds, (100, 3), fit_predict)
    assert result.tolist() == [[row] * 3 for row in range(100)]
    assert len(seen) == 5


def test_repeats_add_up() -> None:
    folds = stratified_kfold(TRUTH.astype(str), 4, repeats=3)
    assert (out_of_fold(folds, (100, 2), lambda split: np.ones((len(split.test), 2))) == 3).all()


@pytest.mark.parametrize("labels", [TRUTH, np.array(["rock", "jazz", "folk"])[TRUTH]])
def test_a_sample_keeps_the_shares(labels: np.ndarray) -> None:
    rows = stratified_sample(labels, 50, seed=1)
    assert np.bincount(TRUTH[rows]).tolist() == [30, 15, 5]
    assert stratified_sample(labels, 100, seed=1).tolist() == list(range(100))


def test_every_genre_counts_the_same() -> None:
    probabilities = np.array([[0.5, 0.5], [0.25, 0.75], [0.5, 0.5], [0.9, 0.1]])
    truth = np.array([0, 0, 0, 1])
    expected = (np.log(2) + np.log(4) + np.log(2)) / 6 + np.log(10) / 2
    assert balanced_log_loss(np.log(probabilities), truth) == pytest.approx(expected)
