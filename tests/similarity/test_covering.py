"""Songs that stand for others."""

from __future__ import annotations

import numpy as np
import pytest

from genrescope.similarity.covering import covering


def units() -> np.ndarray:
    """Five songs around one direction, three around another, one alone."""
    angles = np.radians([0, 4, 8, 12, 16, 120, 124, 128, 250])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_each_cluster_has_a_song_the_largest_first():
    first, second, third = covering(units(), 3).tolist()
    assert (first in range(5), second in range(5, 8), third) == (True, True, 8)


def test_what_is_known_is_not_chosen_again_nor_is_what_is_near_it():
    assert covering(units(), 2, known=[1, 5]).tolist()[0] == 8
    assert covering(units(), 9, known=[1, 5]).tolist().count(1) == 0
    assert len(covering(units(), 20, known=[1, 5])) == 7


def test_weights_count_the_songs_that_are_covered():
    weights = np.zeros(9)
    weights[5:8] = 1
    assert covering(units(), 1, weights=weights).tolist() == [6]


@pytest.mark.parametrize("seed", range(5))
def test_the_greedy_choice_is_nearly_the_best(seed: int):
    found = np.random.default_rng(seed).normal(0, 1, (12, 4))
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    between = 2 - 2 * found @ found.T

    def gain(chosen: list[int]) -> float:
        return float((4 - between[chosen].min(axis=0)).sum())

    best = max(gain([a, b]) for a in range(12) for b in range(a))
    assert gain(covering(found, 2).tolist()) >= (1 - 1 / np.e) * best
