"""Music or not: a logistic regression on the columns of a model's sources.

Of AudioSet's network only the logits of a few names count, which mean music and its opposites to
it without our teaching; of musicnn, which knows music only, all columns do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from evidence import SOURCES, Floats

NAMES = ("Music", "Musical instrument", "Singing", "Song", "Speech", "Noise", "Vehicle", "Silence")
_PENALTY = 0.02
_ODDS = 9  # music to anything else among the audio files of a person; in training they are even


@dataclass(frozen=True, eq=False)
class MusicHead:
    """The logit that it is music, linear in standardised columns.

    Attributes:
        kernels: by source, (dims,).
        bias: added.
    """

    kernels: Mapping[str, Floats]
    bias: float

    def logits(self, scaled: Mapping[str, Floats]) -> Floats:
        """(n,) of standardised columns by source."""
        parts = [scaled[name] @ kernel for name, kernel in self.kernels.items()]
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
    named = any(SOURCES[name].network == "audioset" for name in scaled)
    masks = {name: _usable(name) if named else np.ones(SOURCES[name].dims, bool) for name in scaled}
    masks = {name: mask for name, mask in masks.items() if mask.any()}
    x = np.concatenate(
        [scaled[name][:, mask] / np.sqrt(mask.sum()) for name, mask in masks.items()],
        axis=1,
    )
    sign, weights = np.where(is_music, 1.0, -1.0), _weights(is_music, kinds)

    def loss(vector: Floats) -> tuple[float, Floats]:
        margin = sign * (x @ vector[:-1] + vector[-1])
        slope = -weights * sign / (1 + np.exp(margin))
        value = weights @ np.logaddexp(0, -margin) + _PENALTY / 2 * np.square(vector[:-1]).sum()
        gradient = np.append(x.T @ slope + _PENALTY * vector[:-1], slope.sum())
        return float(value), gradient

    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B").x
    kernels, start = {}, 0
    for name, mask in masks.items():
        count = int(mask.sum())
        kernels[name] = np.zeros(len(mask))
        kernels[name][mask] = found[start : start + count] / np.sqrt(count)
        start += count
    return MusicHead(kernels, float(found[-1] + np.log(_ODDS)))


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
