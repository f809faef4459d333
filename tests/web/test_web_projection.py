"""The map: principal components, as numpy's own decomposition of all songs."""

from __future__ import annotations

import numpy as np
import pytest

from genrescope.web.projection import LARGEST, project


@pytest.fixture
def embedding():
    rng = np.random.default_rng(3)
    return (rng.normal(0, 1, (300, 8)) * np.array([5, 3, 1, 1, 1, 1, 0.5, 0.1])).astype(np.float32)


def test_the_axes_are_the_principal_components(embedding):
    found = project(embedding)
    units = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    centred = units - units.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    for axis in range(2):
        expected = u[:, axis] * s[axis]
        projected = found.points[:, axis].astype(np.float64)
        assert abs(np.corrcoef(expected, projected)[0, 1]) > 0.99999
    assert found.explained == pytest.approx((s[:2] ** 2).sum() / (s**2).sum(), rel=1e-4)


def test_both_axes_have_one_scale(embedding):
    points = project(embedding).points.astype(np.float64)
    assert (points[:, 0].min(), points[:, 0].max()) == (0, LARGEST)
    height = np.ptp(points[:, 1])
    assert 0 < height < LARGEST
    assert points[:, 1].min() == pytest.approx((LARGEST - height) / 2, abs=1)


def test_the_same_songs_give_the_same_map(embedding):
    assert (project(embedding).points == project(embedding.copy()).points).all()
    half = project(embedding.astype(np.float16)).points.astype(int)
    assert abs(half - project(embedding).points).max() < LARGEST / 200


@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (5, 1), (3, 2)])
def test_few_songs_and_few_directions(shape):
    rng = np.random.default_rng(1)
    found = project(rng.normal(0, 1, shape))
    assert found.points.shape == (shape[0], 2)
    assert 0 <= found.explained <= 1 + 1e-6
