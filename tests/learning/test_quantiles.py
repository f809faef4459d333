"""Rank-Gauss: closed form on normal quantiles, ties, ends; the layer is equal to the formula."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.learning.backend import keras
from genrescope.learning.export.convert import export_onnx
from genrescope.learning.layers import RankGaussian
from genrescope.learning.networks import find_network
from genrescope.learning.quantiles import QuantileTransform


def normal_quantiles(rows: int) -> np.ndarray:
    """(rows,) the scores that the ranks of so many distinct values have."""
    return np.array([NormalDist().inv_cdf((i + 0.5) / rows) for i in range(rows)])


def test_quantiles_of_a_normal_distribution_stay_what_they_are() -> None:
    values = normal_quantiles(4001)[:, None]
    result = QuantileTransform.of(values.astype(np.float32), knots=201)(values)
    inner = np.abs(values) < 2.5
    np.testing.assert_allclose(result[inner], values[inner], atol=0.01)


@pytest.mark.parametrize("change", [np.exp, np.cbrt, lambda x: 1e12 * x - 3e11])
def test_only_the_order_counts(change) -> None:
    plain = normal_quantiles(33)[:, None]  # as many as knots: every value is one
    changed = change(plain).astype(np.float32)
    np.testing.assert_allclose(
        QuantileTransform.of(changed)(changed),
        QuantileTransform.of(plain.astype("f4"))(plain),
        atol=1e-5,
    )


def test_knots_get_the_scores_of_their_ranks() -> None:
    values = np.array([[0.0], [10.0], [1000.0]], dtype=np.float32)
    least = NormalDist().inv_cdf(0.5 / 3)
    transform = QuantileTransform.of(values, knots=3)
    np.testing.assert_allclose(transform(values)[:, 0], [least, 0, -least], atol=1e-12)
    between = transform(np.array([[5.0], [505.0]], dtype=np.float32))[:, 0]
    np.testing.assert_allclose(between, [least / 2, -least / 2], atol=1e-12)


def test_beyond_the_ends_it_is_flat() -> None:
    values = np.arange(50, dtype=np.float32)[:, None]
    transform = QuantileTransform.of(values)
    ends = transform(np.array([[-1e30], [0], [49], [1e30]], dtype=np.float32))[:, 0]
    assert ends[0] == ends[1] == -ends[2] == -ends[3] == pytest.approx(NormalDist().inv_cdf(0.01))


def test_ties_share_their_mean_score_and_a_constant_is_zero() -> None:
    tied = np.concatenate([np.zeros(60), np.arange(1, 41)])
    values = np.stack([tied, np.full(100, 7.0)], axis=1).astype(np.float32)
    result = QuantileTransform.of(values, knots=101)(values)
    scores = [NormalDist().inv_cdf(max(share, 0.5) / 100) for share in range(60)]
    np.testing.assert_allclose(result[:60, 0], np.mean(scores), atol=0.02)
    assert result[60, 0] > result[59, 0]
    np.testing.assert_allclose(result[:, 1], 0, atol=1e-12)


def test_it_is_the_sum_of_its_segments() -> None:
    """As the layer and the exported network add them up."""
    rng = np.random.default_rng(4)
    matrix = np.exp(rng.normal(size=(400, 5))).astype(np.float32)
    matrix[:, 1] = np.round(matrix[:, 1])
    matrix[:, 2] = 7
    lines = QuantileTransform.of(matrix)
    new = np.concatenate([matrix, np.exp(rng.normal(0, 2, (400, 5))) - 1, [[7.0] * 5]])
    passed = np.clip((new[:, None] - lines.start) / lines.width, 0, 1)
    expected = lines.least + (lines.rise * passed).sum(axis=1)
    np.testing.assert_allclose(lines(new), expected, atol=1e-12)


@given(st.integers(0, 1000), st.integers(2, 40))
def test_it_never_turns_an_order_round(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    column = np.round(rng.normal(size=(rows, 1)), 1).astype(np.float32)
    new = np.sort(rng.normal(size=(30, 1)) * 2, axis=0).astype(np.float32)
    assert (np.diff(QuantileTransform.of(column)(new)[:, 0]) >= -1e-12).all()


def test_the_layer_gives_what_the_formula_gives() -> None:
    rng = np.random.default_rng(1)
    matrix = (rng.lognormal(0, 2, (300, 4)) * [1, 1e9, 1e-6, 0]).astype(np.float32)
    layer = RankGaussian()
    layer.build((None, 4))
    layer.adapt(matrix)
    new = np.concatenate([matrix, -matrix, 10 * matrix])
    np.testing.assert_allclose(np.asarray(layer(new)), QuantileTransform.of(matrix)(new), atol=2e-5)


def test_onnxruntime_gives_what_the_layer_gives(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    matrix = (rng.lognormal(0, 2, (300, 5)) * [1, 1e9, 1e-6, 0, -3]).astype(np.float32)
    inputs = keras.Input((5,))
    layer = RankGaussian()
    model = keras.Model(inputs, layer(inputs))
    layer.adapt(matrix)
    export_onnx(model, tmp_path / "ranks.onnx", inputs=["x"], outputs=["y"])
    session = onnxruntime.InferenceSession(
        tmp_path / "ranks.onnx", providers=["CPUExecutionProvider"]
    )
    new = np.concatenate([matrix, -matrix, 10 * matrix])
    np.testing.assert_allclose(
        session.run(["y"], {"x": new})[0], model.predict_on_batch(new), atol=1e-5
    )


def test_a_saved_network_keeps_its_ranks(tmp_path: Path) -> None:
    matrix = np.random.default_rng(3).lognormal(0, 2, (50, 60)).astype(np.float32)
    model = find_network("ranked", "rh").build(10)
    next(layer for layer in model.layers if isinstance(layer, RankGaussian)).adapt(matrix)
    model.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_array_equal(read.predict_on_batch(matrix), model.predict_on_batch(matrix))
