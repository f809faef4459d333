"""Export: onnxruntime says what Keras says, whatever the layers. Runs with any Keras backend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from genrescope.featuresets import FEATURE_SETS
from genrescope.learning.backend import keras
from genrescope.learning.export import export_onnx
from genrescope.learning.layers import Standardise
from genrescope.learning.networks import NETWORKS

layers = keras.layers
Array = NDArray[np.float32]
GENRES = 13


def randomise(model: Any, seed: int = 0) -> Any:
    """Give every weight a value that matters; variances and spreads stay positive."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        fan = max(1, int(np.prod(weight.shape[:-1])))
        values = rng.normal(size=weight.shape) / (np.sqrt(fan) if len(weight.shape) > 1 else 3)
        positive = any(word in weight.path for word in ("variance", "spread", "deviation", "gamma"))
        weight.assign(np.exp(values) if positive else values)
    return model


def vectors(rows: int, *shape: int, seed: int = 1) -> Array:
    return np.random.default_rng(seed).normal(size=(rows, *shape)).astype(np.float32)


def predict(model: Any, *inputs: Array) -> list[Array]:
    results = model.predict_on_batch(list(inputs) if len(inputs) > 1 else inputs[0])
    return [np.asarray(item) for item in (results if isinstance(results, list) else [results])]


class Runner:
    """A model exported to `path` and opened with onnxruntime."""

    def __init__(self, model: Any, path: Path) -> None:
        self.inputs = [f"in{number}" for number in range(len(model.inputs))]
        self.outputs = [f"out{number}" for number in range(len(model.outputs))]
        export_onnx(model, path, inputs=self.inputs, outputs=self.outputs)
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def __call__(self, *inputs: Array) -> list[Array]:
        return self.session.run(self.outputs, dict(zip(self.inputs, inputs, strict=True)))


@pytest.fixture
def runner(tmp_path: Path) -> Callable[[Any], Runner]:
    return lambda model: Runner(model, tmp_path / "model.onnx")


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: f"{n.feature_set}-{n.name}")
def test_every_network_is_exported_as_it_predicts(network: Any, runner) -> None:
    model = randomise(network.build(GENRES))
    data = vectors(17, FEATURE_SETS[network.feature_set].dims)
    (expected,), (scores,) = predict(model, data), runner(model)(data)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(np.exp(scores), expected, atol=1e-5)
    np.testing.assert_allclose(scores, np.log(expected), atol=1e-4)


def ensemble() -> Any:
    """Two models in one, averaged, with what each says and the values between."""
    members, joined = [], []
    for dims in (5, 7):
        inputs = keras.Input((dims,))
        x = layers.Dense(6, use_bias=False)(layers.GaussianNoise(0.1)(Standardise()(inputs)))
        x = layers.Activation("silu")(layers.BatchNormalization()(x))
        answer = layers.Dense(3, activation="softmax")(layers.Dropout(0.5)(x))
        members.append(keras.Model(inputs, [answer, x]))
    inputs = [keras.Input((dims,)) for dims in (5, 7)]
    answers = [member(item) for member, item in zip(members, inputs, strict=True)]
    joined = [layers.Reshape((1, 3))(answer) for answer, _ in answers]
    scores = layers.Average()([answer for answer, _ in answers])
    hidden = layers.Concatenate()([x for _, x in answers])
    music = layers.Dense(1)(hidden)
    outputs = [scores, layers.Concatenate(axis=1)(joined), hidden, layers.Flatten()(music)]
    return keras.Model(inputs, outputs)


def test_ensemble_of_models_gives_log_probabilities_of_all_and_of_each(runner) -> None:
    model = randomise(ensemble())
    data = vectors(9, 5), vectors(9, 7, seed=2)
    expected, results = predict(model, *data), runner(model)(*data)
    assert [item.shape for item in results] == [(9, 3), (9, 2, 3), (9, 12), (9, 1)]
    for result, values in zip(results, (*map(np.log, expected[:2]), *expected[2:]), strict=True):
        np.testing.assert_allclose(result, values, atol=1e-5)
