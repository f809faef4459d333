"""Vector sources: descriptor sets and pretrained networks behind one interface, in one registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones.backbone import Backbone, Network
from genrescope.backbones.family import BACKBONES, network_folder
from genrescope.descriptors import Settings, describe
from genrescope.descriptors.tuwien import segment_samples
from genrescope.errors import UsageError
from genrescope.featuresets import KNOWN_SETS

Samples = NDArray[np.float32]
Vectors = dict[str, Samples]


class VectorSource(Protocol):
    """What a vector is: a set of descriptors, or the outputs of a pretrained network."""

    @property
    def name(self) -> str:
        """Short name; that of a model's input."""

    @property
    def title(self) -> str:
        """One line on what it is."""

    @property
    def rate(self) -> int | None:
        """Hz of the samples that it takes; None where the settings of the descriptors have it."""

    @property
    def dims(self) -> int:
        """Values in a vector."""

    @property
    def columns(self) -> tuple[str, ...]:
        """A readable name for each value."""

    @property
    def tag_names(self) -> tuple[str, ...]:
        """Of the tags that the last values are of; none in descriptors."""

    @property
    def licence(self) -> str:
        """Of what computes it."""

    @property
    def reference(self) -> str:
        """The paper that defines it."""

    @property
    def trained_on(self) -> str:
        """The recordings that it was trained on; empty for descriptors."""


SOURCES: dict[str, VectorSource] = {**KNOWN_SETS, **BACKBONES}
"""All that a model's input may be, by name."""


def find_source(name: str) -> VectorSource:
    """The source called `name`.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in SOURCES:
        raise UsageError(f"no feature set '{name}'", remedy=f"choose from {', '.join(SOURCES)}")
    return SOURCES[name]


def networks_among(names: Iterable[str]) -> tuple[Backbone, ...]:
    """The pretrained networks among the sources of these names."""
    return tuple(found for name in names if isinstance(found := SOURCES.get(name), Backbone))


PREDICTED = "student_"
"""Before the name of a network: the source of tags that were predicted in its place."""


def tagging_network(source: str) -> Backbone | None:
    """The network whose tags a source gives, its own or predicted; None where there is none."""
    found = SOURCES.get(source.removeprefix(PREDICTED))
    return found if isinstance(found, Backbone) else None


class Describer(Protocol):
    """Samples to the vectors of one source, or of several that share their computation."""

    @property
    def names(self) -> tuple[str, ...]:
        """The sources."""

    @property
    def rate(self) -> int | None:
        """Hz of the samples that it takes; None where it depends on the file."""

    def rate_for(self, original: int) -> int:
        """Hz at which samples of the rate `original` are taken."""

    def needed_seconds(self, rate: int) -> float:
        """Length that a clip must have; a shorter one is repeated."""

    def describe(self, samples: Samples, rate: int) -> Vectors:
        """The vector of each source, (dims,), from samples (n,) at `rate`."""


@dataclass(frozen=True)
class DescriptorSets:
    """Descriptor sets, computed together; a `Describer`."""

    names: tuple[str, ...]
    settings: Settings

    @property
    def rate(self) -> int | None:
        """See `Describer`."""
        return self.settings.rate

    def rate_for(self, original: int) -> int:
        """See `Describer`."""
        return self.settings.rate_for(original)

    def needed_seconds(self, rate: int) -> float:
        """See `Describer`."""
        return segment_samples(rate) / rate

    def describe(self, samples: Samples, rate: int) -> Vectors:
        """See `Describer`.

        Raises:
            AudioError: a sample is not finite.
        """
        needed = segment_samples(rate)
        clip = samples if len(samples) >= needed else np.resize(samples, needed)
        found = describe(clip, rate, self.names, self.settings, channels=1)
        return {name: finite(vector) for name, vector in found.items()}


@dataclass(frozen=True)
class NetworkVector:
    """The vector of a pretrained network; a `Describer`."""

    network: Network

    @property
    def names(self) -> tuple[str, ...]:
        """See `Describer`."""
        return (self.network.backbone.name,)

    @property
    def rate(self) -> int | None:
        """See `Describer`."""
        return self.network.backbone.rate

    def rate_for(self, original: int) -> int:
        """See `Describer`."""
        del original
        return self.network.backbone.rate

    def needed_seconds(self, rate: int) -> float:
        """See `Describer`."""
        del rate
        return 0.0

    def describe(self, samples: Samples, rate: int) -> Vectors:
        """See `Describer`."""
        del rate
        return {self.network.backbone.name: self.network.describe(samples)}


def open_describers(
    names: Iterable[str], settings: Settings, threads: int
) -> tuple[Describer, ...]:
    """What computes the vectors of the sources called `names`; descriptor sets come first.

    Args:
        names: of sources.
        settings: how descriptor sets are computed.
        threads: of each network.

    Raises:
        DataError: a network is not there, or damaged.
    """
    names = tuple(names)
    sets = tuple(name for name in names if name in KNOWN_SETS)
    described: list[Describer] = [DescriptorSets(sets, settings)] if sets else []
    loaded = [
        NetworkVector(Network.load(item, network_folder(item.name), threads=threads))
        for item in networks_among(names)
    ]
    return (*described, *loaded)


def tag_probabilities(vectors: Mapping[str, Samples]) -> dict[str, dict[str, float]]:
    """Probability of each tag, 0 to 1, by source and tag, from vectors (dims,) by source."""
    found = {}
    for network in networks_among(vectors):
        values = network.tag_probabilities(vectors[network.name]).tolist()
        found[network.name] = dict(zip(network.tag_names, values, strict=True))
    return found


def finite(vector: NDArray[Any]) -> Samples:
    """The values as finite float32: 0 for what is no number, the largest there is for more.

    A moment of a band in which there is next to nothing may be no number. One such value must not
    cost a song its prediction: models bound each value anyway.
    """
    largest = float(np.finfo(np.float32).max)
    numbers = np.nan_to_num(vector, nan=0.0, posinf=largest, neginf=-largest)
    return np.asarray(numbers.clip(-largest, largest), dtype=np.float32)
