"""Zero crossings of each frame, as Marsyas and as jMIR count them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.frames import Floats


def strict_crossings(frames: Floats) -> NDArray[np.uint16]:
    """Neighbours of opposite sign: a sample that is exactly zero hides a crossing.

    Args:
        frames: shape (t, n).

    Returns:
        Shape (t,), from 0 to n - 1.
    """
    above, below = frames > 0, frames < 0
    return _count((above[:, :-1] & below[:, 1:]) | (below[:, :-1] & above[:, 1:]))


def departures(frames: Floats) -> NDArray[np.uint16]:
    """Samples on another side of zero than the one before: leaving zero counts, reaching it not.

    Args:
        frames: shape (t, n).

    Returns:
        Shape (t,), from 0 to n - 1.
    """
    above, below = frames > 0, frames < 0
    return _count((above[:, 1:] > above[:, :-1]) | (below[:, 1:] > below[:, :-1]))


def _count(marks: NDArray[np.bool_]) -> NDArray[np.uint16]:
    # Summed as bytes: three times as fast as counting booleans, and wide enough for a frame.
    counts: NDArray[np.uint16] = marks.view(np.uint8).sum(axis=1, dtype=np.uint16)
    return counts
