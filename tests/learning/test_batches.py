"""Batches: of one size, in runs that fit in memory, with smoothed labels."""

from __future__ import annotations

import numpy as np
import pytest

from genrescope.learning import batches


def test_steps_have_one_size_and_cover_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    order = np.random.default_rng(0).permutation(100)
    steps = batches.minibatches(order, 32)
    assert steps.shape == (4, 25)
    np.testing.assert_array_equal(steps.ravel(), order)
    assert batches.minibatches(order[:97], 32).shape == (4, 25)
    assert set(batches.minibatches(order[:97], 32).ravel()) == set(order[:97])
    monkeypatch.setattr(batches, "_CHUNK_BYTES", 4 * 20 * 50)
    assert [len(chunk) for chunk in batches.chunks(steps, dims=20)] == [2, 2]


def test_targets_are_smoothed_one_hot_rows() -> None:
    np.testing.assert_allclose(
        batches.smooth_labels(np.array([[2, 0]]), 3, 0.3), [[[0.1, 0.1, 0.8], [0.8, 0.1, 0.1]]]
    )
