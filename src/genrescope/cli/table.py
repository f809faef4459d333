"""A table of songs and their genres, line by line as they come."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from genrescope.audio.excerpt import clock
from genrescope.inference.classified import ClassifiedSong, WindowPrediction
from genrescope.inference.prediction import UNKNOWN, Prediction
from genrescope.inference.storage.results import FailedSong, Row

if TYPE_CHECKING:
    from rich.console import Console

_BAR = 10  # cells
_CONFIDENCE = _BAR + len(" 100 %")
_TIME = len("123.45 s")
_GAP = "  "
_LEAST_NAME = 16  # cells that names have, however narrow the terminal is


class Table:
    """Lines of a table: as wide as the terminal, in a pipe as wide as the rows are."""

    def __init__(
        self,
        console: Console,
        ends: tuple[str, str],
        width: int,
        genres: Sequence[str],
        top: int,
        labels: tuple[str, ...] = (),
    ) -> None:
        """Write the headings.

        Args:
            console: where to.
            ends: headings of the first and the last column.
            width: cells of the longest name.
            genres: all that may be named.
            top: how many are named of a song.
            labels: kinds of labels that are named below it.
        """
        self._console = console
        self._labels = labels
        self._top = top
        self._ascii = console.options.ascii_only
        self._counts: Counter[str] = Counter()
        self._genre = max(map(cell_len, (*genres, UNKNOWN)))
        self._others = (top - 1) * (self._genre + len(" 00 %, "))
        self._name = max(cell_len(ends[0]), width)
        if console.is_terminal:
            self._fit(console.width)
        also = "also" if top > 1 else ""
        heading = self._joined(ends[0], "genre", "confidence", also, ends[1])
        self._print(Text(heading, "bold"))

    def _fit(self, width: int) -> None:
        """Give the names what the terminal leaves; drop the other genres if that is too little."""
        fixed = self._genre + _CONFIDENCE + _TIME + 3 * len(_GAP)
        others = self._others + len(_GAP)
        if width - fixed - others < min(self._name, _LEAST_NAME):
            others = self._others = 0
        self._name = min(self._name, max(_LEAST_NAME, width - fixed - others))

    def _joined(self, name: str, genre: str, confidence: str, others: str, took: str) -> str:
        widths = (self._name, self._genre, _CONFIDENCE, self._others)
        cells = zip((name, genre, confidence, others), widths, strict=True)
        padded = [set_cell_size(cell, width) for cell, width in cells if width]
        return _GAP.join([*padded, took.rjust(_TIME)]).rstrip()

    def success(
        self, name: str, prediction: Prediction, notes: Sequence[str], took: str = ""
    ) -> None:
        """A line on a prediction, its notes below it."""
        known = prediction.genre != UNKNOWN
        self._counts[prediction.genre] += 1
        bar = share_bar(prediction.confidence, self._ascii)
        sure = min(100 * prediction.confidence, 99.0)  # nothing is certain
        confidence = f"{bar} {sure:3.0f} %" if prediction.confidence else ""
        name = _end(name, self._name, self._ascii)
        line = Text(self._joined(name, prediction.genre, confidence, self._also(prediction), took))
        genre_at = len(set_cell_size(name, self._name)) + len(_GAP)
        line.stylize("bold" if known else "dim", genre_at, genre_at + len(prediction.genre))
        line.highlight_words([bar], "green" if known else "yellow")
        self._print(line)
        for text in self._label_lines(prediction):
            self._print(Text(text, "cyan" if known else "dim"))
        # That a song is brought to the model's rate is no remark: almost all are.
        if remarks := [note for note in notes if not note.startswith("resampled")]:
            self._print(Text(f"{_GAP}{'; '.join(remarks)}", "yellow"))

    def failure(self, name: str, row: FailedSong) -> None:
        """A line on a file that failed."""
        self._counts["failed"] += 1
        name = set_cell_size(_end(name, self._name, self._ascii), self._name)
        remedy = f" ({row.remedy})" if row.remedy else ""
        self._print(Text(f"{name}{_GAP}failed: {row.reason}{remedy}", "red"))

    def close(self) -> None:
        """How many songs are of which genre, where there are several."""
        if (count := self._counts.total()) > 1:
            counts = ", ".join(f"{genre} {number}" for genre, number in self._counts.most_common())
            self._print(Text(f"\n{count} songs: {counts}", "dim"))

    def _also(self, prediction: Prediction) -> str:
        """The genres after the one that is named, or the likeliest ones where none is.

        Their probabilities are, as the confidence, those of music and genre together.
        """
        if prediction.music == 0:
            return ""
        first = int(prediction.genre != UNKNOWN)
        others = prediction.top(first + self._top - 1)[first:]
        percents = {genre: 100 * prediction.music * share for genre, share in others}
        return ", ".join(f"{genre} {percent:.0f} %" for genre, percent in percents.items())

    def _label_lines(self, prediction: Prediction) -> list[str]:
        """Names of the wanted labels, by kind, in lines as wide as the terminal."""
        if not self._labels:
            return []
        named = [label for label in prediction.labels if label.kind in self._labels]
        by_kind = [
            ", ".join(label.name for label in named if label.kind == kind) for kind in self._labels
        ]
        text = "; ".join(filter(None, by_kind))
        width = max(self._console.width if self._console.is_terminal else len(text) + 3, 20)
        return textwrap.wrap(text, width - 1, initial_indent=_GAP, subsequent_indent=_GAP)

    def _print(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)
        self._console.file.flush()


class Songs:
    """Songs as lines of a table."""

    def __init__(self, table: Table, names: Mapping[Path, str]) -> None:
        self._table = table
        self._names = names

    def write(self, row: Row | WindowPrediction) -> None:
        """Write a row."""
        if isinstance(row, FailedSong):
            self._table.failure(self._names.get(row.path, str(row.path)), row)
        elif isinstance(row, ClassifiedSong):
            name, took = self._names[row.path], f"{row.elapsed_s:.2f} s"
            self._table.success(name, row.prediction, row.notes, took)


class Windows:
    """Windows of a song as lines of a table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def write(self, row: Row | WindowPrediction) -> None:
        """Write a row."""
        if isinstance(row, WindowPrediction):
            name = f"{clock(row.start):0>5} - {clock(row.start + row.analysed_s):0>5}"
            self._table.success(name, row.prediction, row.notes)


def widest(names: Iterable[str]) -> int:
    """Cells of the longest name; 0 where there is none."""
    return max(map(cell_len, names), default=0)


def share_bar(share: float, ascii_only: bool) -> str:
    """Ten cells, of which the share, 0 to 1, is full."""
    filled = round(_BAR * share)
    full, empty = "#." if ascii_only else "█░"
    return full * filled + empty * (_BAR - filled)


def _end(name: str, width: int, ascii_only: bool) -> str:
    """The name, or as much of its end as fits."""
    if cell_len(name) <= width:
        return name
    dots = "..." if ascii_only else "…"
    while cell_len(dots + name) > width:
        name = name[1:]
    return dots + name
