"""Joining tables on ids."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genrescope.data.join import join
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError, UsageError


def _table(name: str, ids: list[str], labels: list[str] | None = None) -> FeatureTable:
    matrix = np.array([[ord(i[0])] for i in ids], dtype=np.float32)
    known = None if labels is None else np.array(labels)
    return FeatureTable(name, np.array(ids), matrix, labels=known)


def test_the_first_tables_order_and_the_counts() -> None:
    joined = join(
        [
            _table("rp", ["d", "a", "c", "b", "a"], ["Rap", "Folk", "", "Jazz", "Folk"]),
            _table("rh", ["a", "b", "c", "d", "e", "f"]),
            _table("ssd", ["c", "d", "x", "b"]),
        ]
    )
    assert [table.ids.tolist() for table in joined.tables] == [["d", "c", "b"]] * 3
    for table in joined.tables:
        assert table.read().ravel().tolist() == [ord("d"), ord("c"), ord("b")]
    rp, rh, ssd = joined.report.tables
    assert joined.report.common == 3
    assert (rp.rows, rp.duplicated, rp.missing, rp.unlabelled) == (5, 1, 3, 1)
    assert sorted(rp.missing_examples) == ["e", "f", "x"]
    assert (rh.rows, rh.duplicated, rh.missing, rh.unlabelled) == (6, 0, 1, None)
    assert rh.missing_examples == ("x",)
    assert (ssd.rows, ssd.duplicated, ssd.missing) == (4, 0, 3)
    assert "3 ids in all of 3 sets" in str(joined.report)
    assert "1 repeat an id" in str(rp)


def test_one_sound_table_is_returned_as_it_is() -> None:
    table = _table("rp", ["a", "b"])
    assert join([table]).tables[0] is table


def test_one_table_loses_its_repeats() -> None:
    joined = join([_table("rp", ["b", "a", "b"])])
    assert joined.tables[0].ids.tolist() == ["b", "a"]


def test_a_table_that_is_a_view_already() -> None:
    table = _table("rp", ["a", "b", "c"]).take(np.array([2, 1]))
    joined = join([_table("rh", ["b", "c"]), table])
    assert joined.tables[1].read().ravel().tolist() == [ord("b"), ord("c")]


def test_matrices_are_never_read(tmp_path: Path) -> None:
    path = tmp_path / "big.npy"
    rows = 2_000
    source = np.lib.format.open_memmap(path, "w+", np.float32, (rows, 1_440))
    ids = np.array([f"TR{i}" for i in range(rows)])
    joined = join([FeatureTable("rp", ids, source), FeatureTable("rh", ids[::-1], source)])
    assert all(np.shares_memory(table.source, source) for table in joined.tables)
    assert all(isinstance(table.source, np.memmap) for table in joined.tables)


def test_nothing_to_join() -> None:
    with pytest.raises(UsageError, match="no table to join"):
        join([])
    with pytest.raises(DataError, match="rp, rh have no id in common"):
        join([_table("rp", ["a"]), _table("rh", ["b"])])
