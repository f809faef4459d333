"""Linear prediction as jMIR keeps it: negated reflection coefficients of the Levinson recursion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.frames import Floats

_ORDER = 9
DIMENSIONS = 10  # the last is always 0


def autocorrelation(windows: Floats) -> NDArray[np.float64]:
    """Sums of products at the lags 0..9, without a window function.

    Args:
        windows: shape (w, n), float64.

    Returns:
        Shape (w, 10).
    """
    length = windows.shape[1]
    lags = np.empty((len(windows), _ORDER + 1))
    for k in range(_ORDER + 1):
        np.vecdot(windows[:, : length - k], windows[:, k:], out=lags[:, k])
    return lags


def reflection_coefficients(correlation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Negated reflection coefficients of orders 1..9 and a 0; all 0 in silence.

    Args:
        correlation: `autocorrelation`, shape (w, 10).

    Returns:
        Shape (w, 10), from -1 to 1.
    """
    lags = np.ascontiguousarray(correlation.T)
    silent = lags[0] <= 0
    error = np.where(silent, 1.0, lags[0])
    predictor = np.zeros((_ORDER, lags.shape[1]))
    output = np.zeros((DIMENSIONS, lags.shape[1]))
    for order in range(1, _ORDER + 1):
        earlier = predictor[: order - 1]
        reflection = (lags[order] - np.sum(earlier * lags[order - 1 : 0 : -1], axis=0)) / error
        earlier -= reflection * earlier[::-1].copy()
        predictor[order - 1] = reflection
        output[order - 1] = -reflection
        error *= 1.0 - reflection**2
    return np.where(silent, 0.0, output).T
