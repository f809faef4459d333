"""Importing: a feature file becomes a store, however large it is and however often it is cut."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from genrescope.data.formats.delimited import BLOCK_BYTES
from genrescope.data.formats.featurefile import Cursor, FeatureFile, file_stem, open_feature_file
from genrescope.data.formats.rows import Missing
from genrescope.data.store.folder import remove_leftovers
from genrescope.data.store.reader import JOURNAL, is_store, open_store
from genrescope.data.store.writer import StoreWriter
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError, GenrescopeError, UsageError
from genrescope.files.atomic import write_errors
from genrescope.progress import Progress, Report
from genrescope.version import __version__

# Rows are made durable after so many blocks of text.
_CHECKPOINT_BLOCKS = 16


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes:
        folder: the store.
        table: its contents; `provenance["duplicates"]` counts rows left out because their id had
            come before.
        resumed: rows that an interrupted import had left.
        fresh: False where the store was there already, from the same file.
    """

    folder: Path
    table: FeatureTable
    resumed: int
    fresh: bool


def store_folder(path: str | Path, output: str | Path | None = None) -> Path:
    """Where the store of a feature file is: `NAME.store` in `output`, or beside the file."""
    path = Path(path)
    parent = path.parent if output is None else Path(output)
    return parent / f"{file_stem(path)}.store"


def import_file(
    path: str | Path,
    folder: str | Path | None = None,
    feature_set: str | None = None,
    *,
    ids: Sequence[str] | None = None,
    missing: Missing = "error",
    force: bool = False,
    progress: Report = lambda _: None,
    block_bytes: int = BLOCK_BYTES,
) -> Imported:
    """Make a store of a feature file; an interrupted import goes on where it was.

    Args:
        path: `NAME.arff`, `NAME.csv` (a file or a folder of parts), either of them gzipped.
        folder: the store; None: `store_folder(path)`.
        feature_set: name of the set; None: by the file's name.
        ids: names of the rows where the file has none; None: row numbers from 0.
        missing: whether a missing or non-finite value is an error, or kept (`?` as NaN).
        force: import again even if a store is there, of this or of another file.
        progress: called after every block with bytes of the file, and rows as text.
        block_bytes: text parsed at a time; memory grows with it, to some ten times as much.

    Raises:
        DataError: the file cannot be read; names file and line. The old store stays.
        UsageError: the folder holds something else than a store of this file.
    """
    file = open_feature_file(path, feature_set, ids=ids)
    folder = store_folder(path) if folder is None else Path(folder)
    source = {
        **file.fingerprint(),
        "missing": missing,
        "ids": None if ids is None else zlib.crc32("\0".join(ids).encode()),
    }
    if not force and (table := _current(folder, file, source)):
        if (folder / JOURNAL).is_file():
            remove_leftovers(folder)
        return Imported(folder, table, 0, fresh=False)
    with write_errors(folder, "make room, or name another folder"):
        table, resumed = _write(file, folder, source, missing, block_bytes, progress)
    return Imported(folder, table, resumed, fresh=True)


def _write(
    file: FeatureFile,
    folder: Path,
    source: Mapping[str, Any],
    missing: Missing,
    block_bytes: int,
    progress: Report,
) -> tuple[FeatureTable, int]:
    """(the store, rows that an interrupted import had written); nothing is left on an error."""
    labelled = file.layout.label is not None
    with StoreWriter(
        folder, file.feature_set, file.layout.names, job=source, labelled=labelled
    ) as writer:
        resumed = len(writer.ids)
        try:
            _copy(file, writer, missing, block_bytes, progress)
            return writer.finish({**source, "genrescope": __version__}), resumed
        except (GenrescopeError, OSError):
            writer.discard()
            raise


def _current(folder: Path, file: FeatureFile, source: Mapping[str, Any]) -> FeatureTable | None:
    """The store at `folder` if it is of this very file, None if it must be made again."""
    if not is_store(folder):
        return None
    try:
        table = open_store(folder)
    except DataError:
        return None
    if table.provenance.get("file") != source["file"]:
        raise UsageError(
            f"a store of something else than {file.path.name}",
            place=folder,
            remedy="name another folder, or replace it with --force",
        )
    made = dict(table.provenance)
    if made.get("missing") == "error":  # then no value is missing, whatever is wanted now
        made["missing"] = source["missing"]
    same = all(made.get(key) == value for key, value in source.items())
    return table if same and table.feature_set == file.feature_set else None


def _copy(
    file: FeatureFile,
    writer: StoreWriter,
    missing: Missing,
    block_bytes: int,
    progress: Report,
) -> None:
    """Append the rows of `file` from the writer's last checkpoint on."""
    start = Cursor(**writer.state) if writer.state else None
    chunks = file.chunks(start, missing=missing, size=block_bytes)
    for count, chunk in enumerate(chunks, 1):
        writer.append(chunk.ids, chunk.vectors, chunk.labels)
        if count % _CHECKPOINT_BLOCKS == 0:
            writer.checkpoint(asdict(chunk.after))
        progress(Progress(chunk.after.read, file.bytes, text=f"{len(writer.ids):,} rows"))
