"""What a network is: a shape and a recipe."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; batch and epochs are meant for the 26,000 rows of the MSD split.

    Attributes:
        batch: most rows a step.
        epochs: most passes over the training rows.
        learning_rate: of Adam (AdamW where there is weight decay).
        weight_decay: decoupled, on kernels only.
        cosine: let the learning rate fall to 0 along a half cosine over all epochs.
        label_smoothing: share of the target spread evenly over all genres.
        min_steps: least steps in all, however few the rows.
        patience: epochs without a better validation loss after which training stops.
    """

    batch: int = 256
    epochs: int = 50
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    cosine: bool = False
    label_smoothing: float = 0.0
    min_steps: int = 400
    patience: int = 20

    def fitted_to(self, rows: int) -> Recipe:
        """The recipe for `rows` training rows.

        A few hundred songs would be two steps an epoch at the published batch sizes: batches
        shrink to a sixth of the rows (not below 8), and epochs are added until there are
        `min_steps`.
        """
        batch = min(self.batch, max(8, math.ceil(rows / 6)))
        return replace(
            self, batch=batch, epochs=max(self.epochs, self.min_steps // math.ceil(rows / batch))
        )

    def rate(self, epoch: int) -> float:
        """Learning rate of a 0-based epoch."""
        if not self.cosine:
            return self.learning_rate
        return self.learning_rate * (1 + math.cos(math.pi * epoch / self.epochs)) / 2


@dataclass(frozen=True)
class Network:
    """A network for one feature set.

    Attributes:
        name: what it is (`student`, `perceptron`, `ranked`).
        kind: `student` or `improved`.
        feature_set: the set whose raw vectors it takes.
        build: makes the untrained `keras.Model`, (batch, dims) to (batch, genres) probabilities.
        recipe: how it is trained.
        by_default: train it where no networks are named.
    """

    name: str
    kind: str
    feature_set: str
    build: Callable[[int], Any]
    recipe: Recipe
    by_default: bool = True
