"""Equal vectors, copied genres and groups across a split: by hand, and where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.data.corpora.gtzan import KNOWN_REPEATS, load_gtzan
from genrescope.data.corpora.tuwien_gtzan import load_whole_tuwien_gtzan
from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable
from genrescope.evaluation.duplicates import (
    copied_genres,
    copy_groups,
    equal_pairs,
    leaked_by_group,
    merge_duplicates,
)
from genrescope.evaluation.guard import row_hashes
from genrescope.featuresets import FEATURE_SETS

ARFFS = "gtzan_tuwien_arff"


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_equal_pairs_are_those_of_a_loop(values):
    vectors = np.array(values, dtype=np.float32)[:, None] * np.ones((1, 3), dtype=np.float32)
    table = FeatureTable("made up", np.arange(len(values)).astype(str), vectors)
    expected = [[values.index(v), i] for i, v in enumerate(values) if values.index(v) < i]
    assert equal_pairs(table).tolist() == expected


@pytest.mark.parametrize("name", FEATURE_SETS)
def test_the_known_repeats_of_gtzan_are_found_in_every_set(name):
    table = load_gtzan(name)
    found = {(table.ids[one], table.ids[two]) for one, two in equal_pairs(table)}
    here = set(table.ids.tolist())
    pairs = {(one, two) for two, one in KNOWN_REPEATS.items() if {one, two} <= here}
    assert found == pairs


@pytest.mark.parametrize("name", ["rh", "ssd"])
def test_the_repeats_in_published_files(shared, name):
    table = load_whole_tuwien_gtzan(shared / "data" / ARFFS, name)
    pairs = equal_pairs(table)
    assert len(table) - len(pairs) == 986
    # With the genre as a part of the row there are 987: one song is there in two genres.
    assert table.labels is not None
    across = pairs[table.labels[pairs[:, 0]] != table.labels[pairs[:, 1]]]
    assert table.ids[across].tolist() == [["metal.00058", "rock.00016"]]
    assert copied_genres(table.labels, row_hashes(table)) == []


@pytest.mark.parametrize("name", ["timbral", "mfcc", "chroma", "zcrs"])
def test_the_copied_genre_of_published_files(shared, name):
    table = load_whole_tuwien_gtzan(shared / "data" / ARFFS, name)
    assert table.labels is not None
    assert copied_genres(table.labels, row_hashes(table)) == [("disco", "hiphop")]


def test_copied_genres_by_hand():
    labels = np.repeat(["a", "b", "c", "d", ""], [6, 6, 6, 2, 6])
    row = np.arange(6)
    hashes = np.concatenate([row, row[::-1], row, [0, 0], row]).astype(np.uint64)
    assert copied_genres(labels, hashes) == [("a", "c")]


def test_merging_by_hand():
    equal = [("rh", np.array([[0, 3]])), ("ssd", np.array([[0, 3], [1, 2]]))]
    near = [
        ("rh", np.array([[1, 2], [4, 5]]), np.array([0.1, 0.2])),
        ("ssd", np.array([[4, 5], [6, 7]]), np.array([0.3, 0.1])),
    ]
    found = merge_duplicates(equal, near)
    assert [(c.first, c.second, c.equal, c.near) for c in found] == [
        (0, 3, ("rh", "ssd"), {}),
        (1, 2, ("ssd",), {"rh": 0.1}),
        (4, 5, (), {"rh": 0.2, "ssd": 0.3}),
        (6, 7, (), {"ssd": 0.1}),
    ]
    assert [copy.sets for copy in found] == [2, 2, 2, 1]


@given(
    st.integers(1, 12).flatmap(
        lambda n: st.tuples(
            st.just(n),
            st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=8),
            st.lists(st.sampled_from(["", "x", "y"]), min_size=n, max_size=n),
        )
    )
)
def test_groups_are_the_connected_components(case):
    rows, links, artists = case
    pairs = np.array(links, dtype=np.int64).reshape(-1, 2)
    groups = copy_groups(rows, pairs, np.array(artists, dtype=np.str_))
    reach = np.eye(rows, dtype=bool)
    for one, two in links:
        reach[one, two] = reach[two, one] = True
    named = np.array(artists)
    reach |= (named[:, None] == named) & (named != "")
    for _ in range(rows):
        reach = (reach.astype(int) @ reach) > 0
    lone = groups == ""
    np.testing.assert_array_equal((groups[:, None] == groups)[~lone], reach[~lone])
    assert (reach[lone].sum(axis=1) == 1).all()


def test_shared_groups():
    split = Split("one", np.array([0, 1, 5]), np.array([4, 2, 3]))
    groups = np.array(["a", "", "b", "", "a", "c", "b"])
    assert leaked_by_group(groups, split).tolist() == [4]
