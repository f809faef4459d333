"""What a user chooses of predictions: a prior, a threshold, another vocabulary, how many genres."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.label_shift import estimate_prior
from genrescope.errors import UsageError
from genrescope.inference.card import find_head
from genrescope.inference.heads import EACH, Head
from genrescope.inference.mapping import own_names, to_vocabulary, unreachable_genres
from genrescope.inference.prediction import LEAST_MUSIC, UNKNOWN, Prediction, with_prior
from genrescope.taxonomy.normalise import spelling_key
from genrescope.taxonomy.tag_names import tag_names

LEAST_SHARE = 0.1
"""Probability from which a second genre, or a third, is named."""


class HasHeads(Protocol):
    """Whatever has heads: a model's card, or what an index keeps of it."""

    @property
    def all_heads(self) -> tuple[Head, ...]:
        """Its vocabularies, the first one first."""


@dataclass(frozen=True, eq=False)
class PredictionOptions:
    """How a model's predictions are given.

    A vocabulary that the model was trained on is taken as it is; any other is mapped from
    its first one.

    Attributes:
        model: whose predictions they are.
        prior: (genres,) shares of `head.genres` in the songs; None: as the model assumes.
        threshold: confidence below which the genre is unknown; None: the model's.
        vocabulary: name or mapping file of other genres, see `mapping`; None: the model's.
        top: most genres to name of a song.

    Raises:
        UsageError: the model's genres cannot be mapped to the vocabulary, or the threshold is none.
        DataError: the mapping file is damaged.
    """

    model: HasHeads
    prior: NDArray[np.float64] | None = None
    threshold: float | None = None
    vocabulary: str | Path | None = None
    top: int = 3

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise UsageError(f"a threshold of {self.threshold}", remedy="take 0 to 1")
        self.unreachable()

    @cached_property
    def head(self) -> Head:
        """The vocabulary of the model that the predictions come from."""
        first, own = self.model.all_heads[0], None
        if isinstance(self.vocabulary, str):
            own = find_head(self.model.all_heads, self.vocabulary)
        return own or first

    @property
    def genres(self) -> tuple[str, ...]:
        """All that can be predicted, and `unknown` where the vocabulary lacks some."""
        shares = np.asarray(self.head.prior)
        return self._mapped(Prediction(self.head.genres, shares, 0.0)).genres

    def apply(self, prediction: Prediction) -> Prediction:
        """A prediction of the model under these options."""
        prediction = with_prior(self._in_head(prediction), self.head.prior, self.prior)
        if self.threshold is not None:
            prediction = replace(prediction, threshold=self.threshold)
        return self._mapped(prediction)

    def unreachable(self) -> tuple[str, ...]:
        """Genres of the vocabulary that can never be predicted."""
        if self.vocabulary is None or self._is_own:
            return ()
        return unreachable_genres(self.head.genres, self.vocabulary)

    def named(self, prediction: Prediction) -> tuple[str, ...]:
        """The genres to name of a song, at most `top`: the likeliest, and others from 0.1 on.

        Of a model of several genres a song: those that reach thresholds of their own. None of them
        is sure enough where `prediction.genre` is unknown.
        """
        if each := self._each(prediction):
            return each[: self.top]
        ranked = prediction.top(self.top + 1)
        likely = [name for name, share in ranked if share >= LEAST_SHARE] or [ranked[0][0]]
        return tuple(name for name in likely if name != UNKNOWN)[: self.top]

    def tag_names(self, used: Mapping[str, int]) -> dict[str, str]:
        """How each of `genres` is written into tags; names of the user's own as they are.

        Args:
            used: how often each value stands in the tags of the collection; its spelling is taken.
        """
        own = frozenset() if self._is_own else own_names(self.vocabulary)
        return tag_names(self.genres, used) | {name: name for name in self.genres if name in own}

    def with_estimated_prior(self, predictions: Iterable[Prediction]) -> Self:
        """The same with the shares that a collection most likely has.

        Args:
            predictions: the model's, of the songs of the collection; what is likelier no music is
                left out. Without any music the shares remain what they are.
        """
        music = [self._in_head(item) for item in predictions if item.music >= LEAST_MUSIC]
        if not music:
            return self
        shares = np.stack([item.probabilities for item in music])
        return replace(self, prior=estimate_prior(shares, self.head.prior))

    def _each(self, prediction: Prediction) -> tuple[str, ...]:
        """The genres that reach thresholds of their own, the likeliest first."""
        head = next((head for head in self.model.all_heads if not head.is_single_label), None)
        if head is None or self.vocabulary is not None or EACH not in prediction.heads:
            return ()
        shares = prediction.heads[EACH][: len(head.least)] * len(head.least)
        order = np.argsort(-shares, kind="stable").tolist()
        return tuple(head.genres[at] for at in order if shares[at] >= head.least[at])

    @property
    def _is_own(self) -> bool:
        """Whether the model was trained on the vocabulary."""
        wanted = spelling_key(str(self.vocabulary))
        return wanted == spelling_key(self.head.vocabulary or "")

    def _in_head(self, prediction: Prediction) -> Prediction:
        head = self.head
        if head.genres == prediction.genres or head.vocabulary is None:
            return prediction
        return replace(
            prediction,
            genres=head.genres,
            probabilities=prediction.heads[head.vocabulary],
            threshold=head.threshold,
            members=None,
        )

    def _mapped(self, prediction: Prediction) -> Prediction:
        if self.vocabulary is None or self._is_own:
            return prediction
        return to_vocabulary(prediction, self.vocabulary)
