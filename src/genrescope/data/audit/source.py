"""What an audit looks at: aligned tables, labels, artists and a split, from whatever is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from genrescope.data.corpora.gtzan import fault_filtered_split, load_gtzan
from genrescope.data.corpora.msd import Watcher, load_msd
from genrescope.data.corpora.msd_files import (
    CLS_SUFFIXES,
    find_feature_files,
    find_file,
    label_file,
)
from genrescope.data.corpora.tuwien_gtzan import load_whole_tuwien_gtzan, tuwien_files
from genrescope.data.formats.cls import cls_lines, open_cls
from genrescope.data.formats.featurefile import open_feature_file, read_table
from genrescope.data.join import join
from genrescope.data.labels import Labels, assign_groups, assign_labels, read_artists
from genrescope.data.opened import open_source
from genrescope.data.partitions import partition_file, partition_split, read_partition
from genrescope.data.splits import Split
from genrescope.data.store.reader import is_store
from genrescope.data.table import FeatureTable, Strings
from genrescope.errors import DataError, UsageError
from genrescope.featuresets import FEATURE_SETS, KNOWN_SETS
from genrescope.taxonomy.vocabulary import GTZAN, VOCABULARIES, Vocabulary

BUILT_IN = "gtzan"
FAULT_FILTERED = "fault-filtered"
_USUAL_PARTITION = "fixedSizeSplit_2000"


@dataclass(frozen=True)
class AuditInput:
    """What is audited.

    Attributes:
        name: of the data.
        tables: one a feature set, equal ids, labels and groups (artists) row by row; values may be
            missing.
        columns: names of each table's values.
        vocabulary: the genres that occur; None where no labels are known.
        split: None where none is known.
        notes: what was found on the way here.
    """

    name: str
    tables: tuple[FeatureTable, ...]
    columns: tuple[tuple[str, ...], ...]
    vocabulary: Vocabulary | None
    split: Split | None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.tables[0])


@dataclass(frozen=True)
class AuditOptions:
    """What is to be audited; None is what is there.

    Attributes:
        sets: feature sets of a collection (built-in songs, a folder of published files).
        labels: a `.cls` file, or for MSD files the name of a published one.
        artists: a `.cls` file of artists.
        partition: a `.cls` file, for MSD files the kind of a published one, for GTZAN's songs
            `fault-filtered`.
        cache: folder for stores of MSD files.
    """

    sets: Sequence[str] | None = None
    labels: str | None = None
    artists: Path | None = None
    partition: str | None = None
    cache: Path | None = None


def open_audit_input(
    sources: Sequence[str], options: AuditOptions, watch: Watcher | None = None
) -> AuditInput:
    """Open what `sources` name.

    Args:
        sources: `gtzan`; a folder of TU Wien's GTZAN files; a folder of MSD Benchmarks files; or
            one or more stores and feature files of the same songs.
        options: what of it.
        watch: called with how far the import of an MSD file is.

    Raises:
        UsageError: a source is none of these, or the option does not fit it.
        DataError: a file is not what it should be.
    """
    first = Path(sources[0])
    if len(sources) == 1 and sources[0] == BUILT_IN:
        tables = [load_gtzan(name) for name in _sets(options)]
        return _gtzan("GTZAN, built in", tables, [_columns(table) for table in tables], options)
    if len(sources) == 1 and first.is_dir() and (files := tuwien_files(first)):
        names = files if options.sets is None else options.sets
        tables = [load_whole_tuwien_gtzan(first, name) for name in names]
        layouts = [open_feature_file(first / f"gtzan_{name}.arff").layout for name in names]
        columns = [layout.names for layout in layouts]
        return _gtzan("GTZAN, TU Wien's files", tables, columns, options)
    if len(sources) == 1 and _is_msd(first):
        return _msd(first, options, watch)
    return _files([Path(source) for source in sources], options)


def _sets(options: AuditOptions) -> list[str]:
    return list(FEATURE_SETS if options.sets is None else options.sets)


def _is_msd(folder: Path) -> bool:
    return folder.is_dir() and not is_store(folder) and bool(find_feature_files(folder))


def _gtzan(
    name: str,
    tables: Sequence[FeatureTable],
    columns: Sequence[tuple[str, ...]],
    options: AuditOptions,
) -> AuditInput:
    """GTZAN's songs; what is known of their repeats is forgotten, for the audit to find."""
    if options.labels or options.artists:
        raise UsageError("GTZAN's songs have their genres and no known artists")
    if options.partition not in (None, FAULT_FILTERED):
        raise UsageError(f"no partition '{options.partition}'", remedy=f"choose {FAULT_FILTERED}")
    aligned = tuple(replace(table, groups=None) for table in join(tables).tables)
    split = fault_filtered_split(aligned[0])
    return AuditInput(name, aligned, tuple(columns), GTZAN, split)


