"""Music or not: a logistic regression on a few values of a model's sources.

Of AudioSet's network, or of its student, the logits of a few names, which mean music and its
opposites without any fit. Of each network, too, how far its embedding of a sound lies outside the
principal subspace of the songs: what no song is like is no music.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from evidence import SOURCES, Floats

NAMES = ("Music", "Musical instrument", "Singing", "Song", "Speech", "Noise", "Vehicle", "Silence")
COMPONENTS = 60  # of the subspace of the songs
_UNITS = 3.0  # of the novelty, so that the penalty hardly counts
LEAST = 1e-3  # added to a squared distance before its logarithm is taken
_PENALTY = 0.02
_ODDS = 9  # music to anything else among the audio files of a person; in training they are even


@dataclass(frozen=True, eq=False)
class Novelty:
    """How far a sound lies outside the principal subspace of songs, in a network's embedding.

    Attributes:
        source: whose columns, of which the embedding is the first.
        mean: (embedding,) of the songs.
        basis: (embedding, components).
    """

    source: str
    mean: Floats
    basis: Floats

    @classmethod
    def of(cls, source: str, songs: Floats) -> Novelty:
        """Of (n, dims) standardised columns of songs."""
        embedding = songs[:, : SOURCES[source].first_tag]
        mean = embedding.mean(axis=0)
        axes = np.linalg.svd(embedding - mean, full_matrices=False)[2]
        return cls(source, mean, axes[:COMPONENTS].T)

    def __call__(self, values: Floats) -> Floats:
        """(n,) logarithms of squared distances of (n, dims) columns from the subspace."""
        centred = values[:, : len(self.mean)] - self.mean
        outside = centred - (centred @ self.basis) @ self.basis.T
        return np.log(np.square(outside).sum(axis=1) + LEAST)


@dataclass(frozen=True, eq=False)
class MusicHead:
    """The logit that it is music, linear in standardised columns.

    Attributes:
        kernels: by source, (dims,); none where novelty alone counts.
        bias: added.
        novelties: one a network.
        slopes: of the novelties.
    """

    kernels: Mapping[str, Floats]
    bias: float
    novelties: tuple[Novelty, ...] = ()
    slopes: tuple[float, ...] = ()

    def logits(self, scaled: Mapping[str, Floats]) -> Floats:
        """(n,) of standardised columns by source."""
        parts = [scaled[name] @ kernel for name, kernel in self.kernels.items()]
        for novelty, slope in zip(self.novelties, self.slopes, strict=True):
            parts.append(slope * novelty(scaled[novelty.source]))
        return np.asarray(np.sum(parts, axis=0) + self.bias)


def fit_music(
    scaled: Mapping[str, Floats], is_music: NDArray[np.bool_], kinds: NDArray[np.str_]
) -> MusicHead:
    """Fit to rows of songs and of sounds that are no music.

    Args:
        scaled: by source, (n, dims) standardised columns.
        is_music: (n,)
        kinds: (n,) of corpus or of sound; within music and within the rest they count the same.
    """
    masks = {name: mask for name in scaled if (mask := _usable(name)).any()}
    networks = [name for name in scaled if _has_embedding(name)]
    columns = [scaled[name][:, mask] / np.sqrt(mask.sum()) for name, mask in masks.items()]
    for name in networks:
        outside = _unseen_novelty(name, scaled[name], is_music, kinds)
        columns.append(_UNITS * outside[:, None])
    *slopes, bias = _fit(np.concatenate(columns, axis=1), is_music, kinds).tolist()
    kernels, start = {}, 0
    for name, mask in masks.items():
        count = int(mask.sum())
        kernels[name] = np.zeros(len(mask))
        kernels[name][mask] = np.array(slopes[start : start + count]) / np.sqrt(count)
        start += count
    return MusicHead(
        kernels,
        bias,
        tuple(Novelty.of(name, scaled[name][is_music]) for name in networks),
        tuple(_UNITS * slope for slope in slopes[start:]),
    )


def _fit(x: Floats, is_music: NDArray[np.bool_], kinds: NDArray[np.str_]) -> Floats:
    """Slopes and bias, (dims + 1,), of (n, dims); the odds of music in the bias."""
    sign, weights = np.where(is_music, 1.0, -1.0), _weights(is_music, kinds)

    def loss(vector: Floats) -> tuple[float, Floats]:
        margin = sign * (x @ vector[:-1] + vector[-1])
        slope = -weights * sign / (1 + np.exp(margin))
        value = weights @ np.logaddexp(0, -margin) + _PENALTY / 2 * np.square(vector[:-1]).sum()
        gradient = np.append(x.T @ slope + _PENALTY * vector[:-1], slope.sum())
        return float(value), gradient

    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B").x
    found[-1] += np.log(_ODDS)
    return np.asarray(found)


def _unseen_novelty(
    source: str, values: Floats, is_music: NDArray[np.bool_], kinds: NDArray[np.str_]
) -> Floats:
    """(n,) novelty; of songs, to the subspace of the other corpora: theirs to their own is less."""
    found = Novelty.of(source, values[is_music])(values)
    for corpus in np.unique(kinds[is_music]):
        mine = is_music & (kinds == corpus)
        if (is_music & ~mine).any():
            found[mine] = Novelty.of(source, values[is_music & ~mine])(values[mine])
    return found


def _has_embedding(source: str) -> bool:
    """Whether its columns are a network's, an embedding before the tags."""
    return bool(SOURCES[source].network) and SOURCES[source].first_tag > 0


def _usable(source: str) -> NDArray[np.bool_]:
    """(dims,) the columns of AudioSet's names that count."""
    kind = SOURCES[source]
    mask = np.zeros(kind.dims, bool)
    if kind.network == "audioset":
        mask[kind.first_tag :] = np.isin(kind.tags, NAMES)
    return mask


def _weights(is_music: NDArray[np.bool_], kinds: NDArray[np.str_]) -> Floats:
    """(n,) of sum 1: music and the rest count the same, within each the kinds."""
    weights = np.zeros(len(kinds))
    for side in (is_music, ~is_music):
        names = np.unique(kinds[side])
        for name in names:
            rows = side & (kinds == name)
            weights[rows] = 0.5 / len(names) / rows.sum()
    return weights
