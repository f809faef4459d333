"""What a head is fitted to: a general model's prediction of a song as a row of columns.

A prediction holds what the model gives of a song: the probabilities in its vocabularies, its
embedding, and the tags of its pretrained networks. All of it is kept by a results file and by the
index of a library, so songs that were classified once need not be decoded again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import DataError, UsageError
from genrescope.inference.card import ModelCard
from genrescope.inference.prediction import Prediction
from genrescope.sources import SOURCES

Singles = NDArray[np.float32]

FLOOR = 1e-4
"""Least probability of a genre or a tag, before its logarithm is taken."""
MOST = 4.0
"""Standard deviations that a column may be away from its mean."""
WEIGHTS = {"genres": 2.0, "embedding": 1.0, "tags": 1.0}
"""Of each block of columns in the distance between songs, however many columns it has."""


class Block(NamedTuple):
    """Columns of one kind.

    Attributes:
        kind: of `WEIGHTS`.
        name: of the vocabulary or the network; empty for the embedding.
        names: of the columns.
    """

    kind: str
    name: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """The columns that a general model gives.

    Attributes:
        card: the model's.
        embedding: values in its embedding; 0 where it has none.
    """

    card: ModelCard
    embedding: int

    @classmethod
    def of(cls, card: ModelCard, predictions: Iterable[Prediction]) -> Columns:
        """Of a model that predicted these songs.

        Raises:
            DataError: no song, or nothing but silence.
        """
        sizes = {len(it.embedding) for it in predictions if it.embedding is not None}
        if not sizes:
            raise DataError("no song with an embedding", remedy="choose another base model")
        return cls(card, sizes.pop())

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """In their order."""
        first, *others = self.card.all_heads
        heads = [("", first), *((head.vocabulary or "", head) for head in others)]
        places = tuple(f"embedding {number}" for number in range(self.embedding))
        return (
            *(Block("genres", name, head.genres) for name, head in heads),
            Block("embedding", "", places),
            *(Block("tags", name, SOURCES[name].tag_names) for name in self.card.networks),
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """A readable name for each column."""
        return tuple(
            " ".join(filter(None, (block.name, name)))
            for block in self.blocks
            for name in block.names
        )

    @cached_property
    def weights(self) -> Singles:
        """(columns,) by which standardised columns are multiplied; a block's squares sum to one."""
        sizes = {kind: sum(len(b.names) for b in self.blocks if b.kind == kind) for kind in WEIGHTS}
        each = [
            np.full(len(block.names), WEIGHTS[block.kind] / np.sqrt(sizes[block.kind]))
            for block in self.blocks
        ]
        return np.concatenate(each).astype(np.float32)

    def rows(self, predictions: Iterable[Prediction]) -> Singles:
        """(n, columns) of predictions of the model, logarithms of probabilities and of odds.

        Raises:
            UsageError: a prediction is of another model, or lacks what the index of an earlier
                version did not keep.
        """
        return np.stack([self._row(item) for item in predictions]).astype(np.float32)

    def _row(self, prediction: Prediction) -> Singles:
        heads, tags = prediction.heads, prediction.tags
        if (
            prediction.embedding is None
            or len(prediction.embedding) != self.embedding
            or set(heads) != set(self.card.heads)
            or not set(self.card.networks) <= set(tags)
        ):
            raise UsageError(
                f"a song lacks what {self.card.name} gives", remedy="classify the songs again"
            )
        logs = [prediction.probabilities, *(heads[name] for name in self.card.heads)]
        odds = [np.array(list(tags[name].values())) for name in self.card.networks]
        return np.concatenate(
            [
                *(np.log(np.maximum(part, FLOOR)) for part in logs),
                prediction.embedding,
                *(log_odds(part) for part in odds),
            ]
        )


def log_odds(probabilities: NDArray[np.floating], floor: float = FLOOR) -> NDArray[np.floating]:
    """Logarithm of p / (1 - p), p from `floor` to 1 - `floor`."""
    bounded = np.clip(probabilities, floor, 1 - floor)
    return np.asarray(np.log(bounded / (1 - bounded)))


@dataclass(frozen=True, eq=False)
class Scaling:
    """Columns standardised over songs, bounded, and weighted.

    Attributes:
        mean: (columns,)
        scale: (columns,) one through the standard deviation.
        weights: (columns,) see `Columns.weights`.
    """

    mean: Singles
    scale: Singles
    weights: Singles

    @classmethod
    def of(cls, rows: Singles, weights: Singles) -> Scaling:
        """Of (n, columns) rows."""
        deviation = rows.std(axis=0, dtype=np.float64)
        # A column that hardly varies would be noise at full weight.
        scale = np.where(deviation > 1e-3, 1 / np.maximum(deviation, 1e-3), 0.0)
        return cls(rows.mean(axis=0), scale.astype(np.float32), weights)

    def __call__(self, rows: Singles) -> Singles:
        """(n, columns) rows, scaled."""
        standard = (rows - self.mean) * self.scale
        return np.asarray(np.clip(standard, -MOST, MOST) * self.weights, dtype=np.float32)
