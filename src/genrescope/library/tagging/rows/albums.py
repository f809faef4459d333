"""The mean prediction of the files of each album."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genrescope.inference.prediction import LEAST_MUSIC, Prediction
from genrescope.library.index.database import Index
from genrescope.library.index.models import IndexedModel
from genrescope.library.index.results import songs

Album = tuple[str, str]
"""Folder and album tag."""

_TINY = 1e-9  # probabilities below it are rounding


class Vote(NamedTuple):
    """The mean prediction of the files of an album."""

    prediction: Prediction
    source: str


class _VoteSum:
    """The sum of the predictions of the files of an album."""

    def __init__(self, first: Prediction) -> None:
        self.first = first
        self.count = 0
        self.music = 0.0
        self.logs: NDArray[np.float64] = np.zeros(len(first.genres))
        self.tags: dict[str, Counter[str]] = {}

    def add(self, prediction: Prediction) -> None:
        self.count += 1
        self.music += prediction.music
        self.logs += np.log(np.maximum(prediction.probabilities, _TINY))
        for network, tags in prediction.tags.items():
            self.tags.setdefault(network, Counter()).update(tags)

    def result(self) -> Vote:
        shares = np.exp((self.logs - self.logs.max()) / self.count)
        tags = {
            network: {name: total / self.count for name, total in totals.items()}
            for network, totals in self.tags.items()
        }
        prediction = replace(
            self.first,
            probabilities=shares / shares.sum(),
            music=self.music / self.count,
            embedding=None,
            tags=tags,
        )
        files = f"{self.count} files" if self.count > 1 else "1 file"
        return Vote(prediction, f"album of {files}, ")


def album_votes(index: Index, model: IndexedModel) -> Mapping[Album, Vote]:
    """The mean prediction of each album; files that are hardly music have no vote."""
    sums: dict[Album, _VoteSum] = {}
    for album, prediction in _voters(index, model):
        if album not in sums:
            sums[album] = _VoteSum(prediction)
        sums[album].add(prediction)
    return {album: total.result() for album, total in sums.items()}


def _voters(index: Index, model: IndexedModel) -> Iterator[tuple[Album, Prediction]]:
    for song in songs(index, model):
        prediction = song.prediction if song.album else None
        if prediction is not None and prediction.music >= LEAST_MUSIC:
            yield album_of(song.path, song.album), prediction


def album_of(path: str, album: str) -> Album:
    """Folder and album tag of a file; one without that tag is in no album."""
    return path.rpartition("/")[0], album
