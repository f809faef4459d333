"""Raw vectors of the pretrained networks as standardised columns, and what their names of tags say.

A tag that means a genre is evidence of it without any training: the mean of the standardised tags
of a genre, by network, is its untaught score. Which tags mean what is in `genre_tags.csv`; genres
of other vocabularies are groups of the library's, in `genre_groups.csv`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones import audioset, musicnn
from songs import LIBRARY, VOCABULARIES

Floats = NDArray[np.float64]

TAGS = {"audioset": audioset.tag_names(), "musicnn": musicnn.TAGS}
DIMS = {"audioset": audioset.DIMS, "musicnn": musicnn.DIMS}
FLOOR = 1e-4  # of a tag's probability, before its logit is taken
MOST = 4.0  # standard deviations that a column may be away from its mean


def columns(source: str, raw: NDArray[np.floating]) -> Floats:
    """(n, dims) raw vectors with logits in the place of probabilities."""
    values = raw.astype(np.float64)
    if source == "musicnn":
        p = np.clip(values[:, musicnn.EMBEDDING :], FLOOR, 1 - FLOOR)
        values = np.concatenate([values[:, : musicnn.EMBEDDING], np.log(p / (1 - p))], axis=1)
    return values


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
        return np.clip((values - self.mean) / self.deviation, -MOST, MOST)


def untaught(source: str, vocabulary: str) -> Floats:
    """(dims, genres): what standardised columns of a source say of the genres of a vocabulary.

    Each genre's column has the mean of its tags, and nothing where the network has no such tag.
    """
    tags, groups = TAGS[source], _groups(vocabulary)
    first = DIMS[source] - len(tags)
    matrix = np.zeros((DIMS[source], len(VOCABULARIES[vocabulary])))
    for column, genre in enumerate(VOCABULARIES[vocabulary]):
        named = [tag for member in groups[genre] for tag in _tags()[source].get(member, ())]
        for tag in named:
            matrix[first + tags.index(tag), column] += 1 / len(named)
    return matrix


@cache
def _tags() -> dict[str, dict[str, list[str]]]:
    """By source and genre of the library, tags that mean it."""
    found: dict[str, dict[str, list[str]]] = {source: {} for source in TAGS}
    for row in _rows("genre_tags.csv"):
        found[row["source"]].setdefault(row["genre"], []).append(row["tag"])
    return found


def _groups(vocabulary: str) -> dict[str, tuple[str, ...]]:
    """Each genre of a vocabulary as genres of the library."""
    if vocabulary == "library":
        return {genre: (genre,) for genre in LIBRARY}
    return {
        row["genre"]: tuple(row["library"].split("|"))
        for row in _rows("genre_groups.csv")
        if row["vocabulary"] == vocabulary
    }


def _rows(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
