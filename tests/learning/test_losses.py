"""The robust loss: its two ends have closed forms, and outliers pull less the higher q is."""

from __future__ import annotations

import numpy as np
import pytest

from genrescope.learning.backend import keras
from genrescope.learning.losses import generalised_cross_entropy


def cost(q: float, targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    arguments = (np.asarray(a, dtype=np.float32) for a in (targets, probabilities))
    return keras.ops.convert_to_numpy(generalised_cross_entropy(q)(*arguments))


@pytest.fixture(name="rows")
def _rows() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return np.eye(4)[rng.integers(4, size=30)], rng.dirichlet(np.ones(4), size=30)


def test_at_zero_it_is_cross_entropy(rows: tuple[np.ndarray, np.ndarray]) -> None:
    targets, p = rows
    smooth = 0.9 * targets + 0.1 / 4
    for t in (targets, smooth):
        np.testing.assert_allclose(cost(0, t, p), -(t * np.log(p)).sum(axis=1), rtol=1e-5)
        np.testing.assert_allclose(cost(1e-4, t, p), cost(0, t, p), rtol=2e-3)
        keras_s = keras.losses.CategoricalCrossentropy(reduction=None)(t, p)
        np.testing.assert_allclose(cost(0, t, p), keras_s, rtol=1e-4)


def test_at_one_it_is_the_probability_of_the_others(rows: tuple[np.ndarray, np.ndarray]) -> None:
    targets, p = rows
    np.testing.assert_allclose(cost(1, targets, p), 1 - (targets * p).sum(axis=1), rtol=1e-4)


def test_between_it_is_the_published_formula() -> None:
    np.testing.assert_allclose(cost(0.7, [[1, 0]], [[0.2, 0.8]]), (1 - 0.2**0.7) / 0.7, rtol=1e-5)


@pytest.mark.parametrize("q", [0.0, 0.3, 0.7, 1.0])
def test_the_worst_row_costs_no_more_than_one_over_q(q: float) -> None:
    worst = float(cost(q, [[1, 0]], [[0.0, 1.0]])[0])
    assert np.isfinite(worst)
    assert worst <= 1 / max(q, 0.05)
    assert float(cost(q, [[1, 0]], [[1.0, 0.0]])[0]) == pytest.approx(0, abs=1e-6)
