"""Feature sets side by side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.data.concatenate import concatenate_features, named_tables, single_sets
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError


def table(name: str, dims: int, offset: float, rows: int = 6) -> FeatureTable:
    ids = np.array([f"song{row}" for row in range(rows)])
    values = offset + np.arange(rows * dims, dtype=np.float32).reshape(rows, dims)
    return FeatureTable(name, ids, values, labels=np.array(["Jazz", "Rap"] * (rows // 2)))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=9))
def test_rows_in_any_order_are_those_of_the_parts(chosen: list[int]) -> None:
    parts = [table("rh", 2, 0), table("ssd", 3, 100)]
    joined = concatenate_features(parts)
    rows = np.array(chosen)
    expected = np.hstack([part.read(rows) for part in parts])
    np.testing.assert_array_equal(joined.read(rows), expected)
    np.testing.assert_array_equal(joined.take(rows).read(), expected)


def test_it_is_a_table_like_another() -> None:
    first, second = table("rh", 2, 0), table("ssd", 3, 100)
    turned = second.take(np.arange(6)[::-1])
    joined = concatenate_features([first, FeatureTable("ssd", first.ids, turned.read())])
    assert (joined.feature_set, joined.dims, len(joined)) == ("rh+ssd", 5, 6)
    assert joined.labels is first.labels
    np.testing.assert_array_equal(joined.read()[0], [0, 1, 115, 116, 117])
    blocks = [block for _, block in joined.batches(4)]
    np.testing.assert_array_equal(np.concatenate(blocks), joined.read())


def test_other_songs_are_refused() -> None:
    with pytest.raises(DataError, match="'ssd' and 'rh' hold other songs"):
        concatenate_features(
            [table("rh", 2, 0), table("ssd", 3, 0).take(np.array([1, 0, 2, 3, 4, 5]))]
        )
    with pytest.raises(DataError, match="no feature sets"):
        concatenate_features([])


def test_names_of_single_and_joined_sets() -> None:
    names = ["ssd", "rh+ssd", "ssd", "tssd+rh"]
    assert single_sets(names) == ["ssd", "rh", "tssd"]
    tables = [table(name, dims, 0) for name, dims in (("ssd", 3), ("rh", 2), ("tssd", 4))]
    found = named_tables(names, tables)
    assert [(item.feature_set, item.dims) for item in found] == [
        ("ssd", 3),
        ("rh+ssd", 5),
        ("tssd+rh", 6),
    ]
    assert found[0] is tables[0]
