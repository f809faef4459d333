"""A folder of files of the Million Song Dataset Benchmarks, whichever of them are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.data.corpora.msd_files import (
    ARTIST_STEM,
    CLS_SUFFIXES,
    PUBLISHED_ROWS,
    LabelFile,
    feature_stems,
    find_feature_files,
    find_file,
    label_file,
)
from genrescope.data.join import JoinReport, join
from genrescope.data.labels import (
    LabelReport,
    Labels,
    assign_groups,
    assign_labels,
    read_artists,
    read_labels,
)
from genrescope.data.partitions import (
    PartitionReport,
    partition_file,
    partition_kind,
    partition_split,
    read_partition,
)
from genrescope.data.splits import Split
from genrescope.data.store.importer import import_file, store_folder
from genrescope.data.store.reader import is_store, open_store
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError, UsageError
from genrescope.featuresets import FEATURE_SETS, feature_set
from genrescope.progress import Progress
from genrescope.taxonomy.vocabulary import Vocabulary

Tables = tuple[FeatureTable, ...]
Watcher = Callable[[str, Progress], None]
"""Called with the name of the feature set that is being imported, and how far it is."""


@dataclass(frozen=True)
class MsdReport:
    """What was found on the way to the tables.

    Attributes:
        join: of the feature sets.
        labels: of the label file with the ids that all sets have.
        artists: of the artist ids with the labelled rows; None where there is no such file.
        not_finite: labelled rows left out because a set has no finite value somewhere.
        partition: of the partition; None where none was named.
        warnings: what limits the results.
    """

    join: JoinReport
    labels: LabelReport
    artists: LabelReport | None
    not_finite: int
    partition: PartitionReport | None
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        lines = [str(self.join), str(self.labels)]
        if self.artists:
            lines.append(f"artists: {self.artists.labelled:,} rows have one")
        if self.not_finite:
            lines.append(f"{self.not_finite:,} rows left out: not finite")
        if self.partition:
            lines.append(str(self.partition))
        return "\n".join([*lines, *(f"warning: {warning}" for warning in self.warnings)])


@dataclass(frozen=True)
class MsdData:
    """Labelled tables of the same tracks, row by row, and the split of them.

    Attributes:
        tables: one a feature set; ids, labels and groups are equal.
        vocabulary: the genres that labels are drawn from.
        split: the partition's parts; None where none was named.
        report: the counts.
    """

    tables: Tables
    vocabulary: Vocabulary
    split: Split | None
    report: MsdReport


def load_msd(
    root: Path,
    *,
    labels: str = "topMAGD",
    partition: str | None = "fixedSizeSplit_2000",
    sets: Sequence[str] | None = None,
    cache: Path | None = None,
    watch: Watcher | None = None,
) -> MsdData:
    """Open a folder of published files: features, labels, partition and, if there, artist ids.

    Feature files are made into stores on first use, so that matrices stay on disk.

    Args:
        root: the folder; files may lie one folder below.
        labels: `topMAGD`, `MAGD`, `MASD` or `CD1`.
        partition: a kind of `PARTITION_KINDS`; None for no split.
        sets: feature sets to open; None for all that are there.
        cache: folder for the stores; None puts them beside the feature files.
        watch: called with how far an import is.

    Raises:
        UsageError: a name is not known, or a file that is wanted is not there.
        DataError: a file is not what it should be, or the files do not belong together.
    """
    source = label_file(labels)
    known = _read_labels(root, source)
    opened = [_open(name, path, cache, watch) for name, path in _chosen(root, sets).items()]
    joined = join(opened)
    tables, label_report, not_finite = _labelled(joined.tables, known, root)
    tables, artist_report = _with_artists(tables, root)
    split, partition_report = _split(tables[0], root, source, partition)
    warnings = [*_row_warnings(opened), *_label_warnings(known, source)]
    if artist_report is None:
        warnings.append(f"no {ARTIST_STEM} file: artists may stand on both sides of a split")
    report = MsdReport(
        joined.report,
        label_report,
        artist_report,
        not_finite,
        partition_report,
        tuple(warnings),
    )
    return MsdData(tables, source.vocabulary, split, report)


def _read_labels(root: Path, source: LabelFile) -> Labels:
    if not root.is_dir():
        raise UsageError("no such folder", place=root)
    path = find_file(root, source.stem, CLS_SUFFIXES)
    if path is None:
        remedy = f"genrescope data download --what {source.name} --output {root}"
        raise UsageError(f"no {source.stem}.cls", place=root, remedy=remedy)
    return read_labels(path, source.vocabulary)


def _chosen(root: Path, sets: Sequence[str] | None) -> dict[str, Path]:
    """The files of the sets named, or of all that are there."""
    there = find_feature_files(root)
    known = there if sets is None else [feature_set(name, FEATURE_SETS).name for name in sets]
    wanted = list(known)
    if not wanted:
        remedy = "they are called msd-rh-v1.0.arff and so on"
        raise UsageError("no feature file of the benchmarks in it", place=root, remedy=remedy)
    for name in wanted:
        if name not in there:
            remedy = f"there are {', '.join(there) or 'none'}"
            raise UsageError(f"no {feature_stems()[name]} file", place=root, remedy=remedy)
    return {name: there[name] for name in wanted}


def _open(name: str, path: Path, cache: Path | None, watch: Watcher | None) -> FeatureTable:
    """The table of a store, or of a file made into a store."""
    if is_store(path):
        return open_store(path)
    # The features of a few tracks are not numbers; they are counted and left out below, since
    # one such value must not stand between a user and a million tracks.
    return import_file(
        path,
        store_folder(path, cache),
        name,
        missing="nan",
        progress=lambda at: watch(name, at) if watch else None,
    ).table


def _labelled(tables: Tables, labels: Labels, root: Path) -> tuple[Tables, LabelReport, int]:
    """The labelled and finite rows of aligned tables, and how many were not finite."""
    first, report = assign_labels(tables[0], labels)
    if first.labels is None or not report.labelled:
        raise DataError(f"no track has a label of {labels.vocabulary.name}", place=root)
    rows = np.flatnonzero(first.labels != "")
    finite = _finite([table.take(rows) for table in tables])
    rows = rows[finite]
    ids, genres = first.ids[rows], first.labels[rows]
    taken = tuple(
        replace(
            table.take(rows),
            ids=ids,
            labels=genres,
            provenance={"dataset": "MSD", **table.provenance},
        )
        for table in tables
    )
    return taken, report, int((~finite).sum())


def _finite(tables: Sequence[FeatureTable]) -> NDArray[np.bool_]:
    """(rows,) whether every value of every table is finite; reads block by block, if it must."""
    finite = np.ones(len(tables[0]), dtype=bool)
    for table in tables:
        if table.provenance.get("missing") == "error":
            continue  # the import let no other value pass
        for start, block in table.batches():
            finite[start : start + len(block)] &= np.isfinite(block).all(axis=1)
    return finite


def _with_artists(tables: Tables, root: Path) -> tuple[Tables, LabelReport | None]:
    """The tables grouped by artist, where there is a file of artist ids."""
    path = find_file(root, ARTIST_STEM, CLS_SUFFIXES)
    if path is None:
        return tables, None
    first, report = assign_groups(tables[0], read_artists(path))
    return tuple(replace(table, groups=first.groups) for table in tables), report


def _split(
    table: FeatureTable, root: Path, source: LabelFile, partition: str | None
) -> tuple[Split | None, PartitionReport | None]:
    if partition is None:
        return None, None
    path = _partition_path(root, source.vocabulary.name, partition_kind(partition))
    return partition_split(table, read_partition(path))


def _partition_path(root: Path, vocabulary: str, kind: str) -> Path:
    name = partition_file(vocabulary, kind)
    path = find_file(root, name.removesuffix(".cls"), CLS_SUFFIXES)
    if path is None:
        remedy = f"genrescope data download --what {kind} --output {root}"
        raise UsageError(f"no {name}", place=root, remedy=remedy)
    return path


def _row_warnings(tables: Sequence[FeatureTable]) -> list[str]:
    pairs = [(table, PUBLISHED_ROWS[table.feature_set]) for table in tables]
    short = [
        f"{table.feature_set} {len(table):,} of {rows:,}"
        for table, rows in pairs
        if rows is not None and len(table) < rows
    ]
    return [f"fewer rows than published: {', '.join(short)}"] if short else []


def _label_warnings(labels: Labels, source: LabelFile) -> list[str]:
    if len(labels) >= source.tracks:
        return []
    return [f"{source.name} has {len(labels):,} of the {source.tracks:,} labels published"]
