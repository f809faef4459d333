"""The improved network of every set: a perceptron that standardises and forgets.

What the student project's networks lack on these descriptors: inputs of one scale whatever their
tails (`Standardise`), and strong regularisation, because genres are learnt from few songs: dropout
on inputs and hidden values, weight decay, smoothed labels, a falling learning rate.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from genrescope.featuresets import FEATURE_SETS
from genrescope.learning.backend import keras
from genrescope.learning.layers import Standardise
from genrescope.learning.networks.network import Network, Recipe

layers = keras.layers


def perceptron(genres: int, *, dims: int, scaling: Callable[[], Any] = Standardise) -> Any:
    """(batch, dims) raw descriptors to (batch, genres) probabilities; `scaling` makes a layer."""
    inputs = keras.Input((dims,))
    x = layers.Dropout(0.2)(scaling()(inputs))
    for width in (256, 128):
        x = layers.Dense(width, use_bias=False)(x)
        x = layers.Activation("silu")(layers.BatchNormalization()(x))
        x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(genres, activation="softmax")(x))


RECIPE = Recipe(
    batch=256,
    epochs=60,
    learning_rate=3e-3,
    weight_decay=1e-2,
    cosine=True,
    label_smoothing=0.1,
)


def perceptron_for(feature_set: str, dims: int) -> Network:
    """The perceptron for vectors of `dims` values, whatever set they are of."""
    return Network("perceptron", "improved", feature_set, partial(perceptron, dims=dims), RECIPE)


PERCEPTRONS = tuple(perceptron_for(item.name, item.dims) for item in FEATURE_SETS.values())
