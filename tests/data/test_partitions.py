"""Published partitions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genrescope.data.partitions import (
    PARTITION_KINDS,
    load_partition,
    partition_file,
    partition_kind,
    partition_split,
    read_partition,
)
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError, UsageError

LINES = ["% Top-MAGD, 1 per genre\n", "TRA\tTRAIN\n", "TRB\tTEST\n", "TRC\ttest\n", "TRX\tTRAIN\n"]


def _table(ids: list[str], labels: list[str] | None = None) -> FeatureTable:
    known = None if labels is None else np.array(labels)
    return FeatureTable("rh", np.array(ids), np.zeros((len(ids), 1), np.float32), labels=known)


def test_parts() -> None:
    partition = load_partition(LINES, "p")
    assert partition.train.tolist() == ["TRA", "TRX"]
    assert partition.test.tolist() == ["TRB", "TRC"]


def test_split_counts_what_does_not_meet() -> None:
    split, report = partition_split(
        _table(["TRC", "TRD", "TRB", "TRA"], ["Jazz", "Jazz", "", "Rap"]),
        load_partition(LINES, "p"),
    )
    assert split.name == "p"
    assert (split.train.tolist(), split.test.tolist()) == ([3], [0])
    assert (report.train, report.test, report.neither) == (1, 1, 1)
    assert (report.unlabelled, report.without_features) == (1, 1)


def test_split_without_labels_keeps_all() -> None:
    split, report = partition_split(_table(["TRC", "TRB", "TRA"]), load_partition(LINES, "p"))
    assert split.test.tolist() == [0, 1]
    assert report.unlabelled == 0


def test_every_published_kind_has_its_file_name() -> None:
    assert len(PARTITION_KINDS) == 12
    assert partition_kind("fixedsizesplit_2000") == "fixedSizeSplit_2000"
    assert partition_kind("stratifiedPercentageSplit_0.66") in PARTITION_KINDS
    name = partition_file("topMAGD", "fixedSizeSplit_2000")
    assert name == "msd-topMAGD-partition_fixedSizeSplit_2000-v1.0.cls"
    with pytest.raises(UsageError, match="choose from fixedSizeSplit_1000"):
        partition_kind("halfAndHalf")


def test_a_file_names_its_partition(tmp_path: Path) -> None:
    path = tmp_path / partition_file("MASD", "percentageSplit_0.5")
    path.write_text("".join(LINES))
    assert read_partition(path).name == "msd-MASD-partition_percentageSplit_0.5-v1.0"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["TRA\tTRAIN", "TRB\tTEST", "TRA\tTEST"], r"p\.cls:3: TRA is in both parts"),
        (["TRA\tVALID"], r"p\.cls:1: no part 'VALID'"),
        (["TRA\tTRAIN"], r"p\.cls: no TEST line"),
    ],
)
def test_errors(lines: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_partition(lines, "p", "p.cls")


def test_a_part_without_features_is_an_error() -> None:
    with pytest.raises(DataError, match="no row of p is in TEST"):
        partition_split(_table(["TRA"]), load_partition(LINES, "p"))
