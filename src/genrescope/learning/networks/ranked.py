"""The perceptron on ranks: its inputs are shares of the training songs with a lower value.

Same layers and recipe as `perceptron`; only the scaling differs. Between songs of other artists, on
the validation part of GTZAN's fault-filtered split, ranks were the better scaling for all three
sets that TU Wien published, and made no difference over the thirteen built-in sets
(`benchmarks/LOG.md`). Trained when named: `benchmark gtzan --learners perceptron,ranked`.
"""

from __future__ import annotations

from functools import partial

from genrescope.featuresets import FEATURE_SETS
from genrescope.learning.layers import RankGaussian
from genrescope.learning.networks.network import Network
from genrescope.learning.networks.perceptron import RECIPE, perceptron


def ranked_for(feature_set: str, dims: int) -> Network:
    """The ranked perceptron for vectors of `dims` values, whatever set they are of."""
    build = partial(perceptron, dims=dims, scaling=RankGaussian)
    return Network("ranked", "improved", feature_set, build, RECIPE, by_default=False)


RANKED = tuple(ranked_for(item.name, item.dims) for item in FEATURE_SETS.values())
