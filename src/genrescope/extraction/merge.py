"""The shards of an extraction joined into what one run over everything would have written."""

from __future__ import annotations

import csv
import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from genrescope.data.store.reader import open_store
from genrescope.data.table import FeatureTable
from genrescope.engine import Failure
from genrescope.errors import DataError, UsageError
from genrescope.extraction.assembly import FAILURES, NOTES, STORE, check_format, finish, writing
from genrescope.extraction.journal import Entry
from genrescope.extraction.songs import Shard, listing_digest
from genrescope.extraction.summary import Run, Summary, check_same, read_summary


def merge_shards(output: Path, format_: str = STORE) -> Summary:
    """Join the finished shards in `output` into tables there; the shards stay.

    Args:
        output: the folder that was given to `extract_files` with each shard.
        format_: "store", "parquet", "csv", "arff" or "npz".

    Returns:
        What the shards did together.

    Raises:
        UsageError: there are no shards, or their runs had different settings.
        DataError: a shard is missing or unfinished, or the output cannot be written.
    """
    check_format(format_)
    folders = _shard_folders(output)
    summaries = [_finished_shard(folder) for folder in folders]
    run = _common_run(folders, summaries)
    names = [name for folder in folders for name in _songs(folder, run.sets)]
    streams = [_entries(folder, run.sets) for folder in folders]
    entries = heapq.merge(*streams, key=lambda entry: entry.id)
    with writing(output):
        return finish(entries, output, run, format_, listing_digest(names))


def _shard_folders(output: Path) -> list[Path]:
    """The folders of all the shards, in their order."""
    present = sorted(output.glob("shard-*-of-*"))
    if not present:
        raise UsageError("no shards here", place=output, remedy="extract with --shard first")
    count = int(present[0].name.rpartition("-")[2])
    wanted = [output / Shard(number, count).folder for number in range(1, count + 1)]
    if strange := set(present) - set(wanted):
        raise UsageError(
            f"shards of different counts: {present[0].name} and {min(strange).name}",
            place=output,
            remedy="remove those that do not belong",
        )
    return wanted


def _finished_shard(folder: Path) -> Summary:
    summary = read_summary(folder)
    if summary is None:
        raise DataError(
            "the shard is missing or not finished",
            place=folder,
            remedy="run it (again), then merge",
        )
    return summary


def _common_run(folders: Sequence[Path], summaries: Sequence[Summary]) -> Run:
    """The request that all shards share."""
    first = summaries[0]
    run = Run(first.provenance, first.sets, None)
    for folder, summary in zip(folders, summaries, strict=True):
        check_same({"provenance": run.provenance, "sets": run.sets}, asdict(summary), folder)
    return run


def _rows(path: Path) -> Iterator[list[str]]:
    """The rows of a list of remarks, without its header."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows


def _tables(folder: Path, sets: Sequence[str]) -> dict[str, FeatureTable]:
    """The tables of the sets that the shard has."""
    return {name: open_store(folder / name) for name in sets if (folder / name).exists()}


def _songs(folder: Path, sets: Sequence[str]) -> list[str]:
    """The names of the shard's songs, sorted."""
    names = {row[0] for row in _rows(folder / FAILURES)}
    for table in _tables(folder, sets).values():
        names.update(table.ids.tolist())
    return sorted(names)


def _entries(folder: Path, sets: Sequence[str]) -> Iterator[Entry]:
    """The shard's entry of each of its songs, in the order of their names."""
    failures = {name: Failure(why, how or None) for name, why, how in _rows(folder / FAILURES)}
    notes: defaultdict[str, list[str]] = defaultdict(list)
    for name, note in _rows(folder / NOTES):
        notes[name].append(note)
    tables = _tables(folder, sets)
    following = dict.fromkeys(tables, 0)  # the next row of each table, which is sorted as well
    for song in _songs(folder, sets):
        vectors = {}
        for name, table in tables.items():
            row = following[name]
            if row < len(table) and table.ids[row] == song:
                vectors[name] = table.source[row]
                following[name] = row + 1
        yield Entry(song, vectors, tuple(notes[song]), failures.get(song))
