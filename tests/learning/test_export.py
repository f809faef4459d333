"""Export: onnxruntime gives what Keras gives, whatever the layers. Runs with any Keras backend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from genrescope.errors import UsageError
from genrescope.featuresets import FEATURE_SETS
from genrescope.learning.backend import keras
from genrescope.learning.export.convert import export_onnx
from genrescope.learning.layers import Standardise
from genrescope.learning.networks import NETWORKS, find_network

layers = keras.layers
Array = NDArray[np.float32]
GENRES = 13
POSITIVE = ("variance", "spread", "deviation", "gamma", "width")


def randomise(model: Any, seed: int = 0) -> Any:
    """Give every weight a value that matters; variances and spreads stay positive."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        fan = max(1, int(np.prod(weight.shape[:-1])))
        values = rng.normal(size=weight.shape) / (np.sqrt(fan) if len(weight.shape) > 1 else 3)
        positive = any(
            word in weight.path for word in ("variance", "spread", "deviation", "gamma", "width")
        )
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
    """Two models in one, averaged, with what each gives and the values between."""
    members, joined = [], []
    for dims in (5, 7):
        inputs = keras.Input((dims,))
        x = layers.Dense(6, use_bias=False)(layers.GaussianNoise(0.1)(Standardise()(inputs)))
        x = layers.Activation("silu")(layers.BatchNormalization()(x))
        output = layers.Dense(3, activation="softmax")(layers.Dropout(0.5)(x))
        members.append(keras.Model(inputs, [output, x]))
    inputs = [keras.Input((dims,)) for dims in (5, 7)]
    outputs = [member(item) for member, item in zip(members, inputs, strict=True)]
    joined = [layers.Reshape((1, 3))(output) for output, _ in outputs]
    scores = layers.Average()([output for output, _ in outputs])
    hidden = layers.Concatenate()([x for _, x in outputs])
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


IMAGE = (9, 8, 4)


def image_model(*body: Any) -> Any:
    """A sequential model on images; nested in another to be walked through."""
    return keras.Sequential([keras.Input(IMAGE), *body])


LAYERS: dict[str, Callable[[], Any]] = {
    "conv same": lambda: layers.Conv2D(6, (3, 5), padding="same", activation="silu"),
    "conv strided": lambda: layers.Conv2D(6, (2, 3), strides=(2, 3), padding="same"),
    "conv valid": lambda: layers.Conv2D(6, 3, strides=2, use_bias=False),
    "conv dilated": lambda: layers.Conv2D(6, 3, dilation_rate=2),
    "conv grouped": lambda: layers.Conv2D(6, 3, groups=2),
    "dense on images": lambda: layers.Dense(5, activation="relu"),
    "max pooling": lambda: layers.MaxPooling2D((2, 3), strides=(1, 2), padding="same"),
    "average pooling": lambda: layers.AveragePooling2D((2, 3), strides=2, padding="same"),
    "global max": lambda: layers.GlobalMaxPooling2D(keepdims=True),
    "global average": lambda: layers.GlobalAveragePooling2D(),
    "batch norm": lambda: layers.BatchNormalization(),
    "batch norm, axis 1": lambda: layers.BatchNormalization(axis=1, center=False),
    "batch norm, axis 2": lambda: layers.BatchNormalization(axis=2, scale=False),
    "standardise": lambda: Standardise(),
    "permute": lambda: layers.Permute((3, 1, 2)),
    "reshape": lambda: layers.Reshape((-1, 6)),
    "flatten": lambda: layers.Flatten(),
    "relu 6": lambda: layers.ReLU(max_value=0.6),
    "idle": lambda: keras.Sequential(
        [layers.GaussianNoise(1.0), layers.SpatialDropout2D(0.5), layers.Dropout(0.5)]
    ),
    **{
        f"activation {name}": lambda name=name: layers.Activation(name)
        for name in ("linear", "relu", "silu", "tanh", "sigmoid")
    },
}


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_exported_as_it_computes(name: str, runner) -> None:
    model = randomise(image_model(LAYERS[name]()))
    data = 2 * vectors(3, *IMAGE)
    (expected,), (result,) = predict(model, data), runner(model)(data)
    np.testing.assert_allclose(result, expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["Add", "Multiply", "Average"])
