"""Networks: shapes as published, orientation, statistics inside. Runs with any Keras backend."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from genrescope.errors import UsageError
from genrescope.featuresets import FEATURE_SETS
from genrescope.learning.backend import keras
from genrescope.learning.layers import Standardise
from genrescope.learning.networks import NETWORKS, find_network, networks_for
from genrescope.learning.networks.network import Recipe

GENRES = 13


def dense(*widths: int) -> int:
    """Weights and biases of dense layers in a row."""
    return sum((a + 1) * b for a, b in itertools.pairwise(widths))


def conv(channels: int, filters: int, *kernel: int) -> int:
    return (channels * math.prod(kernel) + 1) * filters


# Trainable values, counted by hand from the published shapes (BN has two per channel).
STUDENT_PARAMETERS = {
    "marsyas_timbral": 2 * 124 + dense(124, 100, 200, 150, 100, 13),
    "rh": dense(60, 60, 150, 100, 75, 13),
    "jmir_spectral": dense(16, 16, 45, 20, 20, 13),
    "jmir_mfcc": dense(26, 26, 45, 20, 20, 13),
    "rp": 2 + conv(1, 8, 5, 5) + conv(8, 16, 3, 3) + 2 * 16 + dense(6 * 13 * 16, 100, 50, 13),
    "ssd": 2 + conv(1, 8, 3, 7) + conv(8, 16, 3, 5) + dense(3 * 7 * 16, 150, 50, 13),
    "tssd": 2 * 24
    + conv(24, 16, 5, 5)
    + conv(16, 32, 5, 5)
    + conv(32, 64, 3, 3)
    + conv(64, 64, 3, 3)
    + dense(3 * 3 * 64, 750, 200, 100, 13),
}


def trainable(model: object) -> int:
    return sum(math.prod(v.shape) for v in model.trainable_variables)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", STUDENT_PARAMETERS)
def test_student_network_has_the_published_shape(name: str) -> None:
    model = find_network("student", name).build(GENRES)
    assert trainable(model) == STUDENT_PARAMETERS[name]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: f"{n.feature_set}-{n.name}")
def test_network_maps_raw_vectors_to_probabilities(network) -> None:
    model = network.build(GENRES)
    dims = FEATURE_SETS[network.feature_set].dims
    vectors = np.random.default_rng(0).normal(size=(3, dims)).astype(np.float32)
    probabilities = np.asarray(model.predict_on_batch(vectors))
    assert probabilities.shape == (3, GENRES)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert (probabilities > 0).all()


def test_every_set_has_an_improved_network_and_seven_have_the_students() -> None:
    for name in FEATURE_SETS:
        assert "improved" in {network.kind for network in networks_for(name)}
    students = [network.feature_set for network in NETWORKS if network.kind == "student"]
    assert sorted(students) == sorted(STUDENT_PARAMETERS)


def test_rhythm_pattern_reaches_the_convolution_as_bands_by_modulation() -> None:
    model = find_network("student", "rp").build(GENRES)
    vector = np.arange(1440, dtype=np.float32)[None]
    permuted = next(layer for layer in model.layers if isinstance(layer, keras.layers.Permute))
    image = np.asarray(keras.Model(model.inputs, permuted.output).predict_on_batch(vector))
    assert image.shape == (1, 24, 60, 1)
    for band, modulation in [(0, 0), (5, 0), (0, 7), (23, 59)]:
        assert image[0, band, modulation, 0] == modulation * 24 + band  # bands run fastest


def test_ssd_image_is_statistics_by_bands() -> None:
    model = find_network("student", "ssd").build(GENRES)
    shaped = next(layer for layer in model.layers if isinstance(layer, keras.layers.Reshape))
    vector = np.arange(168, dtype=np.float32)[None]
    image = np.asarray(keras.Model(model.inputs, shaped.output).predict_on_batch(vector))
    assert image[0, 3, 11, 0] == 3 * 24 + 11


def test_standardise_centres_scales_and_compresses() -> None:
    rng = np.random.default_rng(1)
    columns = [rng.normal(5, 3, 4000), rng.lognormal(0, 2, 4000) * 1e9, np.full(4000, 7.0)]
    matrix = np.stack(columns, axis=1).astype(np.float32)
    layer = Standardise()
    layer.build((None, 3))
    layer.adapt(matrix)
    result = np.asarray(layer(matrix))
    np.testing.assert_allclose(result.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(result[:, :2].std(axis=0), 1, atol=0.05)
    assert (result[:, 2] == 0).all()  # a constant column has no information
    assert np.abs(result).max() <= 5


def test_standardise_is_the_formula_of_its_docstring() -> None:
    layer = Standardise()
    layer.build((None, 1))
    layer.adapt(np.array([[0.0], [1.0], [2.0], [3.0], [4.0]], dtype=np.float32))
    spread = 2 / 1.349  # quartiles 1 and 3
    compressed = np.arcsinh((np.arange(5) - 2) / spread)
    expected = compressed / compressed.std()
    np.testing.assert_allclose(
        np.asarray(layer(np.arange(5, dtype=np.float32)[:, None]))[:, 0], expected, atol=1e-6
    )


def test_recipe_shrinks_batches_and_lengthens_training_on_few_rows() -> None:
    recipe = Recipe(batch=256, epochs=2)
    assert recipe.fitted_to(26_000) == Recipe(batch=256, epochs=3)
    few = recipe.fitted_to(300)
    assert (few.batch, few.epochs) == (50, 66)
    assert recipe.fitted_to(20).batch == 8


def test_learning_rate_falls_along_a_half_cosine() -> None:
    recipe = Recipe(learning_rate=1.0, epochs=4, cosine=True)
    rates = [recipe.rate(epoch) for epoch in range(4)]
    np.testing.assert_allclose(rates, [1, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2])
    assert Recipe(learning_rate=0.1).rate(17) == 0.1


def test_unknown_network_names_what_there_is() -> None:
    with pytest.raises(UsageError, match="perceptron"):
        find_network("transformer", "rp")
