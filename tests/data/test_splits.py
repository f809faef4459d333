"""Splits: complete, disjoint, stratified, deterministic, and never through a group."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.data.splits import Split, can_split, stratified_kfold, train_validation_split
from genrescope.errors import DataError, UsageError

GENRES = st.sampled_from(["blues", "jazz", "metal"])
ROWS = st.lists(st.tuples(GENRES, st.sampled_from(["", "", "a", "b", "c", "d"])), max_size=60)


def columns(rows: list[tuple[str, str]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows])


def counts(labels: np.ndarray, genre: str, splits: list[Split]) -> list[int]:
    return [int((labels[split.test] == genre).sum()) for split in splits]


def test_split_keeps_its_positions_as_int64() -> None:
    split = Split("one", np.array([2, 0], dtype=np.int32), np.array([1]))
    assert split.train.dtype == split.test.dtype == np.int64
    assert split.train.tolist() == [2, 0]


@pytest.mark.parametrize(
    ("train", "test", "words"),
    [
        ([0, 1], [1, 2], "1 rows in both"),
        ([0, 0], [1], "twice in its train part"),
        ([0], [1, 1], "twice in its test part"),
        ([], [1], "no train rows"),
        ([0], [], "no test rows"),
    ],
)
def test_split_refuses_what_is_none(train: list[int], test: list[int], words: str) -> None:
    with pytest.raises(DataError, match=words):
        Split("bad", np.array(train, dtype=np.int64), np.array(test, dtype=np.int64))


def test_folds_share_every_genre_evenly() -> None:
    labels = np.array(["blues"] * 100 + ["disco"] * 11 + ["jazz"] * 7)
    splits = stratified_kfold(labels, 5, seed=3)
    assert counts(labels, "blues", splits) == [20] * 5
    assert sorted(counts(labels, "disco", splits)) == [2, 2, 2, 2, 3]
    assert sorted(counts(labels, "jazz", splits)) == [1, 1, 1, 2, 2]
    assert sorted(len(split.test) for split in splits) == [23, 23, 24, 24, 24]


def test_rare_genres_do_not_pile_up_in_one_fold() -> None:
    labels = np.array([f"genre {i // 2}" for i in range(20)])
    assert [len(split.test) for split in stratified_kfold(labels, 5)] == [4] * 5


def test_each_repeat_tests_every_row_once_and_differs() -> None:
    labels = np.array(["blues", "jazz"] * 20)
    splits = stratified_kfold(labels, 4, repeats=2, seed=1)
    first, second = splits[:4], splits[4:]
    for repeat in (first, second):
        assert sorted(np.concatenate([split.test for split in repeat])) == list(range(40))
    assert any(a.test.tolist() != b.test.tolist() for a, b in zip(first, second, strict=True))
    assert len({split.name for split in splits}) == 8


def test_the_seed_decides() -> None:
    labels = np.array(["blues", "jazz"] * 20)
    drawn = [
        [split.test.tolist() for split in stratified_kfold(labels, 4, seed=seed)]
        for seed in (5, 5, 6)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_groups_of_one_genre_are_assigned_level() -> None:
    labels = np.array(["blues"] * 40 + ["jazz"] * 40)
    groups = np.array([f"artist {i // 4}" for i in range(80)])
    splits = stratified_kfold(labels, 5, groups=groups)
    assert counts(labels, "blues", splits) == counts(labels, "jazz", splits) == [8] * 5


@given(ROWS, st.integers(2, 4), st.integers(0, 3))
def test_kfold_properties(rows: list[tuple[str, str]], folds: int, seed: int) -> None:
    labels, groups = columns(rows)
    try:
        splits = stratified_kfold(labels, folds, seed=seed, groups=groups)
    except DataError:
        return
    assert sorted(np.concatenate([split.test for split in splits])) == list(range(len(rows)))
    for split in splits:
        assert sorted([*split.train, *split.test]) == list(range(len(rows)))
        assert set(groups[split.train]) & set(groups[split.test]) <= {""}


@given(st.lists(GENRES, min_size=1, max_size=60), st.integers(2, 5))
def test_ungrouped_folds_differ_by_one_row_of_a_genre(rows: list[str], folds: int) -> None:
    labels = np.array(rows)
    try:
        splits = stratified_kfold(labels, folds)
    except DataError:
        assert min(np.unique(labels, return_counts=True)[1]) < 2 or len(rows) < folds
        return
    for genre in set(rows):
        tested = counts(labels, genre, splits)
        assert max(tested) - min(tested) <= 1
        assert all(genre in labels[split.train] for split in splits)


def test_kfold_names_the_genres_that_are_too_small() -> None:
    labels = np.array(["blues"] * 10 + ["jazz"])
    with pytest.raises(DataError, match=r"too few of jazz \(1\)"):
        stratified_kfold(labels, 5)
    groups = np.array(["x"] * 10 + [""])
    with pytest.raises(DataError, match=r"blues \(1\), jazz \(1\)"):
        stratified_kfold(labels, 5, groups=groups)


def test_a_genre_of_one_row_or_group_is_not_divisible() -> None:
    labels = np.array(["blues", "blues", "jazz", "jazz", "metal", "rock", "rock"])
    groups = np.array(["a", "a", "a", "", "", "", ""])
    assert can_split(labels, groups).tolist() == [False, False, True, True, False, True, True]
    assert can_split(labels, None).tolist() == [True] * 4 + [False] + [True] * 2
    assert can_split(labels[:0], groups[:0]).tolist() == []


@given(ROWS.filter(len), st.integers(0, 9))
def test_what_can_be_split_can_be_assigned_to_folds(rows: list[tuple[str, str]], seed: int) -> None:
    labels, groups = columns(rows)
    can = can_split(labels, groups)
    if can.any():
        stratified_kfold(labels[can], 2, seed=seed, groups=groups[can])
    for genre in np.unique(labels[~can]):
        with pytest.raises(DataError, match="too few of"):
            stratified_kfold(labels[labels == genre], 2, groups=groups[labels == genre])


def test_rows_without_a_label_are_refused() -> None:
    with pytest.raises(DataError, match="1 rows to split have no label"):
        stratified_kfold(np.array(["blues", "", "blues"]), 2)


@pytest.mark.parametrize(("folds", "repeats"), [(1, 1), (2, 0)])
def test_too_few_folds_or_repeats(folds: int, repeats: int) -> None:
    with pytest.raises(UsageError):
        stratified_kfold(np.array(["blues"] * 4), folds, repeats=repeats)


def test_validation_takes_its_share_of_every_genre() -> None:
    labels = np.array(["blues"] * 100 + ["jazz"] * 40 + ["metal"] * 2)
    fit, validation = train_validation_split(labels, None, fraction=0.15, seed=0)
    names, sizes = np.unique(labels[validation], return_counts=True)
    assert dict(zip(names.tolist(), sizes.tolist(), strict=True)) == {
        "blues": 15,
        "jazz": 6,
        "metal": 1,
    }
    assert sorted([*fit, *validation]) == list(range(142))


def test_validation_of_artists_takes_its_share() -> None:
    labels = np.array(["blues"] * 200 + ["jazz"] * 200)
    groups = np.array([f"artist {i // 5}" for i in range(400)])
    _, validation = train_validation_split(labels, groups, fraction=0.2)
    assert np.unique(labels[validation], return_counts=True)[1].tolist() == [40, 40]


def test_validation_prefers_small_artists_where_one_is_nearly_all() -> None:
    labels = np.array(["blues"] * 100)
    groups = np.array(["star"] * 95 + ["one"] * 3 + ["two"] * 2)
    _, validation = train_validation_split(labels, groups, fraction=0.1)
    assert set(groups[validation]) <= {"one", "two"}
    assert len(validation) > 0


def test_a_genre_of_two_artists_gives_one_of_them() -> None:
    labels = np.array(["blues"] * 20 + ["jazz"] * 20)
    groups = np.array(["a"] * 12 + ["b"] * 8 + [""] * 20)
    _, validation = train_validation_split(labels, groups, fraction=0.1)
    assert set(groups[validation]) == {"b", ""}


@given(ROWS, st.integers(0, 3), st.sampled_from([0.1, 0.25, 0.5]))
def test_validation_properties(rows: list[tuple[str, str]], seed: int, fraction: float) -> None:
    labels, groups = columns(rows)
    try:
        fit, validation = train_validation_split(labels, groups, fraction=fraction, seed=seed)
    except DataError:
        return
    assert sorted([*fit, *validation]) == list(range(len(rows)))
    assert set(groups[fit]) & set(groups[validation]) <= {""}
    assert set(labels[fit]) == set(labels)


@given(st.lists(GENRES, min_size=2, max_size=60), st.integers(0, 3))
def test_ungrouped_validation_holds_every_genre_that_has_two_rows(
    rows: list[str], seed: int
) -> None:
    labels = np.array(rows)
    names, sizes = np.unique(labels, return_counts=True)
    if sizes.max() < 2:
        return
    fit, validation = train_validation_split(labels, None, seed=seed)
    assert set(labels[fit]) == set(names)
    assert set(labels[validation]) == set(names[sizes >= 2])


def test_nothing_to_set_aside() -> None:
    with pytest.raises(DataError, match="too few rows"):
        train_validation_split(np.array(["blues", "jazz"]), None)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1])
def test_validation_fraction_is_a_share(fraction: float) -> None:
    with pytest.raises(UsageError):
        train_validation_split(np.array(["blues"] * 4), None, fraction=fraction)


def test_more_folds_than_rows_are_refused_with_the_most_that_there_can_be() -> None:
    labels = np.array(["jazz", "rock"] * 3)
    with pytest.raises(DataError, match=r"8 folds, of which 2 are empty \(take 6 folds at most"):
        stratified_kfold(labels, 8)
    assert [len(split.test) for split in stratified_kfold(labels, 6)] == [1] * 6
