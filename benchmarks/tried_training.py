"""What was tried on the training of a network and left out: mixup, and a loss for wrong labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import Matrix
from genrescope.learning.backend import keras
from genrescope.learning.batches import Batch
from genrescope.learning.learner import NetworkLearner
from genrescope.learning.networks.network import Recipe
from genrescope.learning.training import Trainer
from genrescope.taxonomy.vocabulary import Vocabulary

_LEAST = 1e-7  # as in Keras: a probability of 0 costs much, but not infinitely much


@dataclass(frozen=True)
class TriedRecipe(Recipe):
    """A recipe with more to choose.

    Attributes:
        mixup: both parameters of the beta distribution that mixing shares are drawn from (Zhang,
            Cisse, Dauphin, Lopez-Paz, "mixup: Beyond empirical risk minimization", ICLR 2018);
            0 mixes nothing.
        gce_q: q of the generalised cross entropy, 0 to 1; at 0 it is cross entropy.
    """

    mixup: float = 0.0
    gce_q: float = 0.0


class TriedLearner(NetworkLearner):
    """Trains a network whose recipe is a `TriedRecipe`."""

    def _new_trainer(self, vocabulary: Vocabulary) -> Trainer:
        return TriedTrainer(self.network, len(vocabulary))


class TriedTrainer(Trainer):
    """Trains by a `TriedRecipe`."""

    @property
    def recipe(self) -> TriedRecipe:
        """The network's."""
        recipe = self.network.recipe
        assert isinstance(recipe, TriedRecipe)
        return recipe

    def _loss(self) -> Any:
        q = self.recipe.gce_q
        return generalised_cross_entropy(q) if q else super()._loss()

    def _row_losses(self, own: NDArray[np.float64]) -> NDArray[np.float64]:
        # The log loss of a robustly trained network grows while it learns, through wrong labels.
        q = self.recipe.gce_q
        return np.asarray((1 - own**q) / q) if q else super()._row_losses(own)

    def _augment(self, batch: Batch, rng: np.random.Generator) -> Batch:
        alpha = self.recipe.mixup
        return mixup(*batch, alpha, rng) if alpha else batch


def mixup(
    vectors: Matrix,
    targets: Matrix,
    weights: NDArray[np.float32],
    alpha: float,
    rng: np.random.Generator,
) -> Batch:
    """A batch of songs, each mixed with another one of the batch.

    Each song keeps a share of its own, drawn from Beta(alpha, alpha) and at least one half. The
    mixture's loss is the same mixture of both songs' weighted losses.

    Args:
        vectors: (n, dims).
        targets: (n, genres), rows sum to 1.
        weights: (n,) positive.
        alpha: positive.
        rng: draws shares and partners.

    Returns:
        Mixed vectors, targets (whose rows sum to 1) and weights.
    """
    drawn = rng.beta(alpha, alpha, len(vectors))
    share: NDArray[np.float32] = np.maximum(drawn, 1 - drawn).astype(np.float32)
    other = rng.permutation(len(vectors))
    own, others = share * weights, (1 - share) * weights[other]
    mixed = own + others
    return (
        _between(vectors, vectors[other], share),
        _between(targets, targets[other], np.asarray(own / mixed)),
        mixed,
    )


def _between(first: Matrix, second: Matrix, share: NDArray[np.float32]) -> Matrix:
    """Rows of `first` and `second` mixed, `share` (n,) of the first."""
    return np.asarray(share[:, None] * first + (1 - share[:, None]) * second)


def generalised_cross_entropy(q: float) -> Callable[[Any, Any], Any]:
    """The loss sum_k t_k (1 - p_k^q) / q, which wrong labels mislead less.

    As q goes to 0 it is cross entropy; at 1 it is the probability that goes to other genres, in
    which a song that is surely of another genre than its label weighs no more than any other
    (Zhang, Sabuncu, "Generalized cross entropy loss for training deep neural networks with noisy
    labels", NeurIPS 2018).

    Args:
        q: above 0, at most 1.

    Returns:
        Of targets and probabilities, both (batch, genres), the loss of each row, (batch,).
    """
    ops = keras.ops

    def loss(targets: Any, probabilities: Any) -> Any:
        logarithms = ops.log(ops.clip(probabilities, _LEAST, 1.0))
        # 1 - p^q = -expm1(q ln p), exact however small q is.
        costs = -ops.expm1(q * logarithms) / q
        return ops.sum(targets * costs, axis=-1)

    return loss