def test_merging_layers(kind: str, runner) -> None:
    inputs = [keras.Input((5,)) for _ in range(3)]
    model = keras.Model(inputs, getattr(layers, kind)()(inputs))
    data = [vectors(4, 5, seed=seed) for seed in range(len(inputs))]
    (expected,), (result,) = predict(model, *data), runner(model)(*data)
    np.testing.assert_allclose(result, expected, atol=1e-6)


def test_gates_spread_over_images(runner) -> None:
    inputs = keras.Input(IMAGE)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(inputs)
    gate = layers.Dense(4, activation="sigmoid")(gate)
    model = randomise(keras.Model(inputs, layers.Multiply()([inputs, gate])))
    data = vectors(2, *IMAGE)
    (expected,), (result,) = predict(model, data), runner(model)(data)
    np.testing.assert_allclose(result, expected, atol=1e-6)


def test_batch_normalisation_keeps_the_digits_of_far_off_values(runner) -> None:
    layer = layers.BatchNormalization(epsilon=1e-6)
    model = keras.Sequential([keras.Input((1,)), layer])
    layer.set_weights([np.ones(1), np.zeros(1), np.array([1e4]), np.array([1e-4])])
    data = np.array([[1e4 + 2**-7]], dtype=np.float32)
    (result,) = runner(model)(data)
    np.testing.assert_allclose(result, 2**-7 / np.sqrt(1e-4 + 1e-6), rtol=1e-6)


def test_a_layer_used_twice_is_stored_once(runner, tmp_path: Path) -> None:
    inputs = [keras.Input((50,)) for _ in range(2)]
    shared = layers.Dense(50)
    model = keras.Model(inputs, layers.Add()([shared(item) for item in inputs]))
    data = vectors(3, 50), vectors(3, 50, seed=2)
    (expected,), (result,) = predict(model, *data), runner(model)(*data)
    np.testing.assert_allclose(result, expected, atol=1e-5)
    assert (tmp_path / "model.onnx").stat().st_size < 1.2 * 4 * 50 * 50


def test_models_in_models_in_models_used_twice(runner) -> None:
    inner = image_model(layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization())
    middle_in = keras.Input(IMAGE)
    middle = keras.Model(middle_in, layers.Add()([middle_in, inner(middle_in)]))
    inputs = keras.Input(IMAGE)
    model = randomise(keras.Model(inputs, inner(middle(middle(inputs)))))
    data = vectors(2, *IMAGE)
    (expected,), (result,) = predict(model, data), runner(model)(data)
    np.testing.assert_allclose(result, expected, atol=1e-5)


def test_log_probabilities_are_finite_where_probabilities_are_zero(runner) -> None:
    inputs = [keras.Input((3,)) for _ in range(2)]
    outputs = [layers.Softmax()(item) for item in inputs]
    model = keras.Model(inputs, [outputs[0], layers.Average()(outputs)])
    data = np.array([[0, 1000, -1000]], np.float32), np.array([[0, 2000, -500]], np.float32)
    assert (predict(model, *data)[0] == 0).sum() == 2
    first, mean = runner(model)(*data)
    assert first.tolist() == [[-1000, 0, -2000]]
    np.testing.assert_allclose(mean, [[-1000 - np.log(2), 0, -2000 - np.log(2)]], atol=1e-4)


