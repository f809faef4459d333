"""What a user wishes of the answers: a prior, a threshold, genres of another vocabulary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.label_shift import estimate_prior
from genrescope.inference.card import ModelCard
from genrescope.inference.mapping import cannot_tell, to_vocabulary
from genrescope.inference.prediction import Prediction, with_prior

_LEAST_MUSIC = 0.5  # what is likelier no music says nothing of a collection's genres


@dataclass(frozen=True, eq=False)
class Preferences:
    """How a model's predictions are told.

    Attributes:
        card: the model's.
        prior: (genres,) shares of the model's genres in the songs; None: as the model assumes.
        threshold: confidence below which the answer is unknown; None: the model's.
        vocabulary: name or mapping file of other genres, see `mapping`; None: the model's.

    Raises:
        UsageError: the model's genres cannot be told in the vocabulary.
        DataError: the mapping file is damaged.
    """

    card: ModelCard
    prior: NDArray[np.float64] | None = None
    threshold: float | None = None
    vocabulary: str | Path | None = None

    def __post_init__(self) -> None:
        self.untold()

    @property
    def genres(self) -> tuple[str, ...]:
        """All that can be the answer, and `unknown` where the vocabulary lacks some."""
        shares = np.asarray(self.card.prior)
        return self.apply(Prediction(self.card.genres, shares, self.card.threshold)).genres

    def apply(self, prediction: Prediction) -> Prediction:
        """A prediction of the model as it is wished."""
        prediction = with_prior(prediction, self.card.prior, self.prior)
        if self.threshold is not None:
            prediction = replace(prediction, threshold=self.threshold)
        if self.vocabulary is not None:
            prediction = to_vocabulary(prediction, self.vocabulary)
        return prediction

    def untold(self) -> tuple[str, ...]:
        """Genres of the vocabulary that can never be the answer."""
        if self.vocabulary is None:
            return ()
        return cannot_tell(self.card.genres, self.card.hears_backbone, self.vocabulary)

    def with_estimated_prior(self, predictions: Iterable[Prediction]) -> Self:
        """The same with the shares that a collection most likely has.

        Args:
            predictions: the model's, of the songs of the collection; what is likelier no music is
                left out. Without any music the shares remain what they are.
        """
        songs = [item.probabilities for item in predictions if item.music >= _LEAST_MUSIC]
        if not songs:
            return self
        return replace(self, prior=estimate_prior(np.stack(songs), self.card.prior))
