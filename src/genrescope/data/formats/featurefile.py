"""One feature file, whatever its format: its columns, its rows, its feature set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from genrescope.data.formats.arff import read_header
from genrescope.data.formats.columns import Layout
from genrescope.data.formats.csv_parts import find_parts
from genrescope.data.formats.delimited import BLOCK_BYTES, read_blocks
from genrescope.data.formats.rows import Missing
from genrescope.data.formats.streams import Part
from genrescope.data.ids import IdIndex
from genrescope.data.table import FeatureTable, Matrix
from genrescope.errors import DataError, UsageError
from genrescope.featuresets import FEATURE_SETS, KNOWN_SETS


@dataclass(frozen=True)
class Cursor:
    """Where reading stands.

    Attributes:
        part: position of the part in the file's parts.
        offset: byte of its unpacked text.
        line: 1-based number of the line there.
        row: rows before it, over all parts.
        read: bytes on disk before it, over all parts; approximate, for showing progress.
    """

    part: int
    offset: int
    line: int
    row: int
    read: int


@dataclass(frozen=True)
class Chunk:
    """Some rows of a feature file, and where reading goes on after them.

    Attributes:
        ids: names of the rows.
        vectors: (rows, dims) float32.
        labels: genre of each row, "" where missing; None where the file has none.
        after: where the next chunk starts.
    """

    ids: list[str]
    vectors: Matrix
    labels: list[str] | None
    after: Cursor


@dataclass(frozen=True)
class FeatureFile:
    """A feature file, read as far as its header.

    Attributes:
        path: the file, or the folder of its parts.
        layout: what its columns are.
        parts: its files of rows, in order.
        feature_set: name of the set it holds.
        ids: names of the rows of a file without ids; None: row numbers from 0.
    """

    path: Path
    layout: Layout
    parts: tuple[Part, ...]
    feature_set: str
    ids: Sequence[str] | None = None

    @property
    def bytes(self) -> int:
        """Size on disk of all parts."""
        return sum(part.path.stat().st_size for part in self.parts)

    def fingerprint(self) -> dict[str, Any]:
        """What marks this version of the file: sizes and times of its parts."""
        stats = [(part.path.name, part.path.stat()) for part in self.parts]
        return {
            "file": self.path.name,
            "parts": [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats],
        }

    def chunks(
        self,
        start: Cursor | None = None,
        *,
        missing: Missing = "error",
        size: int = BLOCK_BYTES,
    ) -> Iterator[Chunk]:
        """The rows from `start` on, in chunks of about `size` bytes of text.

        Raises:
            DataError: a row is not as the header has it, the file is cut off, or it has no row;
                names file and line.
            UsageError: there are more or fewer rows than `ids`.
        """
        at = start or Cursor(0, self.parts[0].offset, self.parts[0].line, 0, 0)
        row = at.row
        before = sum(part.path.stat().st_size for part in self.parts[: at.part])
        for index, part in enumerate(self.parts[at.part :], at.part):
            if start and index == at.part:
                part = replace(part, offset=at.offset, line=at.line)
            for block in read_blocks(part, self.layout, missing=missing, size=size):
                rows, first, row = block.rows, row, row + len(block.rows.vectors)
                names = rows.ids if rows.ids is not None else self._names(first, row)
                read = before + block.position
                after = Cursor(index, block.end.offset, block.end.line, row, read)
                yield Chunk(names, rows.vectors, rows.labels, after)
            before += part.path.stat().st_size
        self._check_count(row)

    def _names(self, start: int, stop: int) -> list[str]:
        if self.ids is None:
            return [str(row) for row in range(start, stop)]
        if stop > len(self.ids):
            self._check_count(stop)
        return list(self.ids[start:stop])

    def _check_count(self, rows: int) -> None:
        if not rows:
            raise DataError(
                "no row of values", place=self.path, remedy="it is cut off: fetch it again"
            )
        if self.ids is not None and len(self.ids) != rows:
            raise UsageError(
                f"{len(self.ids)} ids for a file of {rows} rows or more", place=self.path
            )


def open_feature_file(
    path: str | Path, feature_set: str | None = None, *, ids: Sequence[str] | None = None
) -> FeatureFile:
    """Read the header of `path`.

    Args:
        path: `NAME.arff`, `NAME.csv` (a file, or a folder of parts), either of them gzipped.
        feature_set: name of the set; None: the one published under this file's name, else the
            file's own name.
        ids: names of the rows where the file has none; None: row numbers from 0.

    Raises:
        DataError: the file is missing, not of a known format, or its rows have another number of
            values than the set.
        UsageError: `ids` are given for a file that has its own.
    """
    path = Path(path)
    if not path.exists():
        raise DataError("no such file", place=path, remedy="check the path")
    layout, parts = _read_columns(path)
    if ids is not None and layout.id is not None:
        raise UsageError("ids are given, but the file has its own", place=path)
    return FeatureFile(path, layout, parts, _which_set(path, layout, feature_set), ids)


def _read_columns(path: Path) -> tuple[Layout, tuple[Part, ...]]:
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".arff") and path.is_file():
        layout, part = read_header(path)
        return layout, (part,)
    if name.endswith(".csv"):
        return find_parts(path)
    raise DataError(
        "not a feature file by its name", place=path, remedy="NAME.arff or NAME.csv, or .gz of it"
    )


def file_stem(path: Path) -> str:
    """The name of a feature file without `.gz`, `.arff` and `.csv`."""
    name = path.name
    for suffix in (".gz", ".arff", ".csv"):
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    return name


def _which_set(path: Path, layout: Layout, name: str | None) -> str:
    """The set's name: as given, as published, or the file's own; its size is checked."""
    stem = file_stem(path)
    published = {item.msd_stem.lower(): item.name for item in FEATURE_SETS.values()}
    chosen = name or published.get(stem.lower(), stem)
    known = KNOWN_SETS.get(chosen)
    if known and known.dims != layout.dims:
        raise DataError(
            f"rows of {layout.dims} values, but '{chosen}' ({known.title}) has {known.dims}",
            place=path,
            remedy="fetch the file again, or name the set that it holds",
        )
    return chosen


def read_table(
    path: str | Path,
    feature_set: str | None = None,
    *,
    ids: Sequence[str] | None = None,
    missing: Missing = "error",
) -> FeatureTable:
    """A whole feature file in memory; `import_file` is for those that are too large for that.

    Of rows with the same id the first is kept; `provenance["duplicates"]` counts the others.

    Args:
        path: as for `open_feature_file`.
        feature_set: as for `open_feature_file`.
        ids: names of the rows where the file has none; None: row numbers from 0.
        missing: whether a missing or non-finite value is an error, or read as it is (`?` as NaN).

    Raises:
        DataError: the file cannot be read; names file and line.
        UsageError: `ids` are given for a file that has its own, or are too few or too many.
    """
    file = open_feature_file(path, feature_set, ids=ids)
    texts: list[str] = []
    genres: list[str] = []
    vectors: Matrix = np.empty((0, file.layout.dims), dtype=np.float32)
    for chunk in file.chunks(missing=missing):
        start = len(texts)
        texts += chunk.ids
        genres += chunk.labels or ()
        if len(texts) > len(vectors):
            vectors = _grown(vectors, start, len(texts), file.bytes / chunk.after.read)
        vectors[start : len(texts)] = chunk.vectors
    names, labels = np.array(texts, dtype=np.str_), np.array(genres, dtype=np.str_)
    vectors = vectors[: len(names)]
    first = IdIndex(names).firsts()
    kept = slice(None) if len(first) == len(names) else first
    return FeatureTable(
        file.feature_set,
        names[kept],
        vectors[kept],
        labels=None if file.layout.label is None else labels[kept],
        provenance={**file.fingerprint(), "duplicates": len(names) - len(first)},
    )


def _grown(vectors: Matrix, filled: int, needed: int, ratio: float) -> Matrix:
    """A larger array with the same first rows; pages that stay untouched cost no memory.

    Args:
        vectors: (rows, dims).
        filled: rows that are in use.
        needed: rows that it must hold.
        ratio: how many times the file is larger than what has been read of it.
    """
    grown = np.empty((max(needed, int(1.02 * needed * ratio)), vectors.shape[1]), dtype=np.float32)
    grown[:filled] = vectors[:filled]
    return grown
