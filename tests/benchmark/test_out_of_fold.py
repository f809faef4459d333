"""What members say of rows that they were not trained on."""

from __future__ import annotations

import numpy as np

from genrescope.benchmark.out_of_fold import to_log_probabilities
from genrescope.learning.ensembles.stacking import LEAST


def test_no_log_probability_is_below_the_floor() -> None:
    held_out = to_log_probabilities(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), 2.0)
    np.testing.assert_allclose(held_out.train, [[0.0, np.log(LEAST)]], rtol=1e-6)
    np.testing.assert_allclose(held_out.test, [[np.log(LEAST), 0.0]], rtol=1e-6)
    assert held_out.train.dtype == np.float32
