"""Rows of songs and their genres, written as they come: a table, JSON lines, CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from genrescope.cli.output import console, write_line
from genrescope.inference.classified import WindowPrediction
from genrescope.inference.rows import csv_columns, csv_row
from genrescope.inference.storage.results import FailedSong, Row

if TYPE_CHECKING:
    from rich.console import Console


Item = TypeVar("Item")


def begun(rows: Iterable[Item]) -> Iterator[Item]:
    """The rows, the first of which is there: what prevents them all is raised before a heading."""
    rest = iter(rows)
    return chain(list(islice(rest, 1)), rest)


class Writer(Protocol):
    """Where rows go, each at once."""

    def write(self, row: Row | WindowPrediction) -> None:
        """Write a row."""


class Form:
    """The form that the user chose.

    Args:
        kind: "table", "json" or "csv".
        top: how many genres are listed of a song.
        labels: kinds of labels that a table names below a song.
    """

    def __init__(self, kind: str, top: int, labels: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self.top = top
        self.labels = labels

    @cached_property
    def console(self) -> Console:
        """Where a table goes."""
        return console()

    @contextmanager
    def songs(self, names: Mapping[Path, str], genres: Sequence[str]) -> Iterator[Writer]:
        """A writer of songs, called by `names` in a table, whose genres are among `genres`."""
        if self.kind != "table":
            yield self._plain(("path", "analysed_s", "duration", "elapsed_s"))
            return
        from genrescope.cli.table import Songs, Table, widest

        width = widest(names.values())
        table = Table(self.console, ("song", "took"), width, genres, self.top, self.labels)
        yield Songs(table, names)
        table.close()

    @contextmanager
    def windows(self, genres: Sequence[str]) -> Iterator[Writer]:
        """A writer of the windows of a song."""
        if self.kind != "table":
            yield self._plain(("start", "analysed_s"))
            return
        from genrescope.cli.table import Table, Windows

        width = len("000:00 - 000:00")
        yield Windows(Table(self.console, ("time", ""), width, genres, self.top, self.labels))

    def remark(self, text: str | None) -> None:
        """Print something after the rows: below a table, or beside JSON and CSV."""
        if text:
            write_line(text, err=self.kind != "table")

    def _plain(self, columns: Sequence[str]) -> Writer:
        return _Json(self.top) if self.kind == "json" else _Csv(self.top, columns)


class _Json:
    """One JSON object a line."""

    def __init__(self, top: int) -> None:
        self._top = top

    def write(self, row: Row | WindowPrediction) -> None:
        write_line(json.dumps(_content(row, self._top)))


class _Csv:
    """CSV in UTF-8; bytes of a name that are not UTF-8 are written as they are."""

    def __init__(self, top: int, columns: Sequence[str]) -> None:
        if (reconfigure := getattr(sys.stdout, "reconfigure", None)) is not None:
            reconfigure(encoding="utf-8", errors="surrogateescape")
        self._top = top
        names = csv_columns(top, columns[:1], columns[1:])
        self._rows = csv.DictWriter(sys.stdout, names, extrasaction="ignore", lineterminator="\n")
        self._rows.writeheader()

    def write(self, row: Row | WindowPrediction) -> None:
        self._rows.writerow(csv_row(_content(row, self._top)))
        sys.stdout.flush()


def _content(row: Row | WindowPrediction, top: int) -> dict[str, Any]:
    return row.as_json() if isinstance(row, FailedSong) else row.as_json(top)
