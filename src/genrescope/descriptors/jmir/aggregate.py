"""Statistics of window features over a clip."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def aggregate(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviations, then averages, of the windows in which a feature exists.

    Args:
        values: shape (w, d); NaN in the first windows, where a feature does not exist yet.

    Returns:
        Shape (2 d,): d sample standard deviations (divisor count - 1), then d averages; 0 for
        the deviation of fewer than two values and for the average of none.
    """
    statistics = np.zeros((2, values.shape[1]))
    rows = np.ascontiguousarray(values.T)  # along rows is faster than down columns
    starts = np.isnan(rows).sum(axis=1)
    for start in sorted(set(starts[starts < len(values)].tolist())):  # np.unique loads numpy.ma
        features = starts == start
        existing = rows[features, start:]
        average = existing.mean(axis=1)
        statistics[1, features] = average
        if existing.shape[1] > 1:
            existing -= average[:, None]
            variance = np.vecdot(existing, existing) / (existing.shape[1] - 1)
            statistics[0, features] = np.sqrt(variance)
    return statistics.reshape(-1)
