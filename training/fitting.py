"""A model fitted to some songs: the scaling of each source, and a head for each vocabulary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence import Floats, Scaling, columns, unfitted
from heads import Head, Recipe, fit_head
from songs import VOCABULARIES, Songs, Targets, targets

RECIPES = {
    "library": Recipe(),
    "topMAGD": Recipe(weights=1e-3, kernel=True, balance=0.5, rest=0.5, corpora={"gtzan": 0.3}),
    "GTZAN": Recipe(weights=3e-4, kernel=True),
}
LEAST_SONGS = 4.0  # as which a rarer genre counts: one odd song must not rule


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted model, before calibration.

    Attributes:
        scalings: by source.
        heads: by vocabulary.
    """

    scalings: Mapping[str, Scaling]
    heads: Mapping[str, Head]

    def scaled(self, vectors: Mapping[str, NDArray[np.floating]]) -> dict[str, Floats]:
        """Standardised columns by source, of (n, dims) raw vectors."""
        return {
            name: scaling(columns(name, vectors[name])) for name, scaling in self.scalings.items()
        }

    def logits(self, vectors: Mapping[str, NDArray[np.floating]], vocabulary: str) -> Floats:
        """(n, genres) of raw vectors."""
        return self.heads[vocabulary].logits(self.scaled(vectors))


def fit(
    songs: Songs,
    vectors: Mapping[str, NDArray[np.floating]],
    chosen: NDArray[np.bool_],
    vocabularies: Sequence[str] = tuple(VOCABULARIES),
) -> Fitted:
    """A model fitted to the chosen songs.

    Args:
        songs: all songs.
        vectors: by source, (n, dims) raw vectors of all songs.
        chosen: (n,) the songs to fit to.
        vocabularies: to fit heads for.
    """
    known = targets(songs, "library")
    fitted = chosen & known.known
    weights = song_weights(songs, known, fitted)
    values = {name: columns(name, raw) for name, raw in vectors.items()}
    scalings = {name: Scaling.of(part, weights) for name, part in values.items()}
    scaled = {name: scalings[name](part) for name, part in values.items()}
    heads = {}
    for vocabulary in vocabularies:
        known = targets(songs, vocabulary)
        rows, recipe = chosen & known.known, RECIPES[vocabulary]
        heads[vocabulary] = fit_head(
            {name: part[rows] for name, part in scaled.items()},
            unfitted(scaled, weights, vocabulary),
            Targets(known.right[rows], known.candidates[rows]),
            song_weights(songs, known, rows, recipe)[rows],
            recipe,
        )
    return Fitted(scalings, heads)


def song_weights(
    songs: Songs, known: Targets, chosen: NDArray[np.bool_], recipe: Recipe | None = None
) -> Floats:
    """(n,) of sum 1: corpora count the same, within a corpus genres, within a genre songs.

    Both as far as the recipe has them, if one is given.
    """
    recipe, weights = recipe or Recipe(), np.zeros(len(songs))
    for corpus in np.unique(songs.corpora[chosen]).tolist():
        rows = chosen & (songs.corpora == corpus)
        share = known.right[rows] / known.right[rows].sum(axis=1, keepdims=True)
        counts = np.maximum(share.sum(axis=0), LEAST_SONGS) ** recipe.balance
        part = (share / counts).sum(axis=1)
        weights[rows] = recipe.corpora.get(corpus, 1.0) * part / part.sum()
    return weights / weights.sum()
