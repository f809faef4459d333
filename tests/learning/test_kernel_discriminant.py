"""Kernel discriminant analysis against the same in coordinates."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from genrescope.learning.baselines.kernel_discriminant import _discriminants, whitening


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(2, 4), st.floats(0.01, 10))
def test_scores_are_those_of_a_gaussian_model_in_the_kernels_space(
    seed: int, genres: int, ridge: float
) -> None:
    rng = np.random.default_rng(seed)
    truth = np.arange(20) % genres
    songs, new = rng.normal(size=(20, 3)) + truth[:, None], rng.normal(size=(7, 3))
    weights, bias = _discriminants(songs @ songs.T, truth, ridge)
    means = np.stack([songs[truth == genre].mean(axis=0) for genre in range(genres)])
    rest = songs - means[truth]
    inverse = np.linalg.inv((rest.T @ rest + ridge * np.eye(3)) / 20)
    products = songs @ inverse @ songs.T
    pairs = [np.flatnonzero(truth == genre) for genre in range(genres)]
    squares = [np.mean([products[i, j] for i in rows for j in rows if i != j]) for rows in pairs]
    expected = new @ inverse @ means.T - np.array(squares) / 2
    np.testing.assert_allclose(new @ songs.T @ weights - bias, expected, rtol=1e-6, atol=1e-6)


def test_whitened_songs_differ_alike_in_all_directions_within_a_genre() -> None:
    rng = np.random.default_rng(0)
    truth = np.arange(3000) % 3
    mixed = rng.normal(size=(3000, 4)) @ rng.normal(size=(4, 4)) + 5 * truth[:, None]
    white = mixed @ whitening(mixed, truth, 1e-9)
    rest = white - np.stack([white[truth == genre].mean(axis=0) for genre in range(3)])[truth]
    np.testing.assert_allclose(rest.T @ rest / 3000, np.eye(4), atol=1e-6)


def test_wholly_shrunk_it_only_scales() -> None:
    rng = np.random.default_rng(0)
    songs = rng.normal(size=(50, 3)) * [1, 10, 100]
    white = whitening(songs, np.arange(50) % 2, 1.0)
    np.testing.assert_allclose(white, np.eye(3) * white[0, 0], atol=1e-12)


def test_a_genre_of_one_song_has_the_length_of_that_song() -> None:
    songs = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 0.0], [5.0, 5.0]])
    truth = np.array([0, 1, 1, 2])
    weights, bias = _discriminants(songs @ songs.T, truth, 0.5)
    own = songs[[0, 3]] @ songs.T @ weights[:, [0, 2]]
    np.testing.assert_allclose(bias[[0, 2]], np.diag(own) / 2)
