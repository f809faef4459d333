"""Scores of weighted predictions, and the bootstrap that draws songs within their genres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import Strings
from genrescope.errors import DataError

BINS = 15
CLIP = 1e-15
SCORES = ("macro_recall", "accuracy", "macro_f1", "log_loss", "top3", "calibration_error")
"""The order of what `statistics` returns."""

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True)
class WeightedPredictions:
    """What the scores need of each prediction.

    Attributes:
        genres: number of genres.
        truth: (n,) index of the true genre.
        predicted: (n,) index of the likeliest genre.
        confidence: (n,) its probability.
        bin: (n,) reliability bin of the confidence, 0 to BINS - 1.
        loss: (n,) negative logarithm of the true genre's probability.
        cell: (n,) truth, prediction, bin and whether the truth is in the top three, as one number.
    """

    genres: int
    truth: _Ints
    predicted: _Ints
    confidence: _Floats
    bin: _Ints
    loss: _Floats
    cell: _Ints

    @classmethod
    def of(cls, truth: _Ints, probabilities: _Floats) -> WeightedPredictions:
        """Scores of (n, genres) probabilities by the (n,) true genres."""
        genres = probabilities.shape[1]
        predicted = probabilities.argmax(axis=1)
        confidence = probabilities.max(axis=1)
        own = np.take_along_axis(probabilities, truth[:, None], axis=1)
        # Of equals the first is the likelier, as in argmax.
        before = (probabilities == own) & (np.arange(genres) < truth[:, None])
        hit = ((probabilities > own) | before).sum(axis=1) < 3
        bins = reliability_bins(confidence)
        cell = ((truth * genres + predicted) * BINS + bins) * 2 + hit
        loss = -np.log(np.maximum(own[:, 0], CLIP))
        return cls(genres, truth, predicted, confidence, bins, loss, cell)

    def take(self, order: _Ints) -> WeightedPredictions:
        """The predictions in another order."""
        return WeightedPredictions(
            self.genres,
            self.truth[order],
            self.predicted[order],
            self.confidence[order],
            self.bin[order],
            self.loss[order],
            self.cell[order],
        )


def reliability_bins(confidence: _Floats) -> _Ints:
    """(n,) the bin of each confidence, of `BINS` of equal width: 0 to BINS - 1."""
    return np.asarray(np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1))


def calibration_error(confidence: _Floats, right: NDArray[np.bool_]) -> float:
    """Expected calibration error, 0 to 1: the mean gap of the bins, weighed by their songs."""
    gaps = np.bincount(reliability_bins(confidence), confidence - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(right))


def statistics(weighted: WeightedPredictions, weights: _Floats) -> _Floats:
    """(6,) the scores named in `SCORES`, each prediction counted `weights` times."""
    shape = (weighted.genres, weighted.genres, BINS, 2)
    cells = np.bincount(weighted.cell, weights, minlength=int(np.prod(shape))).reshape(shape)
    confusion = cells.sum(axis=(2, 3))
    right, support, predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    occurs, total = support > 0, support.sum()
    right_in_bin = np.einsum("iibh->b", cells)
    sure_in_bin = np.bincount(weighted.bin, weights * weighted.confidence, minlength=BINS)
    return np.array(
        [
            (right[occurs] / support[occurs]).mean(),
            right.sum() / total,
            (2 * right[occurs] / (support + predicted)[occurs]).mean(),
            (weights * weighted.loss).sum() / total,
            cells[..., 1].sum() / total,
            np.abs(right_in_bin - sure_in_bin).sum() / total,
        ]
    )


@dataclass(frozen=True)
class SongDraws:
    """Draws songs with replacement within each genre, every song with all its predictions.

    Attributes:
        order: (n,) positions of the predictions, those of one song together, genre by genre.
        repeats: (songs,) predictions of each song, in that order.
        sizes: songs of each genre that occurs, in that order.
    """

    order: _Ints
    repeats: _Ints
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, truth: _Ints, songs: Strings | None) -> SongDraws:
        """For predictions of `songs`, (n,), with (n,) true genres; None: all songs differ.

        Raises:
            DataError: another number of songs, or a song with two true genres.
        """
        song = _song_numbers(truth, songs)
        order = np.argsort(song, kind="stable")
        first = np.flatnonzero(np.diff(song[order], prepend=-1))
        sizes = np.bincount(truth[order][first])
        repeats = np.diff(first, append=len(song))
        return cls(order, repeats, tuple(n for n in sizes.tolist() if n))

    def draw(self, rng: np.random.Generator) -> _Floats:
        """(n,) how often each prediction is drawn, predictions in the order of `order`."""
        times = [np.bincount(rng.integers(n, size=n), minlength=n) for n in self.sizes]
        return np.repeat(np.concatenate(times).astype(np.float64), self.repeats)


def drawn_units(groups: Strings, names: Strings) -> Strings:
    """(n,) what is drawn together: the group of each song; one without ("") by its own name."""
    return np.where(groups == "", np.char.add("\n", names), groups)


def drawn_within_genres(truth: _Ints, units: Sequence[str] | Strings) -> Strings:
    """(n,) names of the units, one for each genre that a unit has songs of; see `SongDraws`."""
    return np.array([f"{genre} {unit}" for genre, unit in zip(truth, units, strict=True)])


def _song_numbers(truth: _Ints, songs: Strings | None) -> _Ints:
    """(n,) number of each row's song; the songs of one genre have consecutive numbers."""
    if songs is None:
        number = np.empty(len(truth), dtype=np.int64)
        number[np.argsort(truth, kind="stable")] = np.arange(len(truth))
        return number
    if len(songs) != len(truth):
        raise DataError(f"{len(truth)} predictions for {len(songs)} songs")
    names, song = np.unique(songs, return_inverse=True)
    pairs, numbers = np.unique(truth * len(names) + song, return_inverse=True)
    if len(pairs) > len(names):
        raise DataError(f"{len(pairs) - len(names)} songs have two true genres")
    return np.asarray(numbers, dtype=np.int64)
