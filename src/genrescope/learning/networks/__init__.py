"""The networks, by feature set."""

from __future__ import annotations

from genrescope.errors import UsageError
from genrescope.learning.networks.network import Network, Recipe
from genrescope.learning.networks.perceptron import PERCEPTRONS
from genrescope.learning.networks.ranked import RANKED
from genrescope.learning.networks.student import STUDENT_NETWORKS

NETWORKS: tuple[Network, ...] = (*STUDENT_NETWORKS, *PERCEPTRONS, *RANKED)

__all__ = ["NETWORKS", "Network", "Recipe", "find_network", "networks_for"]


def networks_for(feature_set: str) -> list[Network]:
    """The networks of `feature_set`: the student project's, where it had one, then ours."""
    return [network for network in NETWORKS if network.feature_set == feature_set]


def find_network(name: str, feature_set: str) -> Network:
    """The network called `name` of `feature_set`.

    Raises:
        UsageError: there is none.
    """
    for network in networks_for(feature_set):
        if network.name == name:
            return network
    known = ", ".join(network.name for network in networks_for(feature_set)) or "none"
    raise UsageError(f"no network '{name}' for '{feature_set}'", remedy=f"there is: {known}")
