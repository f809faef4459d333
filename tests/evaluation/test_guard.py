"""Leaks are refused or named: trained ids, identical vectors, artists on both sides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable
from genrescope.errors import LeakError
from genrescope.evaluation.guard import (
    check_leakage,
    identical_vectors,
    row_hashes,
    shared_groups,
    split_warnings,
)


def table_of(vectors: np.ndarray, groups: list[str] | None = None) -> FeatureTable:
    ids = np.array([f"song{i}" for i in range(len(vectors))])
    return FeatureTable("test", ids, vectors, groups=None if groups is None else np.array(groups))


def split_at(place: int, rows: int) -> Split:
    return Split("half", np.arange(place), np.arange(place, rows))


def test_refuses_and_counts_what_was_trained_on() -> None:
    trained = [f"song{i}" for i in range(10)]
    with pytest.raises(
        LeakError, match=r"5 of the 7 songs .*: song5, song6, song7, \.\.\."
    ) as caught:
        check_leakage(trained, ["new", *trained[5:], "newer"])
    assert caught.value.exit_code == 3
    assert caught.value.remedy is not None


@pytest.mark.parametrize(
    ("trained", "tested_on"),
    [
        (frozenset({"a"}), np.array(["b", "c"])),
        (np.array(["song1", "song10"]), ["song", "song100", "Song1"]),  # names in names
        ([], ["a"]),
        (["a"], []),
        ([], []),
    ],
)
def test_lets_songs_pass_that_are_new(trained, tested_on) -> None:
    assert check_leakage(trained, tested_on) is None
    with pytest.raises(LeakError, match=f"1 of the {len(tested_on) + 1} songs"):
        check_leakage([*trained, "both"], [*tested_on, "both"])


def test_finds_identical_vectors_on_both_sides() -> None:
    vectors = np.random.default_rng(0).normal(size=(8, 5)).astype(np.float32)
    vectors[6] = vectors[1]
    vectors[7] = vectors[1]
    vectors[3] = vectors[2]  # both in training: no matter
    pairs = identical_vectors(table_of(vectors), split_at(4, 8))
    assert pairs.tolist() == [[1, 6], [1, 7]]


def test_one_bit_makes_a_difference() -> None:
    vectors = np.ones((2, 6), dtype=np.float32)
    vectors[1, 3] = np.nextafter(np.float32(1), np.float32(2))
    assert len(identical_vectors(table_of(vectors), split_at(1, 2))) == 0
    assert len(set(row_hashes(table_of(vectors)).tolist())) == 2


def test_equal_hashes_alone_are_no_proof() -> None:
    table = table_of(np.arange(8, dtype=np.float32).reshape(4, 2))
    same = np.zeros(4, dtype=np.uint64)
    assert len(identical_vectors(table, split_at(2, 4), hashes=same)) == 0


def test_reads_a_memory_map_and_its_views(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(20_000, 3)).astype(np.float32)
    vectors[19_999] = vectors[4]
    np.save(tmp_path / "matrix.npy", vectors)
    table = table_of(np.load(tmp_path / "matrix.npy", mmap_mode="r"))
    assert identical_vectors(table, split_at(100, 20_000)).tolist() == [[4, 19_999]]
    backwards = table.take(np.arange(20_000)[::-1])
    pairs = identical_vectors(backwards, split_at(100, 20_000))
    assert pairs.tolist() == [[0, 19_995]]


def test_counts_artists_on_both_sides() -> None:
    table = table_of(np.eye(6, dtype=np.float32), ["a", "", "b", "a", "", "c"])
    assert shared_groups(table, split_at(3, 6)) == 1
    assert shared_groups(table_of(np.eye(6, dtype=np.float32)), split_at(3, 6)) == 0


def test_warnings_name_the_pairs() -> None:
    vectors = np.eye(4, dtype=np.float32)
    vectors[3] = vectors[0]
    table = table_of(vectors, ["a", "b", "c", "a"])
    folds = [split_at(2, 4), Split("back", np.array([2, 3]), np.array([0, 1]))]
    twins, groups = split_warnings(table, folds)
    assert "2 songs were tested (2 times)" in twins
    assert "song3 = song0, song0 = song3" in twins
    assert groups.startswith("1 groups")
    assert split_warnings(table_of(np.eye(4, dtype=np.float32)), folds) == []
