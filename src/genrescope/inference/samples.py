"""Samples to genres: mono, one level, the vectors that the model needs, the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.audio.load import is_silent
from genrescope.audio.resample import resample
from genrescope.backbones.family import check_networks
from genrescope.descriptors.blocks import as_channels
from genrescope.engine.worker import numeric_threads
from genrescope.errors import AudioError
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import Prediction, with_prior
from genrescope.sources import Describer, open_describers, tag_probabilities

Samples = NDArray[np.float32]


class Waveform(NamedTuple):
    """Mono samples (n,) float32 and their rate in Hz."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / self.rate


Clip = Mapping[str, Waveform]
"""One stretch of music, by the source that needs it; sources of one rate share the samples."""

LEAST_SECONDS = 1.0
"""What is shorter has no genre."""

_BLOCK = 1 << 16  # samples that are in double precision at a time, so that they stay in the cache


class SamplesClassifier:
    """Predicts the genre of samples.

    However a song is stored, it is described alike: the mean of its channels, brought to the
    model's level at each rate. A clip too short for the model's feature sets is repeated until it
    fills one segment.

    Attributes:
        model: what maps vectors to genres.
        prior: (genres,) shares of the genres in the songs to come, sum 1; None: those that the
            model assumes.
    """

    def __init__(self, model: GenreModel, prior: ArrayLike | None = None) -> None:
        """Take a model, and load the pretrained networks that it needs.

        Raises:
            UsageError: a network that the model needs is not installed.
            DataError: a network is damaged.
        """
        self.model = model
        self.prior = prior
        card = model.card
        check_networks(card.inputs, f"the model {card.name}")
        threads = numeric_threads()  # one where processes work side by side
        self._describers = open_describers(card.inputs, card.settings, threads)

    @property
    def describers(self) -> dict[str, Describer]:
        """What computes each of the model's inputs, by name; sets of descriptors share one."""
        return {name: item for item in self._describers for name in item.names}

    @property
    def single_rate(self) -> int | None:
        """The one rate in Hz that is needed of any song; None where it depends, or several are."""
        first, *others = {item.rate for item in self._describers}
        return None if others else first

    def clip(self, samples: NDArray[Any], rate: int) -> Clip:
        """Samples, mixed and resampled.

        Args:
            samples: (n,) or (channels, n), floating point, full scale 1.
            rate: their Hz.

        Raises:
            UsageError: they are no samples.
            AudioError: there are none.
        """
        channels = as_channels(samples)
        mono = channels[0] if len(channels) == 1 else channels.mean(axis=0)
        mono = mono.astype(np.float32, copy=False)
        rates = {item: item.rate_for(rate) for item in self._describers}
        resampled = {
            wanted: Waveform(_at_rate(mono, rate, wanted), wanted)
            for wanted in dict.fromkeys(rates.values())
        }
        return {name: resampled[rates[item]] for item in self._describers for name in item.names}

    def vectors(self, clip: Clip) -> dict[str, NDArray[np.float32]]:
        """The model's inputs, by name, each (dims,).

        Raises:
            AudioError: a sample is not finite, or all are silent.
        """
        if is_silent(next(iter(clip.values())).samples):
            raise AudioError("silent", remedy="what is silent is of no genre: leave it out")
        levelled: dict[int, Samples] = {}
        vectors: dict[str, NDArray[np.float32]] = {}
        for describer in self._describers:
            samples, rate = clip[describer.names[0]]
            if rate not in levelled:
                levelled[rate] = to_level(samples, self.model.card.level)
            vectors |= describer.describe(levelled[rate], rate)
        return vectors

    def predict_with_notes(self, clip: Clip) -> tuple[Prediction, tuple[str, ...]]:
        """The genres of a clip, and notes on it for people.

        Silence, and what is shorter than a second, is of no genre.

        Raises:
            AudioError: it cannot be described.
        """
        waveform = next(iter(clip.values()))
        seconds, needed = waveform.seconds, self._needed_seconds(clip)
        if is_silent(waveform.samples):
            return self._prior_only(), ("silent",)
        if seconds < LEAST_SECONDS:
            return self._prior_only(), (f"too short: {seconds:.2f} s",)
        short = f"short: {seconds:.2f} s, repeated to fill {needed:.2f} s"
        return self._predict(self.vectors(clip)), (short,) if seconds < needed else ()

    def classify(self, samples: NDArray[Any], rate: int) -> Prediction:
        """The genres of samples; see `clip` and `predict_with_notes`."""
        return self.predict_with_notes(self.clip(samples, rate))[0]

    def _needed_seconds(self, clip: Clip) -> float:
        """Seconds that the model's sources need."""
        return max(item.needed_seconds(clip[item.names[0]].rate) for item in self._describers)

    def _predict(self, vectors: Mapping[str, NDArray[np.float32]]) -> Prediction:
        batch = self.model.predict({name: row[None] for name, row in vectors.items()})
        prediction = batch.prediction(0, tag_probabilities(vectors))
        return with_prior(prediction, self.model.card.prior, self.prior)

    def _prior_only(self) -> Prediction:
        """Where there is nothing to classify all that is known is the prior."""
        card = self.model.card
        shares = np.asarray(card.prior if self.prior is None else self.prior, dtype=np.float64)
        heads = {name: np.asarray(head.prior) for name, head in card.heads.items()}
        return Prediction(card.genres, shares, card.threshold, music=0.0, heads=heads)


def _at_rate(samples: Samples, rate: int, wanted: int) -> Samples:
    """Samples (n,) brought from one rate to another; themselves where it is the same."""
    if rate == wanted:
        return samples
    return np.concatenate(list(resample([samples], rate, wanted)))


def to_level(samples: Samples, level: float | None) -> Samples:
    """Samples (n,), not silent, brought to `level` dB RMS (0 dB: a root mean square of 1)."""
    if level is None:
        return samples
    return samples * np.float32(10 ** (level / 20) / np.sqrt(_power(samples)))


def _power(samples: Samples) -> float:
    """Mean square of samples (n,), n > 0."""
    total = 0.0
    for start in range(0, len(samples), _BLOCK):
        block = samples[start : start + _BLOCK].astype(np.float64)
        total += float(np.dot(block, block))
    return total / len(samples)
