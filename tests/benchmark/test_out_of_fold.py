"""What members predict of rows that they were not trained on, and how it is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genrescope.benchmark.out_of_fold import (
    load_out_of_fold,
    save_out_of_fold,
    to_log_probabilities,
)
from genrescope.learning.ensembles.stacking import LEAST


def test_no_log_probability_is_below_the_floor() -> None:
    held_out = to_log_probabilities(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), 2.0)
    np.testing.assert_allclose(held_out.train, [[0.0, np.log(LEAST)]], rtol=1e-6)
    np.testing.assert_allclose(held_out.test, [[np.log(LEAST), 0.0]], rtol=1e-6)
    assert held_out.train.dtype == np.float32


def test_what_is_kept_is_given_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    train, test = rng.dirichlet(np.ones(3), 20), rng.dirichlet(np.ones(3), 5)
    held_out = to_log_probabilities(train, test, 2.5)
    np.testing.assert_allclose(held_out.train, np.log(train), rtol=1e-5, atol=1e-6)
    save_out_of_fold(tmp_path / "one.npz", held_out, "of this member")
    found = load_out_of_fold(tmp_path / "one.npz", "of this member")
    assert found is not None
    np.testing.assert_array_equal(found.train, held_out.train)
    np.testing.assert_array_equal(found.test, held_out.test)
    assert found.seconds == 2.5


@pytest.mark.parametrize("length", [0, 10, 300, -1])
def test_what_is_of_another_member_or_damaged_is_made_again(tmp_path: Path, length: int) -> None:
    path = tmp_path / "one.npz"
    save_out_of_fold(
        path, to_log_probabilities(np.ones((9, 1)), np.ones((2, 1)), 1.0), "of this member"
    )
    assert load_out_of_fold(path, "of another member") is None
    path.write_bytes(path.read_bytes()[:length])
    assert load_out_of_fold(path, "of this member") is None
    assert load_out_of_fold(tmp_path / "missing.npz", "of this member") is None
