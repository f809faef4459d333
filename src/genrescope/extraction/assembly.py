"""From the entries of a run to its output: one table a feature set, and two lists of remarks."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np

from genrescope.data.store.reader import open_store
from genrescope.data.store.writer import StoreWriter
from genrescope.errors import UsageError
from genrescope.extraction.journal import Entry
from genrescope.extraction.summary import SUMMARY, Run, Summary
from genrescope.extraction.writers import FORMATS, write_table
from genrescope.files.atomic import write_errors, write_json
from genrescope.sources import find_source

STORE = "store"
FAILURES, NOTES = "failures.csv", "notes.csv"
_WORK = ".assembly"
_BLOCK = 1024  # entries in memory at a time: 17 MB of all thirteen sets


def check_format(format_: str) -> None:
    """Refuse a format that nobody writes.

    Raises:
        UsageError: it is not one of them.
    """
    known = (STORE, *FORMATS)
    if format_ not in known:
        raise UsageError(f"no format '{format_}'", remedy=f"choose from {', '.join(known)}")


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Report a full disk or a forbidden folder as what it is.

    Raises:
        DataError: something below `folder` cannot be written.
    """
    remedy = "make room or give permission; the same command goes on from here"
    with write_errors(folder, remedy, inner=True):
        yield


def finish(entries: Iterable[Entry], folder: Path, run: Run, format_: str, listing: str) -> Summary:
    """Write the tables, `failures.csv`, `notes.csv` and, last, `extraction.json`.

    Each appears complete or not at all, and the same entries give the same bytes.

    Args:
        entries: in the order of the rows.
        folder: where to; what an earlier attempt left there is replaced.
        run: what is wanted.
        format_: "store" or a key of `FORMATS`.
        listing: `listing_digest` of the entries' names.
    """
    work = folder / _WORK
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    with _Remarks(work) as remarks:
        rows = _write_stores(remarks.passing(entries), work, run.sets, run.provenance)
    for name, count in rows.items():
        if count:
            _put_in_place(work / name, folder, format_)
    for name in (FAILURES, NOTES):
        (work / name).replace(folder / name)
    shutil.rmtree(work)
    summary = Summary(
        **asdict(run),
        format=format_,
        listing=listing,
        songs=remarks.songs,
        failed=remarks.failed,
        rows=rows,
    )
    write_json(folder / SUMMARY, asdict(summary))
    return summary


class _Remarks:
    """The lists of failures and of notes, written as entries pass, and what was counted."""

    def __init__(self, folder: Path) -> None:
        self.songs = 0
        self.failed = 0
        self._files = [
            (folder / name).open("w", encoding="utf-8", newline="") for name in (FAILURES, NOTES)
        ]
        self._failures, self._notes = (
            csv.writer(file, lineterminator="\n") for file in self._files
        )
        self._failures.writerow(["file", "reason", "remedy"])
        self._notes.writerow(["file", "note"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            file.close()

    def passing(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The entries that have vectors."""
        for entry in entries:
            self.songs += 1
            if entry.failure is None:
                self._notes.writerows([entry.id, note] for note in entry.notes)
                yield entry
            else:
                self.failed += 1
                failure = entry.failure
                self._failures.writerow([entry.id, failure.reason, failure.remedy or ""])


def _write_stores(
    entries: Iterator[Entry], folder: Path, sets: Sequence[str], provenance: Mapping[str, Any]
) -> dict[str, int]:
    rows = dict.fromkeys(sets, 0)
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(
                StoreWriter(folder / name, name, find_source(name).columns, job={})
            )
            for name in sets
        }
        while block := list(islice(entries, _BLOCK)):
            for name, writer in writers.items():
                if having := [entry for entry in block if name in entry.vectors]:
                    vectors = np.stack([entry.vectors[name] for entry in having])
                    rows[name] += writer.append([entry.id for entry in having], vectors)
        for name, writer in writers.items():
            if rows[name]:
                writer.finish(provenance)
    return rows


def _put_in_place(store: Path, folder: Path, format_: str) -> None:
    """Move a finished store to the output, or write it there in another format."""
    if format_ != STORE:
        write_table(open_store(store), folder / f"{store.name}.{format_}", format_)
        return
    shutil.rmtree(folder / store.name, ignore_errors=True)
    store.replace(folder / store.name)
