"""The perceptron on ranks: its inputs say how many of the training songs have less of a thing.

Same layers and recipe as `perceptron`; only the scaling differs. On the validation part of GTZAN's
fault-filtered split, where no artist is on two sides, ranks carried over to other artists better
than values did, in nearly every learner and set tried; in random folds they did not
(`benchmarks/LOG.md`). Trained when named: `benchmark gtzan --networks perceptron,ranked`.
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
