"""Each corpus predicted by heads that were fitted to the others: what holds of music from anywhere.

Temperature and threshold of the bundled models come from here, and every figure that a model card
puts first. The figures of one corpus are those of heads that saw nothing of it, at the temperature
that they were fitted with (1): with two corpora, whose labels are of unlike reliability, a
temperature fitted to one does not suit the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logsumexp

from evidence import Floats
from fitting import fit, song_weights
from songs import CORPORA, VOCABULARIES, Songs, Targets, targets

Vectors = Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Songs predicted by heads that saw none of their corpus.

    Attributes:
        songs: all of them.
        known: what is known of them in the vocabulary.
        logits: (n, genres), not calibrated.
    """

    songs: Songs
    known: Targets
    logits: Floats

    @property
    def temperature(self) -> float:
        """The temperature that fits all corpora, each counting the same."""
        return fit_temperature(self.songs, self.known, self.logits, self.known.known)

    def probabilities(self, temperature: float = 1.0) -> Floats:
        """(n, genres)."""
        return np.asarray(np.exp(log_softmax(self.logits / temperature, axis=1)))


def predict_left_out(
    songs: Songs,
    vectors: Mapping[str, Vectors],
    vocabularies: Sequence[str] = tuple(VOCABULARIES),
) -> dict[str, LeftOut]:
    """By vocabulary, all songs, each corpus predicted by heads fitted to the others.

    Args:
        songs: all songs.
        vectors: by corpus that is left out, raw vectors of all songs by source, of which nothing
            was fitted to that corpus either.
        vocabularies: to predict in.
    """
    logits = {name: np.zeros((len(songs), len(VOCABULARIES[name]))) for name in vocabularies}
    for corpus in CORPORA:
        mine = songs.corpora == corpus
        fitted = fit(songs, vectors[corpus], ~mine, vocabularies)
        for name in vocabularies:
            logits[name][mine] = fitted.logits(vectors[corpus], name)[mine]
    return {name: LeftOut(songs, targets(songs, name), found) for name, found in logits.items()}


def fit_temperature(
    songs: Songs, known: Targets, logits: Floats, chosen: NDArray[np.bool_]
) -> float:
    """The temperature at which the right genres of the chosen songs are likeliest."""
    weights = song_weights(songs, known, chosen)[chosen]
    wrong = np.where(known.right[chosen], 0.0, -np.inf)

    def loss(log_temperature: float) -> float:
        scaled = logits[chosen] / np.exp(log_temperature)
        right = logsumexp(scaled + wrong, axis=1) - logsumexp(scaled, axis=1)
        return float(-weights @ right)

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))
