"""How common each genre is: probabilities for another collection than the one trained on.

A model's probabilities assume the genre shares (the prior) of its training songs. By Bayes' rule
they are moved to those of another collection, provided that songs of one genre sound alike in both:
p_new(y | x) is proportional to p_old(y | x) new(y) / old(y). Where the shares are not known, they
are estimated from the collection itself (Saerens, Latinne, Decaestecker, "Adjusting the outputs of
a classifier to new a priori probabilities", Neural Computation 14(1), 2002).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.errors import DataError

_Floats = NDArray[np.float64]

_MODEL_TOLERANCE = 1e-3  # of shares that a program has written as float32


def correct_prior(probabilities: ArrayLike, old: ArrayLike, new: ArrayLike) -> _Floats:
    """Probabilities that assume genre shares `old`, moved to shares `new`.

    Args:
        probabilities: (..., k), sum 1 over the last axis.
        old: (k,) shares that they assume, all above 0, sum 1.
        new: (k,) shares to assume instead, sum 1; a genre of share 0 is never predicted.

    Returns:
        (..., k) float64, sum 1 over the last axis.

    Raises:
        DataError: shares that are none, or of another number of genres.
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    old, new = (_shares(prior, probabilities.shape[-1:]) for prior in (old, new))
    if old.min() == 0:
        raise DataError("the model's own share of a genre is 0")
    # Zeros are lifted off zero: a song cannot rule out every genre that the new shares allow.
    moved = np.maximum(probabilities, np.finfo(np.float64).tiny) * (new / old)
    return np.asarray(moved / moved.sum(axis=-1, keepdims=True))


def estimate_prior(
    probabilities: ArrayLike,
    old: ArrayLike,
    *,
    pseudo_songs: float = 10.0,
    tolerance: float = 1e-6,
    iterations: int = 1000,
) -> _Floats:
    """Genre shares of a collection, estimated by EM from the probabilities of its songs.

    Repeats: correct the probabilities to the shares so far; take their mean as the new shares. This
    climbs to the most likely shares, if the probabilities are calibrated. Leave out what is not
    music before.

    The most likely share of a genre that does not occur is exactly 0, and no later song could be of
    it. Therefore the collection counts as if it had `pseudo_songs` more, of shares `old`: the mode
    under a Dirichlet prior with parameters 1 + pseudo_songs * old. In a handful of songs that keeps
    the shares near `old`; among thousands it is not felt.

    Args:
        probabilities: (songs, k), each row's sum 1, assuming shares `old`.
        old: (k,) shares, all above 0, sum 1.
        pseudo_songs: not negative; 0 is the estimate of Saerens and others.
        tolerance: largest change of a share at which it stops.
        iterations: most repetitions.

    Returns:
        (k,) float64, sum 1.

    Raises:
        DataError: no songs, or shares that are none, or of another number of genres.
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.ndim != 2 or len(probabilities) == 0:
        raise DataError("there are no songs to estimate genre shares from")
    old = new = _shares(old, probabilities.shape[1:])
    for _ in range(iterations):
        songs = correct_prior(probabilities, old, new).sum(axis=0)
        before, new = new, (songs + pseudo_songs * old) / (len(probabilities) + pseudo_songs)
        if np.abs(new - before).max() <= tolerance:
            break
    return np.asarray(new / new.sum())


def _shares(prior: ArrayLike, shape: tuple[int, ...]) -> _Floats:
    prior = np.asarray(prior, dtype=np.float64)
    if prior.shape != shape:
        raise DataError(f"{prior.shape} shares for {shape} genres")
    if not (
        np.isfinite(prior).all() and prior.min() >= 0 and abs(prior.sum() - 1) <= _MODEL_TOLERANCE
    ):
        raise DataError("genre shares are not negative and sum to 1")
    return np.asarray(prior / prior.sum())
