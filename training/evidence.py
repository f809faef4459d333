"""What a head is fitted on: vectors of networks, or of their student, as standardised columns.

A tag that means a genre is evidence of it without any training: the mean of the standardised tags
of a genre, by network, is its unfitted score. Which tags mean what is in `genre_tags.csv`; genres
of other vocabularies are groups of the library's, in `genre_groups.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones.family import BACKBONES
from songs import VOCABULARIES, table_rows

Floats = NDArray[np.float64]

FLOOR = 1e-4  # of a tag's probability, before its logit is taken
MOST = 4.0  # standard deviations that a column may be away from its mean


@dataclass(frozen=True)
class Source:
    """A kind of vector.

    Attributes:
        dims: values in it.
        network: whose tags its last values are of; empty: of none.
        probabilities: whether these are probabilities rather than logits.
    """

    dims: int
    network: str = ""
    probabilities: bool = False

    @property
    def tags(self) -> tuple[str, ...]:
        """Names of its last values."""
        return BACKBONES[self.network].tag_names if self.network else ()

    @property
    def first_tag(self) -> int:
        """Where these begin."""
        return self.dims - len(self.tags)


CODES = 128  # of the student
SOURCES = {
    name: Source(network.dims, name, not network.logits) for name, network in BACKBONES.items()
} | {f"student_{name}": Source(len(BACKBONES[name].tags), name) for name in ("audioset", "musicnn")}
SOURCES["student_codes"] = Source(CODES)


def columns(source: str, raw: NDArray[np.floating]) -> Floats:
    """(n, dims) raw vectors with logits in the place of probabilities."""
    values, kind = raw.astype(np.float64), SOURCES[source]
    if not kind.probabilities:
        return values
    embedding, tags = np.split(values, [kind.first_tag], axis=1)
    p = np.clip(tags, FLOOR, 1 - FLOOR)
    return np.concatenate([embedding, np.log(p / (1 - p))], axis=1)


@dataclass(frozen=True, eq=False)
class Scaling:
    """Standardisation of the columns of a source, bounded.

    Attributes:
        mean, deviation: (dims,)
    """

    mean: Floats
    deviation: Floats

    @classmethod
    def of(cls, values: Floats, weights: Floats) -> Scaling:
        """From (n, dims) columns and (n,) weights of sum 1."""
        mean = weights @ values
        return cls(mean, np.sqrt(weights @ np.square(values - mean)) + 1e-6)

    def __call__(self, values: Floats) -> Floats:
        """(n, dims) standardised."""
        return np.clip((values - self.mean) / self.deviation, -MOST, MOST)


def unfitted(scaled: Mapping[str, Floats], weights: Floats, vocabulary: str) -> dict[str, Floats]:
    """By source, (dims, genres): from columns to unfitted scores, each of variance 1 over songs.

    Where a network has no tag that means a genre, the other's score counts for both: of a genre
    that one of them cannot name it predicts nothing, which is no evidence against it.

    Args:
        scaled: by source, (n, dims) standardised columns of the songs.
        weights: (n,) of the songs, sum 1.
        vocabulary: its name.
    """
    found = {}
    for source, values in scaled.items():
        kernel = _means_of_tags(source, vocabulary)
        scores = values @ kernel
        deviation = np.sqrt(weights @ np.square(scores - weights @ scores))
        found[source] = kernel / np.where(deviation > 0, deviation, 1)
    kernels = [kernel for source, kernel in found.items() if SOURCES[source].network]
    silent = np.sum([~kernel.any(axis=0) for kernel in kernels], axis=0)
    return {source: kernel * (1 + silent) for source, kernel in found.items()}


def _means_of_tags(source: str, vocabulary: str) -> Floats:
    """(dims, genres): what standardised columns of a source mean of the genres of a vocabulary.

    Each genre's column has the mean of its tags, and nothing where the network has no such tag.
    """
    kind, groups = SOURCES[source], _groups(vocabulary)
    matrix = np.zeros((kind.dims, len(VOCABULARIES[vocabulary])))
    for column, genre in enumerate(VOCABULARIES[vocabulary]):
        named = [tag for member in groups[genre] for tag in _tags().get((kind.network, member), ())]
        for tag in named:
            matrix[kind.first_tag + kind.tags.index(tag), column] += 1 / len(named)
    return matrix


@cache
def _tags() -> dict[tuple[str, str], list[str]]:
    """By network and genre of the library, tags that mean it."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in table_rows("genre_tags.csv"):
        found.setdefault((row["source"], row["genre"]), []).append(row["tag"])
    return found


def _groups(vocabulary: str) -> dict[str, tuple[str, ...]]:
    """Each genre of a vocabulary as genres of the library."""
    if vocabulary == "library":
        return {genre: (genre,) for genre in VOCABULARIES["library"]}
    return {
        row["genre"]: tuple(row["library"].split("|"))
        for row in table_rows("genre_groups.csv")
        if row["vocabulary"] == vocabulary
    }
