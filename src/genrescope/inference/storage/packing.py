"""Embeddings, tags and probabilities as bytes, for files and databases that keep many songs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.sources import tagging_network

FIRST_NETWORK = "musicnn"
"""Whose tags those are that were kept without the name of their source."""


def pack(values: ArrayLike) -> bytes:
    """Values in half precision, which is ample for comparing songs and for showing tags."""
    return np.asarray(values).astype("<f2").tobytes()


def unpack(content: bytes) -> NDArray[np.float32]:
    """What `pack` packed, (n,) float32."""
    return np.frombuffer(content, "<f2").astype(np.float32)


def pack_tags(tags: Mapping[str, Mapping[str, float]]) -> dict[str, bytes]:
    """The tags of each network, packed in the order of its tags."""
    return {name: pack(list(values.values())) for name, values in tags.items()}


def unpack_tags(packed: Mapping[str, bytes]) -> dict[str, dict[str, float]]:
    """What `pack_tags` packed; of networks that are not known here, or have other tags, nothing."""
    return {name: found for name, part in packed.items() if (found := _named(name, unpack(part)))}


def name_tags(source: str, values: ArrayLike) -> dict[str, dict[str, float]]:
    """Tags in the order of a network's, by network and tag; nothing where they are not its."""
    found = _named(source, np.asarray(values))
    return {source: found} if found else {}


def _named(source: str, values: NDArray[np.floating]) -> dict[str, float]:
    network = tagging_network(source)
    names = network.tag_names if network else ()
    return dict(zip(names, values.tolist(), strict=True)) if len(names) == len(values) else {}
