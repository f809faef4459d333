"""Songs that stand for a collection: near to as many others as possible, and unlike each other.

A song stands for another the better, the nearer both are; each next song is the one that brings the
others nearest to one that is chosen (greedy maximisation of a submodular function, at most 1 - 1/e
from the best choice: Nemhauser, Wolsey, Fisher, Mathematical Programming 14, 1978; as a way to
choose what to label: Wei, Iyer, Bilmes, "Submodularity in data subset selection and active
learning", ICML 2015).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_FARTHEST = 4.0  # squared distance between opposite units


def covering(
    units: ArrayLike, count: int, *, weights: ArrayLike | None = None, known: ArrayLike = ()
) -> NDArray[np.int64]:
    """(k,) positions of songs, the one that stands for most first; k is at most `count`.

    Args:
        units: (n, e) embeddings of length 1; time and memory grow with n squared.
        count: how many are wanted.
        weights: (n,) how much it is worth to stand for a song, not negative; None: all the same.
        known: positions of songs that others are near to already; they are not chosen.
    """
    units = np.asarray(units, dtype=np.float32)
    worth = np.ones(len(units)) if weights is None else np.asarray(weights, dtype=np.float64)
    between = np.maximum(2 - 2 * units @ units.T, 0)
    taken = [int(position) for position in np.asarray(known, dtype=np.int64)]
    nearest = between[taken].min(axis=0, initial=_FARTHEST)
    chosen: list[int] = []
    for _ in range(min(count, len(units) - len(taken))):
        gains = worth @ np.maximum(nearest[:, None] - between, 0)
        gains[taken + chosen] = -1
        chosen.append(int(gains.argmax()))
        nearest = np.minimum(nearest, between[chosen[-1]])
    return np.array(chosen, dtype=np.int64)
