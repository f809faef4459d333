"""The published train and test parts of the Million Song Dataset Benchmarks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genrescope.data.formats.cls import cls_lines, open_cls
from genrescope.data.ids import locate
from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable, Strings
from genrescope.errors import DataError, UsageError

_SHARES = ("0.5", "0.55", "0.66", "0.8", "0.9")
PARTITION_KINDS = (
    "fixedSizeSplit_1000",
    "fixedSizeSplit_2000",
    *(f"percentageSplit_{share}" for share in _SHARES),
    *(f"stratifiedPercentageSplit_{share}" for share in _SHARES),
)


def partition_kind(name: str) -> str:
    """The published spelling of a kind of partition given in any case.

    Raises:
        UsageError: there is no such kind.
    """
    for kind in PARTITION_KINDS:
        if kind.casefold() == name.casefold():
            return kind
    raise UsageError(f"no partition '{name}'", remedy=f"choose from {', '.join(PARTITION_KINDS)}")


def partition_file(vocabulary: str, kind: str) -> str:
    """Published name of the partition of that kind of the labels of `vocabulary`."""
    return f"msd-{vocabulary}-partition_{kind}-v1.0.cls"


@dataclass(frozen=True)
class Partition:
    """The ids of the two parts, in the file's order."""

    name: str
    train: Strings
    test: Strings


@dataclass(frozen=True)
class PartitionReport:
    """How a partition met a table.

    Attributes:
        train, test: rows in each part.
        neither: rows of the table in neither part.
        unlabelled: rows in a part but left out of the split because they have no label.
        without_features: ids of the partition that the table has no row for.
    """

    train: int
    test: int
    neither: int
    unlabelled: int
    without_features: int

    def __str__(self) -> str:
        return (
            f"{self.train:,} rows to train, {self.test:,} to test, {self.neither:,} in neither "
            f"part, {self.unlabelled:,} left out for want of a label; "
            f"{self.without_features:,} ids of the partition have no features"
        )


def load_partition(handle: Iterable[str], name: str, place: str = "partition") -> Partition:
    """A partition from lines of `id<TAB>TRAIN` or `id<TAB>TEST`.

    Raises:
        DataError: a part has another name, an id is in both parts, or a part is empty; it names
            `place` and the line.
    """
    parts: dict[str, str] = {}
    for number, track, rest in cls_lines(handle, place):
        part = rest.strip().upper()
        if part not in ("TRAIN", "TEST"):
            remedy = "a line is an id, a tab and TRAIN or TEST"
            raise DataError(f"no part '{rest}'", place=f"{place}:{number}", remedy=remedy)
        if parts.setdefault(track, part) != part:
            remedy = "the partition is not sound: fetch it again or take another"
            raise DataError(f"{track} is in both parts", place=f"{place}:{number}", remedy=remedy)
    ids, sides = np.array(list(parts)), np.array(list(parts.values()))
    for part in ("TRAIN", "TEST"):
        if not (sides == part).any():
            raise DataError(f"no {part} line in it", place=place, remedy="is it the right file?")
    return Partition(name, ids[sides == "TRAIN"], ids[sides == "TEST"])


def read_partition(path: Path) -> Partition:
    """A partition from a `.cls`, `.cls.gz` or `.cls.zip` file, called by the file's stem."""
    with open_cls(path) as handle:
        return load_partition(handle, path.name.partition(".cls")[0], str(path))


def partition_split(table: FeatureTable, partition: Partition) -> tuple[Split, PartitionReport]:
    """The split of a table that a partition defines, in the table's order, and the counts.

    Rows without a label are left out where the table has labels.

    Raises:
        DataError: a part has no row in the table.
    """
    ids = np.concatenate([partition.train, partition.test])
    found = locate(table.ids, ids)
    inside = found >= 0
    labelled = np.ones(len(table), bool) if table.labels is None else table.labels != ""
    train = np.flatnonzero(inside & labelled & (found < len(partition.train)))
    test = np.flatnonzero(inside & labelled & (found >= len(partition.train)))
    for side, rows in (("TRAIN", train), ("TEST", test)):
        if not len(rows):
            remedy = "are labels, partition and features of one data set?"
            raise DataError(f"no row of {partition.name} is in {side}", remedy=remedy)
    report = PartitionReport(
        train=len(train),
        test=len(test),
        neither=int((~inside).sum()),
        unlabelled=int((inside & ~labelled).sum()),
        without_features=len(ids) - len(np.unique(found[inside])),
    )
    return Split(partition.name, train, test), report
