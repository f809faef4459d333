"""The robust loss: its two ends have closed forms, and outliers pull less the higher q is."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from genrescope.data.table import FeatureTable
from genrescope.evaluation.learner import TrainingRequest
from genrescope.learning.backend import keras
from genrescope.learning.networks import find_network
from genrescope.taxonomy.vocabulary import Vocabulary
from tried_training import TriedLearner, TriedRecipe, generalised_cross_entropy

TWO = Vocabulary("two", ("blues", "classical"))


def cost(q: float, targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    arguments = (np.asarray(a, dtype=np.float32) for a in (targets, probabilities))
    return keras.ops.convert_to_numpy(generalised_cross_entropy(q)(*arguments))


@pytest.fixture(name="rows")
def _rows() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return np.eye(4)[rng.integers(4, size=30)], rng.dirichlet(np.ones(4), size=30)


def test_near_zero_it_is_cross_entropy(rows: tuple[np.ndarray, np.ndarray]) -> None:
    targets, p = rows
    smooth = 0.9 * targets + 0.1 / 4
    for t in (targets, smooth):
        np.testing.assert_allclose(cost(1e-4, t, p), -(t * np.log(p)).sum(axis=1), rtol=2e-3)
        np.testing.assert_allclose(cost(1e-7, t, p), -(t * np.log(p)).sum(axis=1), rtol=1e-5)


def test_at_one_it_is_the_probability_of_the_others(rows: tuple[np.ndarray, np.ndarray]) -> None:
    targets, p = rows
    np.testing.assert_allclose(cost(1, targets, p), 1 - (targets * p).sum(axis=1), rtol=1e-4)


def test_between_it_is_the_published_formula() -> None:
    np.testing.assert_allclose(cost(0.7, [[1, 0]], [[0.2, 0.8]]), (1 - 0.2**0.7) / 0.7, rtol=1e-5)


@pytest.mark.parametrize("q", [0.1, 0.3, 0.7, 1.0])
def test_the_worst_row_costs_no_more_than_one_over_q(q: float) -> None:
    worst = float(cost(q, [[1, 0]], [[0.0, 1.0]])[0])
    assert np.isfinite(worst)
    assert worst <= 1 / q
    assert float(cost(q, [[1, 0]], [[1.0, 0.0]])[0]) == pytest.approx(0, abs=1e-6)


def blobs(seed: int = 0) -> tuple[FeatureTable, np.ndarray]:
    """Two genres that lie apart in jMIR LPC's 20 dimensions; a third of the first has the label
    of the second. The right genres are the second value."""
    rng = np.random.default_rng(seed)
    classes = np.arange(300) % 2
    matrix = rng.normal(size=(300, 20)) + 2.5 * classes[:, None] * (np.arange(20) < 2)
    labels = np.where(np.arange(300) % 6 == 0, 1, classes)
    names = np.array(TWO.genres)[labels]
    ids = np.array([f"song{i:04d}" for i in range(300)])
    return FeatureTable("jmir_lpc", ids, matrix.astype(np.float32), labels=names), classes


def test_a_recipe_names_it_and_it_weighs_wrong_labels_less() -> None:
    table, right = blobs()
    rows, likely = np.arange(300), {}
    for q in (0.0, 0.9):
        network = find_network("perceptron", "jmir_lpc")
        recipe = TriedRecipe(
            **asdict(network.recipe) | {"gce_q": q, "label_smoothing": 0.0, "epochs": 20}
        )
        learner = TriedLearner(replace(network, recipe=recipe))
        trained = learner.fit(TrainingRequest(table, rows, TWO, 0, "all"))
        assert trained.history is not None
        losses = trained.history.columns["loss"] + trained.history.columns["val_loss"]
        assert 0 < min(losses) < max(losses) < (2 / q if q else 10)  # weights reach 1.2
        wrong = rows % 6 == 0
        likely[q] = trained.probabilities(table, rows)[wrong, right[wrong]].mean()
    assert likely[0.9] > likely[0.0] + 0.05
