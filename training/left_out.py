"""Each corpus judged by heads that were fitted to the others: what is told of music from anywhere.

Temperature and threshold come from here, and every figure that a model card puts first. For the
figures of one corpus the temperature is fitted to the others, each again judged by heads that did
not see it; the bundled models take the one that fits all of them.
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
class Judged:
    """Songs judged by heads that saw none of their corpus.

    Attributes:
        songs: all of them.
        known: what is known of them in the vocabulary.
        logits: (n, genres), not calibrated.
        temperature: that fits all corpora.
    """

    songs: Songs
    known: Targets
    logits: Floats

    @property
    def temperature(self) -> float:
        """The temperature that fits all corpora, each counting the same."""
        return fit_temperature(self.songs, self.known, self.logits, self.known.known)

    def probabilities(self) -> Floats:
        """(n, genres), each corpus at the temperature that fits the others."""
        found = np.zeros_like(self.logits)
        for corpus in CORPORA:
            mine = self.songs.corpora == corpus
            others = self.known.known & ~mine
            temperature = fit_temperature(self.songs, self.known, self.logits, others)
            found[mine] = np.exp(log_softmax(self.logits[mine] / temperature, axis=1))
        return found


def judge_left_out(
    songs: Songs, vectors: Vectors, vocabularies: Sequence[str] = tuple(VOCABULARIES)
) -> dict[str, Judged]:
    """By vocabulary, all songs, each corpus judged by heads fitted to the others."""
    logits = {name: np.zeros((len(songs), len(VOCABULARIES[name]))) for name in vocabularies}
    for corpus in CORPORA:
        mine = songs.corpora == corpus
        fitted = fit(songs, vectors, ~mine, vocabularies)
        for name in vocabularies:
            logits[name][mine] = fitted.logits(vectors, name)[mine]
    return {name: Judged(songs, targets(songs, name), found) for name, found in logits.items()}


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
