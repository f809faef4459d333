"""The tags of pretrained networks that set a song apart from most music."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from genrescope.sources import tagging_network

LEAST = 0.05
"""Probability below which a tag is not worth naming, however rare it is."""

MORE = 1.5
"""How many times its base rate a salient tag's probability is, at least."""


class SalientTag(NamedTuple):
    """A tag that is clearly likelier in a song than in most music.

    Attributes:
        source: the network that gives it; `student_` before it where descriptors predict it.
        name: as that network's makers spell it.
        probability: in the song, 0 to 1.
        base_rate: its mean over songs of many genres.
    """

    source: str
    name: str
    probability: float
    base_rate: float


def salient_tags(tags: Mapping[str, Mapping[str, float]], count: int = 5) -> tuple[SalientTag, ...]:
    """The tags clearly above their base rates, the most surprising first.

    Surprise is the Kullback-Leibler divergence of the probability from the base rate.

    Args:
        tags: probabilities, by network and tag.
        count: the most to name; of several networks' tags of one name the first counts.
    """
    found: dict[str, SalientTag] = {}
    for tag in sorted(_above(tags), key=_surprise, reverse=True):
        found.setdefault(tag.name.casefold(), tag)
    return tuple(found.values())[:count]


def _above(tags: Mapping[str, Mapping[str, float]]) -> Iterator[SalientTag]:
    for source, probabilities in tags.items():
        network = tagging_network(source)
        for name, base_rate, _ in network.tags if network else ():
            probability = probabilities.get(name, 0.0)
            if base_rate is not None and probability >= max(LEAST, MORE * base_rate):
                yield SalientTag(source, name, probability, base_rate)


def _surprise(tag: SalientTag) -> float:
    p, q = min(tag.probability, 1 - 1e-9), tag.base_rate
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))
