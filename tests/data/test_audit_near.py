"""Near duplicates: planted copies are found in small and large tables, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genrescope.data.audit.near import NearDuplicates, near_duplicates
from genrescope.data.audit.scale import RobustScale, reduce
from genrescope.data.corpora.gtzan import KNOWN_REPEATS, NEAR_REPEATS, load_gtzan
from genrescope.data.table import FeatureTable, Matrix


def songs(rows: int, seed: int = 0, dims: int = 20) -> Matrix:
    """Loudness-like values: positive, heavy-tailed, of ten hidden directions and noise."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(rows, 10)) @ rng.normal(0, 0.5, (10, dims))
    return np.exp(hidden + rng.normal(0, 0.3, (rows, dims))).astype(np.float32)


def table_of(vectors: Matrix) -> FeatureTable:
    return FeatureTable("made up", np.arange(len(vectors)).astype(str), vectors)


def search(vectors: Matrix) -> NearDuplicates:
    return near_duplicates(table_of(vectors), np.arange(len(vectors)))


def pairs_of(found: NearDuplicates) -> set[tuple[int, int]]:
    return {(one, two) for one, two in found.pairs.tolist()}


def planted(rows: int, copies: int, noise: float, seed: int = 0) -> tuple[Matrix, set]:
    """Songs, some of which are others with a little noise, and which."""
    rng = np.random.default_rng(seed)
    vectors = songs(rows, seed)
    chosen = rng.choice(rows, 2 * copies, replace=False).reshape(2, copies)
    change = np.exp(noise * rng.standard_normal((copies, vectors.shape[1])))
    vectors[chosen[1]] = vectors[chosen[0]] * change
    return vectors, {tuple(sorted(pair)) for pair in chosen.T.tolist()}


@pytest.mark.parametrize("noise", [0.001, 0.02])
def test_planted_copies_are_found_and_nothing_else(noise):
    vectors, pairs = planted(800, 12, noise)
    found = search(vectors)
    assert pairs_of(found) == pairs
    assert found.exhaustive
    assert found.searched == 800
    assert (np.diff(found.distances) >= 0).all()
    assert (found.distances < 2 * found.limit).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_songs_without_copies_have_none(seed):
    # Less than one pair by chance is the promise; none in most tables.
    assert len(search(songs(300, seed)).pairs) <= 1


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-6, 1e6), st.floats(-1e3, 1e3))
def test_units_do_not_matter(seed, factor, offset):
    vectors, pairs = planted(300, 5, 0.001, seed)
    moved = vectors.copy()
    moved[:, ::2] = vectors[:, ::2] * factor
    moved[:, 0] += np.float32(offset) * np.ptp(moved[:, 0]) / 1e4
    assert pairs <= pairs_of(search(moved))


def test_large_tables_are_searched_by_trees():
    vectors, pairs = planted(30_000, 200, 0.02)
    found = search(vectors)
    assert not found.exhaustive
    assert len(pairs & pairs_of(found)) >= 198
    assert len(pairs_of(found) - pairs) <= 1
    assert found.unchecked == 0


def test_many_copies_of_one_song_do_not_hide_each_other():
    vectors = songs(500)
    rng = np.random.default_rng(1)
    vectors[:30] = vectors[0] * np.exp(0.001 * rng.standard_normal((30, 20)))
    found = pairs_of(search(vectors))
    assert {song for pair in found for song in pair} == set(range(30))


def test_rows_and_columns_that_are_not_finite_are_left_out():
    vectors, pairs = planted(400, 4, 0.001)
    vectors[:, 3] = np.nan
    (one, two), *others = sorted(pairs)
    vectors[one, 5] = np.inf
    found = search(vectors)
    assert found.searched == 399
    assert pairs_of(found) == set(others)
    assert two not in found.pairs


def test_only_the_named_rows_are_searched():
    vectors, pairs = planted(400, 4, 0.001)
    (_, two), *others = sorted(pairs)
    rows = np.delete(np.arange(400), two)
    assert pairs_of(near_duplicates(table_of(vectors), rows)) == set(others)


@pytest.mark.parametrize("vectors", [songs(10), np.ones((50, 3), dtype=np.float32)])
def test_with_too_little_to_go_by_nothing_is_found(vectors):
    found = search(vectors)
    assert len(found.pairs) == 0
    assert np.isnan(found.dimension)


def test_the_known_repeats_with_noise_on_them_are_found():
    table = load_gtzan("marsyas_timbral")
    rng = np.random.default_rng(0)
    noisy = table.source * (1 + 1e-4 * rng.standard_normal(table.source.shape))
    found = near_duplicates(replace(table, source=noisy.astype(np.float32)), np.arange(len(table)))
    pairs = {(str(table.ids[one]), str(table.ids[two])) for one, two in found.pairs}
    known = {(first, copy) for copy, first in KNOWN_REPEATS.items()}
    assert pairs >= {pair for pair in known if {*pair} <= set(table.ids.tolist())}
    assert pairs <= known | {(first, copy) for copy, first in NEAR_REPEATS.items()}


def test_robust_scale_in_closed_form():
    vectors = np.array([[0.0, 7, 1], [1, 7, 2], [2, 7, np.nan], [3, 7, 4], [1e9, 7, 5]], np.float32)
    scale = RobustScale.of(vectors)
    assert scale.columns.tolist() == [0]
    assert (scale.median.tolist(), scale.deviation.tolist()) == ([2.0], [2 / 1.349])
    plain = np.array([-1.349, -0.6745, 0, 0.6745, (1e9 - 2) * 0.6745])
    np.testing.assert_allclose(scale(vectors)[:, 0], np.arcsinh(plain), rtol=1e-6)


def test_few_directions_keep_all_distances():
    vectors = songs(200, dims=12)
    kept, points = reduce(table_of(vectors), np.arange(200))
    scaled = RobustScale.of(vectors)(vectors)
    assert (len(kept), points.shape) == (200, (200, 12))
    np.testing.assert_allclose(
        np.linalg.norm(points[1:] - points[:-1], axis=1),
        np.linalg.norm(scaled[1:] - scaled[:-1], axis=1),
        rtol=1e-4,
    )
