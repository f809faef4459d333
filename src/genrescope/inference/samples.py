"""Samples to genres: mono, one level, the vectors that the model needs, the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.audio.load import is_silent
from genrescope.audio.resample import resample
from genrescope.backbones.melpatches import RATE as BACKBONE_RATE
from genrescope.backbones.musicnn import EMBEDDING, TAGS, Musicnn
from genrescope.descriptors import describe
from genrescope.descriptors.blocks import as_channels
from genrescope.descriptors.tuwien import segment_samples
from genrescope.engine.worker import numeric_threads
from genrescope.inference.card import MUSICNN, ModelCard
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import Prediction, with_prior
from genrescope.inference.registry import check_backbone, musicnn_folder

Samples = NDArray[np.float32]
Clip = Mapping[int, Samples]
"""One stretch of music, mono, (n,) float32 at each rate that the model needs."""

LEAST_SECONDS = 1.0
"""Of what is shorter nobody could tell the genre."""


class SamplesClassifier:
    """Tells the genre of samples.

    However a song is stored, it is described alike: the mean of its channels, brought to the
    model's level at each rate. A clip too short for the model's feature sets is repeated until it
    fills one segment.

    Attributes:
        model: what maps vectors to genres.
        prior: (genres,) shares of the genres in the songs to come, sum 1; None: those that the
            model assumes.
    """

    def __init__(self, model: GenreModel, prior: ArrayLike | None = None) -> None:
        """Take a model, and load the backbone where the model needs it.

        Raises:
            UsageError: the model needs the backbone, and it is not installed.
            DataError: the backbone is damaged.
        """
        self.model = model
        self.prior = prior
        check_backbone(model.card)
        self._backbone = _load_backbone() if model.card.hears_backbone else None

    @property
    def single_rate(self) -> int | None:
        """The one rate in Hz that is needed of any song; None where it depends, or two are."""
        card = self.model.card
        return card.settings.rate if card.sets and not card.hears_backbone else None

    def rates(self, original: int) -> tuple[int, ...]:
        """The rates in Hz at which samples of the rate `original` are needed."""
        card = self.model.card
        described = (card.settings.rate_for(original),) if card.sets else ()
        return described + ((BACKBONE_RATE,) if card.hears_backbone else ())

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
        return {
            wanted: np.concatenate(list(resample([mono], rate, wanted)))
            for wanted in self.rates(rate)
        }

    def vectors(self, clip: Clip) -> dict[str, NDArray[np.float32]]:
        """The model's inputs, by name, each (dims,).

        Raises:
            AudioError: a sample is not finite.
        """
        card = self.model.card
        vectors: dict[str, NDArray[np.float32]] = {}
        for rate, samples in clip.items():
            levelled = to_level(samples, card.level)
            if self._backbone is not None and rate == BACKBONE_RATE:
                vectors[MUSICNN] = self._backbone.describe(levelled)
            else:
                vectors |= _describe(levelled, rate, card)
        return vectors

    def judge(self, clip: Clip) -> tuple[Prediction, tuple[str, ...]]:
        """The genres of a clip, and what a person should know of the answer.

        Silence, and what is shorter than a second, is of no genre.

        Raises:
            AudioError: it cannot be described.
        """
        rate, samples = next(iter(clip.items()))
        seconds, needed = len(samples) / rate, self._needed_seconds(clip)
        if is_silent(samples):
            return self._no_answer(), ("silent",)
        if seconds < LEAST_SECONDS:
            return self._no_answer(), (f"too short: {seconds:.2f} s",)
        short = f"short: {seconds:.2f} s, repeated to fill {needed:.2f} s"
        return self._answer(self.vectors(clip)), (short,) if seconds < needed else ()

    def classify(self, samples: NDArray[Any], rate: int) -> Prediction:
        """The genres of samples; see `clip` and `judge`."""
        return self.judge(self.clip(samples, rate))[0]

    def _needed_seconds(self, clip: Clip) -> float:
        """Seconds that the model's feature sets need."""
        return max(
            (segment_samples(rate) / rate for rate in clip if rate != BACKBONE_RATE), default=0
        )

    def _answer(self, vectors: Mapping[str, NDArray[np.float32]]) -> Prediction:
        answers = self.model.predict({name: row[None] for name, row in vectors.items()})
        heard = vectors[MUSICNN][EMBEDDING:].tolist() if MUSICNN in vectors else []
        prediction = answers.prediction(0, dict(zip(TAGS, heard, strict=False)))
        return with_prior(prediction, self.model.card.prior, self.prior)

    def _no_answer(self) -> Prediction:
        """Where nothing can be heard all that is known is the prior."""
        card = self.model.card
        shares = np.asarray(card.prior if self.prior is None else self.prior, dtype=np.float64)
        return Prediction(card.genres, shares, card.threshold, music=0.0)


def _load_backbone() -> Musicnn:
    """Musicnn, on one core where processes work side by side."""
    return Musicnn.load(musicnn_folder(), threads=numeric_threads())


def to_level(samples: Samples, level: float | None) -> Samples:
    """Samples (n,), not silent, brought to `level` dB RMS (0 dB: a root mean square of 1)."""
    if level is None:
        return samples
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return samples * np.float32(10 ** (level / 20) / np.sqrt(power))


def _describe(samples: Samples, rate: int, card: ModelCard) -> dict[str, NDArray[np.float32]]:
    """The model's feature sets of a clip; one that is too short is repeated."""
    copies = -(-segment_samples(rate) // len(samples))
    clip = np.tile(samples, copies)[: max(len(samples), segment_samples(rate))]
    found = describe(clip, rate, card.sets, card.settings, channels=1)
    return {name: finite(vector) for name, vector in found.items()}


def finite(vector: NDArray[Any]) -> Samples:
    """The values as finite float32: 0 for what is no number, the largest there is for more.

    A moment of a band in which there is next to nothing may be no number. One such value must not
    cost a song its answer: models bound each value anyway.
    """
    largest = float(np.finfo(np.float32).max)
    numbers = np.nan_to_num(vector, nan=0.0, posinf=largest, neginf=-largest)
    return np.asarray(numbers.clip(-largest, largest), dtype=np.float32)
