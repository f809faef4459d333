"""Statistical moments of a magnitude spectrum, as jMIR defines them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.frames import Floats

_ORDERS = 5


def power_sums(magnitude: Floats) -> NDArray[np.float64]:
    """Sums of `k**n * m[k]` over the bins k for n = 0..4.

    Args:
        magnitude: shape (w, bins).

    Returns:
        Shape (w, 5).
    """
    bins = np.arange(magnitude.shape[1], dtype=np.float64)
    powers = np.vander(bins, _ORDERS, increasing=True)
    return magnitude.astype(np.float64, copy=False) @ powers


def method_of_moments(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum, mean, variance, third and fourth central moment of the spectrum over its bins.

    Args:
        sums: `power_sums`, shape (w, 5).

    Returns:
        Shape (w, 5); all 0 in silence.
    """
    total = sums[:, 0]
    first, second, third, fourth = (sums[:, 1:] / np.where(total > 0, total, 1)[:, None]).T
    return np.stack(
        [
            total,
            first,
            second - first**2,
            2 * first**3 - 3 * first * second + third,
            -3 * first**4 + 6 * first**2 * second - 4 * first * third + fourth,
        ],
        axis=1,
    )
