"""Writing a store row by row: interrupted at any moment, it goes on where it was."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np

from genrescope.data.store.folder import NAMES, clean, enter, free_ending
from genrescope.data.store.reader import (
    JOURNAL,
    Manifest,
    StoredArray,
    checksum,
    open_store,
    write_manifest,
)
from genrescope.data.table import FeatureTable, Matrix
from genrescope.errors import DataError
from genrescope.files.atomic import write_json


class StoreWriter:
    """Appends rows to a store that takes its place, in one step, when it is finished.

    What has been appended is durable once `checkpoint` returns. A writer of the same job, made
    after a kill, goes on from the last checkpoint:

        with StoreWriter(folder, "rh", columns, job={"songs": "music"}) as writer:
            for song in songs:
                if song not in writer.ids:
                    writer.append([song], describe(song)[None])
                    writer.checkpoint()
            table = writer.finish({"songs": "music"})

    Attributes:
        folder: the store's folder.
        ids: ids written so far, in order (a dict for its order and its speed).
        duplicates: rows left out because their id had come before.
        state: what the last checkpoint was given; {} at the beginning.
    """

    def __init__(
        self,
        folder: str | Path,
        feature_set: str,
        columns: Sequence[str],
        *,
        job: Mapping[str, Any],
        labelled: bool = False,
    ) -> None:
        """Open the store at `folder` for writing.

        Args:
            folder: where the store shall be, made if needed. An old store there stays in force
                until `finish`.
            feature_set: name of the set.
            columns: name of each value of a vector.
            job: what is being written, JSON values; rows that an interrupted writer left are
                used only if its job was the same.
            labelled: whether every row comes with a label ("" where unknown).

        Raises:
            UsageError: the folder holds something else, or another writer is at work in it.
        """
        self.folder = Path(folder)
        self.ids: dict[str, None] = {}
        self.duplicates = 0
        self.state: dict[str, Any] = {}
        self._feature_set = feature_set
        self._columns = tuple(columns)
        self._labels: list[str] | None = [] if labelled else None
        self._crc = 0
        names = zlib.crc32("\0".join(columns).encode())
        self._job = {"set": feature_set, "columns": names, "labelled": labelled, **job}
        self._lock = enter(self.folder)
        resumed = False
        try:
            self._ending = free_ending(self.folder)
            if not (resumed := self._resume()):
                self._start()
            self._matrix: IO[bytes] = self._path("matrix").open("ab")
            self._names: IO[bytes] = (self.folder / NAMES).open("ab")
            self.checkpoint(self.state)
        except BaseException:
            if not resumed:
                self._drop()
            self._lock.release()
            raise

    def append(
        self, ids: Sequence[str], vectors: Matrix, labels: Sequence[str] | None = None
    ) -> int:
        """Write rows, without those whose id has come before; the number of rows written.

        Args:
            ids: name of each row.
            vectors: (rows, dims).
            labels: label of each row, for a labelled store.

        Raises:
            DataError: the sizes do not fit.
        """
        if vectors.shape != (len(ids), len(self._columns)) or (
            self._labels is not None and (labels is None or len(labels) != len(ids))
        ):
            raise DataError(
                f"{len(ids)} ids and vectors of shape {vectors.shape} for rows of "
                f"{len(self._columns)} values{' with labels' if self._labels is not None else ''}",
                place=self.folder,
            )
        kept = self._take_new(ids)
        values = np.ascontiguousarray(vectors if len(kept) == len(ids) else vectors[kept], "<f4")
        self._crc = zlib.crc32(values.data, self._crc)
        self._matrix.write(values.data)
        texts = [ids[row] for row in kept]
        if self._labels is not None and labels is not None:
            chosen = [labels[row] for row in kept]
            self._labels += chosen
            texts = [text for pair in zip(texts, chosen, strict=True) for text in pair]
        self._names.write("".join(f"{text}\0" for text in texts).encode())
        return len(kept)

    def _take_new(self, ids: Sequence[str]) -> list[int]:
        """Positions of the ids that have not come before, which now have."""
        kept = []
        for row, name in enumerate(ids):
            if name not in self.ids:
                self.ids[name] = None
                kept.append(row)
        self.duplicates += len(ids) - len(kept)
        return kept

    def checkpoint(self, state: Mapping[str, Any] | None = None) -> None:
        """Make durable what has been appended, together with `state` (JSON values)."""
        self.state = dict(state or {})
        for file in (self._matrix, self._names):
            file.flush()
            os.fsync(file.fileno())
        journal = {
            "job": self._job,
            "ending": self._ending,
            "matrix_bytes": self._matrix.tell(),
            "names_bytes": self._names.tell(),
            "crc32": self._crc,
            "duplicates": self.duplicates,
            "state": self.state,
        }
        write_json(self.folder / JOURNAL, journal)

    def finish(self, provenance: Mapping[str, Any]) -> FeatureTable:
        """Put the store in its place and open it.

        Args:
            provenance: where the values come from, JSON values.

        Raises:
            DataError: no row has been written.
        """
        if not self.ids:
            raise DataError("a store of no rows", place=self.folder)
        self.close()
        arrays = {"matrix": self._finish_matrix(), "ids": self._save("ids", list(self.ids))}
        if self._labels is not None:
            arrays["labels"] = self._save("labels", self._labels)
        manifest = Manifest(
            self._feature_set,
            len(self.ids),
            self._columns,
            arrays,
            self.duplicates,
            dict(provenance),
        )
        write_manifest(self.folder, manifest)
        clean(self.folder)
        return open_store(self.folder)

    def discard(self) -> None:
        """Give up: drop the rows written so far; an old store stays."""
        with suppress(OSError):  # on a full disk what is left to be written fails once more
            self.close()
        self._drop()

    def close(self) -> None:
        """Close the files; the rows of the last checkpoint stay for the next writer."""
        with ExitStack() as ending:
            ending.callback(self._lock.release)
            ending.callback(self._names.close)
            ending.callback(self._matrix.close)

    def __enter__(self) -> StoreWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _drop(self) -> None:
        """Remove what is not in force, and the folder where nothing is."""
        clean(self.folder)
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _path(self, array: str) -> Path:
        return self.folder / f"{array}{self._ending}"

    def _start(self) -> None:
        """Begin with no rows."""
        with self._path("matrix").open("wb") as file:
            self._write_header(file, rows=0)
        (self.folder / NAMES).write_bytes(b"")

    def _resume(self) -> bool:
        """Take over what an interrupted writer of the same job left, back to its checkpoint."""
        try:
            journal = json.loads((self.folder / JOURNAL).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        if journal["job"] != self._job or journal["ending"] != self._ending:
            return False
        sizes = {self._path("matrix"): "matrix_bytes", self.folder / NAMES: "names_bytes"}
        for path, key in sizes.items():
            if not path.is_file() or path.stat().st_size < journal[key]:
                return False
            os.truncate(path, journal[key])
        texts = (self.folder / NAMES).read_bytes().decode().split("\0")[:-1]
        if self._labels is not None:
            self._labels = texts[1::2]
            texts = texts[::2]
        self.ids = dict.fromkeys(texts)
        self._crc, self.duplicates = journal["crc32"], journal["duplicates"]
        self.state = journal["state"]
        return True

    def _write_header(self, file: IO[bytes], rows: int) -> None:
        """The `.npy` header; numpy pads it, so that it has one size for any number of rows."""
        shape = (rows, len(self._columns))
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)

    def _finish_matrix(self) -> StoredArray:
        path = self._path("matrix")
        with path.open("r+b") as file:
            self._write_header(file, rows=len(self.ids))
            os.fsync(file.fileno())
        return StoredArray(path.name, path.stat().st_size, self._crc)

    def _save(self, name: str, texts: list[str]) -> StoredArray:
        path = self._path(name)
        with path.open("wb") as file:
            np.save(file, np.array(texts, dtype=np.str_))
            file.flush()
            os.fsync(file.fileno())
        return StoredArray(path.name, path.stat().st_size, checksum(path))