def test_softmax_inside_a_model_stays_a_softmax(runner) -> None:
    inputs = keras.Input((6,))
    attention = layers.Dense(6, activation="softmax")(inputs)
    model = randomise(keras.Model(inputs, layers.Multiply()([inputs, attention])))
    data = vectors(3, 6)
    (expected,), (result,) = predict(model, data), runner(model)(data)
    np.testing.assert_allclose(result, expected, atol=1e-6)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Runner]:
    model = randomise(find_network("student", "jmir_mfcc").build(4))
    return model, Runner(model, tmp_path_factory.mktemp("small") / "model.onnx")


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(0, 40), st.just(26)),
        # Far above any MFCC. The rounding of logits grows with the values: from ten times as large
        # ones two right programs come to probabilities that are 1e-5 apart.
        elements=st.floats(-1e3, 1e3, width=32),
    )
)
@settings(deadline=None, max_examples=30)
def test_any_number_of_rows(small: tuple[Any, Runner], rows: Array) -> None:
    model, run = small
    (scores,) = run(rows)
    assert scores.shape == (len(rows), 4)
    np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1, atol=1e-5)
    if len(rows):
        np.testing.assert_allclose(np.exp(scores), np.asarray(model(rows)), atol=1e-5)


def test_file_is_readable_by_the_oldest_onnxruntime_and_has_its_shapes(
    runner, tmp_path: Path
) -> None:
    run = runner(randomise(ensemble()))
    proto = onnx.load(tmp_path / "model.onnx")
    assert proto.ir_version <= 10  # onnxruntime 1.18
    assert proto.opset_import[0].version == 17
    assert [(item.name, item.shape) for item in run.session.get_inputs()] == [
        ("in0", ["n", 5]),
        ("in1", ["n", 7]),
    ]
    assert [item.shape for item in run.session.get_outputs()] == [
        ["n", 3],
        ["n", 2, 3],
        ["n", 12],
        ["n", 1],
    ]


def test_same_weights_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        model = randomise(find_network("perceptron", "jmir_lpc").build(3))
        export_onnx(model, tmp_path / name, inputs=["jmir_lpc"], outputs=["scores"])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (lambda: layers.Conv2DTranspose(3, 3, name="up"), r"'up' \(Conv2DTranspose\).*no ONNX"),
        (lambda: layers.Activation("hard_silu", name="act"), "'hard_silu' of layer 'act'"),
        (lambda: layers.Conv2D(3, 2, padding="same", dilation_rate=2), "dilation"),
        (lambda: layers.ReLU(threshold=1.0, name="late"), r"'late' \(ReLU\).*threshold"),
        (lambda: layers.ReLU(negative_slope=0.1, name="leaky"), r"'leaky' \(ReLU\).*slope"),
        (lambda: layers.LayerNormalization(name="ln"), r"'ln' \(LayerNormalization\).*no ONNX"),
        (lambda: layers.Flatten("channels_first", name="flat"), "'flat'.*channels first"),
    ],
)
def test_what_has_no_onnx_form_is_named(layer: Any, message: str, tmp_path: Path) -> None:
    model = image_model(layers.Conv2D(2, 3), layer())
    with pytest.raises(UsageError, match=message):
        export_onnx(model, tmp_path / "model.onnx", inputs=["x"], outputs=["y"])
    assert not list(tmp_path.iterdir())


class Opaque(keras.Model):
    def call(self, inputs: Any) -> Any:
        return inputs


def test_a_model_without_a_graph_is_refused_alone_and_inside(tmp_path: Path) -> None:
    path, opaque = tmp_path / "model.onnx", Opaque(name="opaque")
    with pytest.raises(UsageError, match=r"model 'opaque'.*not made of layers"):
        export_onnx(opaque, path, inputs=["x"], outputs=["y"])
    with pytest.raises(UsageError, match=r"'opaque' \(Opaque\).*no ONNX"):
        export_onnx(image_model(opaque), path, inputs=["x"], outputs=["y"])


def test_number_of_names_must_fit(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="longer"):
        export_onnx(ensemble(), tmp_path / "m", inputs=["a"], outputs=["b", "c", "d", "e"])
