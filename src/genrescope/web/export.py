"""The songs of a session as a table, under the threshold and prior of the page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from genrescope.errors import UsageError
from genrescope.inference.card import ModelCard
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.options import PredictionOptions
from genrescope.inference.rows import csv_columns, csv_row
from genrescope.web.session import SessionSong, outcome_as_json

_TOP = 3


@dataclass(frozen=True)
class ExportOptions:
    """Under which threshold and prior songs are exported.

    Attributes:
        threshold: confidence below which the genre is unknown; None: the model's.
        prior: shares of the model's genres, in their order, separated by commas; None: the model's.
    """

    threshold: float | None = None
    prior: str | None = None

    def outcome(self, song: SessionSong) -> dict[str, Any]:
        """What became of a song."""
        found = song.outcome
        if isinstance(found, ClassifiedSong):
            card = _card(song.model)
            shares = shares_of(self.prior, len(card.genres))
            options = PredictionOptions(card, shares, self.threshold)
            found = replace(found, prediction=options.apply(found.prediction))
        return outcome_as_json(found, _TOP)


def shares_of(text: str | None, count: int) -> Any:
    """Shares that are written in a request, (count,) with sum 1; None where there are none.

    Raises:
        UsageError: they are no shares of so many genres.
    """
    if text is None:
        return None
    try:
        shares = np.array([float(part) for part in text.split(",")])
    except ValueError:
        shares = np.empty(0)
    good = len(shares) == count and np.isfinite(shares).all() and shares.min() >= 0
    if not good or not 0 < shares.sum() < np.inf:
        raise UsageError(f"'prior' is not {count} shares", remedy="as in 0.5,0.3,0.2")
    return shares / shares.sum()


def as_json(songs: Iterable[SessionSong], options: ExportOptions) -> str:
    """A list of what became of the songs that were classified or failed."""
    return json.dumps(list(_rows(songs, options)), ensure_ascii=False, indent=1)


def as_csv(songs: Iterable[SessionSong], options: ExportOptions) -> str:
    """A line for each song that was classified or failed, with a header."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, csv_columns(_TOP), extrasaction="ignore")
    writer.writeheader()
    for row in _rows(songs, options):
        writer.writerow(csv_row(row))
    return text.getvalue()


def _rows(songs: Iterable[SessionSong], options: ExportOptions) -> Iterator[dict[str, Any]]:
    for song in songs:
        if song.outcome is not None:
            yield {**options.outcome(song), "path": song.file.name, "model": song.model.name}


@lru_cache(maxsize=8)
def _card(folder: Path) -> ModelCard:
    return ModelCard.read(folder)
