"""What a model predicts of one song."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.calibration.label_shift import correct_prior
from genrescope.inference.labels.choose import shown
from genrescope.inference.labels.fits import find_fit
from genrescope.inference.labels.label import Label
from genrescope.taxonomy.vocabulary import VOCABULARIES

UNKNOWN = "unknown"
LEAST_MUSIC = 0.5
"""Probability of music below which a song has no vote on its album, or on a collection's genres."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """Calibrated genres of one song.

    Attributes:
        genres: names, in the order of `probabilities`.
        probabilities: (genres,) float64, sum 1: of each genre, given that this is music of one of
            these genres.
        threshold: least confidence with which a genre is named; 0 names one always, except of
            silence.
        music: probability that this is music at all; 1 where the model does not predict it.
        embedding: (e,) standardised, for comparing songs; None where the model has none.
        members: (members, genres) log-probabilities by member of the model; None where it has one.
        tags: probability of each tag, 0 to 1, by pretrained network and tag.
        heads: (genres,) probabilities in the model's other vocabularies, by name.
    """

    genres: tuple[str, ...]
    probabilities: NDArray[np.float64]
    threshold: float
    music: float = 1.0
    embedding: NDArray[np.float32] | None = None
    members: NDArray[np.float64] | None = None
    tags: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    heads: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @cached_property
    def best(self) -> str:
        """The likeliest genre, however unlikely."""
        return self.genres[int(self.probabilities.argmax())]

    @cached_property
    def confidence(self) -> float:
        """Probability that this is music and `best` is right, 0 to 1."""
        return float(self.music * self.probabilities.max())

    @property
    def genre(self) -> str:
        """`best`, or "unknown" where there is a `reason` not to name it."""
        return UNKNOWN if self.reason else self.best

    @property
    def reason(self) -> str:
        """Why no genre is named; empty where one is."""
        if self.confidence == 0:
            return "nothing to classify"
        if self.best == UNKNOWN:
            return f"none of the genres: {self.confidence:.2f}"
        if self.confidence >= self.threshold:
            return ""
        if self.music < LEAST_MUSIC:
            return f"hardly music: {self.music:.2f}"
        return f"unsure: {self.confidence:.2f} is below {self.threshold:.2f}"

    @cached_property
    def all_labels(self) -> tuple[Label, ...]:
        """Styles, moods, voices and instruments, in the table's order, however unlikely.

        None of silence, and where the model keeps no tags.
        """
        return self._labels(sure=False)

    @cached_property
    def sure_labels(self) -> tuple[Label, ...]:
        """Those that reach their thresholds, in the table's order; none of what is hardly music."""
        return () if self.music < LEAST_MUSIC else self._labels(sure=True)

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """Those that are named of the song: few of the sure ones, by kind, the likeliest first."""
        return self.named(self.sure_labels)

    def named(self, labels: Iterable[Label]) -> tuple[Label, ...]:
        """Those of `labels`, predicted of the song, that are named of it; see `choose.shown`."""
        if self.music < LEAST_MUSIC:
            return ()
        shares = dict(zip(self.genres, self.probabilities.tolist(), strict=True))
        return shown(labels, self.genre, shares)

    def _labels(self, *, sure: bool) -> tuple[Label, ...]:
        heads = {
            name: dict(zip(VOCABULARIES[name].genres, shares.tolist(), strict=True))
            for name, shares in self.heads.items()
            if name in VOCABULARIES and len(VOCABULARIES[name]) == len(shares)
        }
        values = {**self.tags, **heads}
        fit = find_fit(values) if self.music > 0 else None
        return fit.predict(values, sure=sure) if fit else ()

    def top(self, count: int) -> list[tuple[str, float]]:
        """The `count` likeliest genres with their probabilities, likeliest first."""
        return self._ranked[:count]

    @cached_property
    def _ranked(self) -> list[tuple[str, float]]:
        pairs = zip(self.genres, self.probabilities.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: -pair[1])


def with_prior(prediction: Prediction, old: ArrayLike, new: ArrayLike | None) -> Prediction:
    """A prediction that assumed shares `old` of the genres, had it assumed `new`; None: as it is.

    Raises:
        DataError: shares that do not fit the genres.
    """
    if new is None:
        return prediction
    return replace(prediction, probabilities=correct_prior(prediction.probabilities, old, new))
