"""Losses of networks, of probabilities against genres that may be spread over several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from genrescope.learning.backend import keras

_LEAST = 1e-7  # as in Keras: a probability of 0 costs much, but not infinitely much


def generalised_cross_entropy(q: float) -> Callable[[Any, Any], Any]:
    """The loss sum_k t_k (1 - p_k^q) / q, which wrong labels mislead less.

    As q goes to 0 it is cross entropy; at 1 it is the probability that goes to other genres, in
    which a song that is surely of another genre than its label says weighs no more than any other
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
