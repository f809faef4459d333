"""Mixup: mixtures of songs are mixtures of their losses. Runs with any Keras backend."""

from __future__ import annotations

import numpy as np
import pytest

from tried_training import mixup

ROWS, DIMS, GENRES = 64, 5, 4


def batch(seed: int = 0):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(ROWS, DIMS)).astype(np.float32)
    targets = np.eye(GENRES, dtype=np.float32)[rng.integers(GENRES, size=ROWS)]
    return vectors, targets, rng.uniform(0.2, 3, ROWS).astype(np.float32)


@pytest.mark.parametrize("alpha", [0.1, 1.0, 5.0])
def test_targets_still_sum_to_one_and_lie_between_those_of_two_songs(alpha: float) -> None:
    vectors, _, weights = batch()
    mixed, mixed_targets, mixed_weights = mixup(*batch(), alpha, np.random.default_rng(1))
    np.testing.assert_allclose(mixed_targets.sum(axis=1), 1, rtol=1e-5)
    assert mixed.shape == vectors.shape
    assert (mixed.max(axis=0) <= vectors.max(axis=0) + 1e-6).all()
    assert (np.count_nonzero(mixed_targets, axis=1) <= 2).all()
    assert mixed_weights.min() >= weights.min()
    assert mixed_weights.max() <= weights.max() + 1e-6


def test_each_song_is_mixed_with_one_other_and_keeps_at_least_half() -> None:
    weights = np.ones(ROWS, np.float32)
    eye = np.eye(ROWS, dtype=np.float32)  # a song's vector and its target show which song it is
    mixed, targets, mixed_weights = mixup(eye, eye, weights, 0.5, np.random.default_rng(2))
    np.testing.assert_allclose(mixed, targets, rtol=1e-6)  # of equal weight: the same shares
    np.testing.assert_allclose(mixed.sum(axis=1), 1, rtol=1e-6)
    assert (mixed.diagonal() >= 0.5).all()
    assert (np.count_nonzero(mixed, axis=1) <= 2).all()
    np.testing.assert_allclose(mixed_weights, 1, rtol=1e-6)


def test_a_mixture_costs_the_mixture_of_what_its_songs_cost() -> None:
    rng = np.random.default_rng(3)
    eye, weights = np.eye(ROWS, dtype=np.float32), batch()[2]
    shares, targets, mixed_weights = mixup(eye, eye, weights, 1.0, rng)
    costs = rng.uniform(size=(ROWS, ROWS))  # of each mixture, were it the one song or the other
    np.testing.assert_allclose(
        mixed_weights * (targets * costs).sum(axis=1), (shares * weights * costs).sum(axis=1), 1e-5
    )


def test_a_small_alpha_hardly_mixes_and_a_large_one_halves() -> None:
    eye, weights = np.eye(ROWS, dtype=np.float32), np.ones(ROWS, np.float32)
    hardly = mixup(eye, eye, weights, 1e-3, np.random.default_rng(4))[0]
    halves = mixup(eye, eye, weights, 1e4, np.random.default_rng(4))[0]
    np.testing.assert_allclose(np.median(hardly.diagonal()), 1, atol=1e-6)
    np.testing.assert_allclose(np.median(halves.diagonal()), 0.5, atol=0.02)
