from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.errors import DataError
from genrescope.similarity import nearest as similar
from genrescope.similarity.nearest import SAME_SOUND, SongIndex, nearest, similarities


def songs(count: int, dims: int = 5, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, dims)).astype(np.float32)


def test_similarity_is_the_cosine():
    index = SongIndex.build("abcd", [[3, 4], [-3, -4], [4, -3], [0, 0]])

    np.testing.assert_allclose(similarities(index, [6, 8]), [1, -1, 0, 0], atol=1e-7)
    positions, values = nearest(index, [1, 0], 2)
    assert [index.ids[at] for at in positions] == ["c", "a"]
    np.testing.assert_allclose(values, [0.8, 0.6], rtol=1e-6)


@given(st.integers(1, 40), st.integers(0, 45), st.integers(1, 9), st.integers(0, 5))
def test_the_search_is_exact_in_any_blocks(count, wanted, block, seed):
    rows = songs(count, seed=seed)
    rows[count // 2] = rows[0]  # two alike: the first in the index comes first
    query = songs(1, seed=99)[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similar, "_BLOCK", block)
        positions, values = nearest(SongIndex.build(range(count), rows), query, wanted)
    cosine = rows @ query / np.linalg.norm(rows, axis=1) / np.linalg.norm(query)

    assert len(positions) == min(wanted, count)
    expected = np.sort(cosine)[::-1][:wanted]
    np.testing.assert_allclose(values, expected, atol=1e-6)
    np.testing.assert_allclose(cosine[positions], values, atol=1e-6)
    assert len(set(positions.tolist())) == len(positions)


def test_of_songs_alike_the_first_comes_first():
    rows = np.tile(songs(1), (6, 1))
    positions, _ = nearest(SongIndex.build(range(6), rows), rows[0], 3)

    assert positions.tolist() == [0, 1, 2]


def test_half_precision_and_a_memory_map_find_the_same(tmp_path):
    rows, query = songs(3000, 16), songs(1, 16, seed=5)[0]
    exact = SongIndex.build(range(3000), rows)
    np.save(tmp_path / "units.npy", SongIndex.build(range(3000), rows, np.float16).units)
    mapped = SongIndex(range(3000), np.load(tmp_path / "units.npy", mmap_mode="r"))

    np.testing.assert_allclose(similarities(mapped, query), similarities(exact, query), atol=2e-3)
    assert nearest(mapped, query, 1)[0] == nearest(exact, query, 1)[0]


def test_rounding_to_half_precision_leaves_the_same_sound():
    rows = songs(500, 64) * 3
    index = SongIndex.build(range(500), rows.astype(np.float16))
    own = np.array([similarities(index, row)[at] for at, row in enumerate(rows)])
    near = similarities(index, rows[0] + 0.02 * songs(1, 64, seed=4)[0])[0]

    assert own.min() >= SAME_SOUND > near


def test_what_does_not_fit_is_refused():
    index = SongIndex.build("ab", songs(2))
    with pytest.raises(DataError, match=r"a song of \(4,\) values among songs of \(5,\)"):
        nearest(index, np.zeros(4), 1)
    with pytest.raises(DataError, match="not finite"):
        nearest(index, np.full(5, np.nan), 1)
    with pytest.raises(DataError, match="for 3 songs"):
        SongIndex.build("abc", songs(2))
    with pytest.raises(DataError, match="not finite"):
        SongIndex.build("a", [[np.inf, 0.0]])
