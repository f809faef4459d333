"""What a model says of one song."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.calibration.label_shift import correct_prior

UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Prediction:
    """Calibrated genres of one song.

    Attributes:
        genres: names, in the order of `probabilities`.
        probabilities: (genres,) float64, sum 1: of each genre, given that this is music of one of
            these genres.
        threshold: least confidence with which a genre is named.
        music: probability that this is music at all; 1 where the model cannot tell.
        embedding: (e,) standardised, for comparing songs; None where the model has none.
        members: (inputs, genres) log-probabilities by input of the model; None where it has one.
        tags: what the backbone hears, by tag, 0 to 1; empty without a backbone.
    """

    genres: tuple[str, ...]
    probabilities: NDArray[np.float64]
    threshold: float
    music: float = 1.0
    embedding: NDArray[np.float32] | None = None
    members: NDArray[np.float64] | None = None
    tags: dict[str, float] = field(default_factory=dict)

    @property
    def best(self) -> str:
        """The likeliest genre, however unlikely."""
        return self.genres[int(np.argmax(self.probabilities))]

    @property
    def confidence(self) -> float:
        """Probability that this is music and `best` is right, 0 to 1."""
        return float(self.music * self.probabilities.max())

    @property
    def genre(self) -> str:
        """`best`, or "unknown" below the threshold, and where there is no confidence at all."""
        named = self.confidence > 0 and self.confidence >= self.threshold
        return self.best if named else UNKNOWN

    def top(self, count: int) -> list[tuple[str, float]]:
        """The `count` likeliest genres with their probabilities, likeliest first."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(self.genres[index], float(self.probabilities[index])) for index in order]


def with_prior(prediction: Prediction, old: ArrayLike, new: ArrayLike | None) -> Prediction:
    """A prediction that assumed shares `old` of the genres, had it assumed `new`; None: as it is.

    Raises:
        DataError: shares that do not fit the genres.
    """
    if new is None:
        return prediction
    return replace(prediction, probabilities=correct_prior(prediction.probabilities, old, new))
