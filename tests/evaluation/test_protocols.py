"""Protocols: their splits, titles and what they warn of."""

from __future__ import annotations

import numpy as np
import pytest

from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError
from genrescope.evaluation import protocols


def table_of(labels: list[str], groups: list[str] | None = None) -> FeatureTable:
    rows = len(labels)
    return FeatureTable(
        "test",
        np.array([f"song{i}" for i in range(rows)]),
        np.zeros((rows, 2), dtype=np.float32),
        labels=np.array(labels),
        groups=None if groups is None else np.array(groups),
    )


def test_kfold_has_a_title_and_warns_of_random_folds() -> None:
    protocol = protocols.kfold(table_of(["a", "b"] * 6), 3, repeats=2)
    assert (protocol.name, protocol.title) == ("kfold-3x2", "2 x stratified 3-fold")
    assert len(protocol.splits) == 6
    assert protocol.warnings == (protocols.RANDOM_FOLDS,)


def test_grouped_kfold_keeps_groups_and_warns_where_some_are_unknown() -> None:
    artists = [f"artist {i // 2}" for i in range(12)]
    known = protocols.kfold(table_of(["a"] * 12, artists), 3, by_group=True)
    assert (known.title, known.warnings) == ("grouped stratified 3-fold", ())
    partly = protocols.kfold(table_of(["a"] * 12, ["", *artists[1:]]), 3, by_group=True)
    assert partly.warnings == (protocols.RANDOM_FOLDS,)
    with pytest.raises(DataError, match="no groups"):
        protocols.kfold(table_of(["a"] * 12), 3, by_group=True)


def test_kfold_warns_of_small_genres() -> None:
    protocol = protocols.kfold(table_of(["a"] * 9 + ["b"] * 2), 3)
    assert "fewer songs than folds" in protocol.warnings[1]
    assert "b (2)" in protocol.warnings[1]


def test_given_splits_keep_their_name() -> None:
    split = Split("fixedSizeSplit_2000", np.array([0]), np.array([1]))
    assert protocols.msd_partition(split).title == "MSD partition fixedSizeSplit_2000"
    assert "not artist-filtered" in protocols.msd_partition(split).warnings[0]
    assert protocols.fault_filtered(split).warnings == ()
    assert protocols.fixed(split, title="mine").title == "mine"


def test_a_protocol_needs_splits_of_different_names() -> None:
    split = Split("one", np.array([0]), np.array([1]))
    for splits in ((), (split, split)):
        with pytest.raises(DataError, match="a name of its own"):
            protocols.Protocol("p", "p", splits)