def _msd(root: Path, options: AuditOptions, watch: Watcher | None) -> AuditInput:
    labels = options.labels or "topMAGD"
    partition = options.partition or _usual_partition(root, labels)
    data = load_msd(
        root,
        labels=labels,
        partition=partition,
        sets=options.sets,
        cache=options.cache,
        watch=watch,
    )
    tables = data.tables
    if options.artists is not None:
        first, _ = assign_groups(tables[0], read_artists(options.artists))
        tables = tuple(replace(table, groups=first.groups) for table in tables)
    columns = tuple(_columns(table) for table in tables)
    notes = tuple(str(data.report).splitlines())
    return AuditInput(f"MSD, {labels}", tables, columns, data.vocabulary, data.split, notes)


def _usual_partition(root: Path, labels: str) -> str | None:
    """The partition that most use, where its file is there."""
    stem = partition_file(label_file(labels).vocabulary.name, _USUAL_PARTITION).removesuffix(".cls")
    return _USUAL_PARTITION if find_file(root, stem, CLS_SUFFIXES) else None


def _files(paths: Sequence[Path], options: AuditOptions) -> AuditInput:
    if options.sets is not None:
        raise UsageError("single files are sets themselves", remedy="leave --sets out")
    opened = [_open(path) for path in paths]
    joined = join([table for table, _ in opened])
    tables, notes = joined.tables, str(joined.report).splitlines()[1:]
    labels = None if options.labels is None else _read_any_labels(Path(options.labels))
    stated = next((table.labels for table in tables if table.labels is not None), None)
    if labels is not None:
        first, report = assign_labels(tables[0], labels)
        stated, notes = first.labels, [*notes, str(report)]
    vocabulary, stated = _understood(stated)
    groups = None
    if options.artists is not None:
        groups = assign_groups(tables[0], read_artists(options.artists))[0].groups
    tables = tuple(replace(table, labels=stated, groups=groups) for table in tables)
    split = None
    if options.partition is not None:
        split, counts = partition_split(tables[0], read_partition(Path(options.partition)))
        notes.append(str(counts))
    name = ", ".join(path.name for path in paths)
    return AuditInput(
        name, tables, tuple(names for _, names in opened), vocabulary, split, tuple(notes)
    )


def _open(path: Path) -> tuple[FeatureTable, tuple[str, ...]]:
    """A store or a feature file, values that are missing kept, and its column names."""
    if path.is_dir() and not (is_store(path) or path.name.lower().endswith(".csv")):
        remedy = "name stores, feature files, or a folder of MSD or gtzan_*.arff files"
        raise UsageError("nothing to audit in this folder", place=path, remedy=remedy)
    source, columns = open_source(path)
    if isinstance(source, FeatureTable):
        return source, columns
    return read_table(path, missing="nan"), columns


def _read_any_labels(path: Path) -> Labels:
    """Labels of a vocabulary that is known, or just of the words that the file has."""
    genres: dict[str, str] = {}
    with open_cls(path) as handle:
        for number, track, rest in cls_lines(handle, str(path)):
            genre = rest.split("\t")[0].strip(" '\"")
            if genres.setdefault(track, genre) != genre:
                raise DataError(f"{track} has two genres", place=f"{path}:{number}")
    if not genres:
        raise DataError("no labels in it", place=path, remedy="is it the right file?")
    vocabulary, labels = _understood(np.array(list(genres.values())))
    if vocabulary is None or labels is None:
        raise DataError("no labels in it", place=path)
    return Labels(vocabulary, np.array(list(genres)), labels)


def _understood(labels: Strings | None) -> tuple[Vocabulary | None, Strings | None]:
    """The vocabulary that `labels` are of, and their canonical spelling; "" stays.

    The smallest of the known vocabularies that has all of them; else one of their own.
    """
    words = [] if labels is None else np.unique(labels[labels != ""]).tolist()
    if labels is None or not words:
        return None, None
    for known in sorted(VOCABULARIES.values(), key=len):
        if all(known.find(word) for word in words):
            spelling = {word: known.canonical(word) for word in words} | {"": ""}
            return known, np.array([spelling[label] for label in labels.tolist()])
    return Vocabulary("its own", tuple(words)), labels


def _columns(table: FeatureTable) -> tuple[str, ...]:
    """Names of a table's values: those of the set, else their numbers."""
    known = KNOWN_SETS.get(table.feature_set)
    if known is not None and known.dims == table.dims:
        return known.columns
    return tuple(f"column {i + 1}" for i in range(table.dims))
