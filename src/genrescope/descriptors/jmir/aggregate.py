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
    starts = np.isnan(values).sum(axis=0)
    for start in sorted(set(starts[starts < len(values)].tolist())):  # np.unique loads numpy.ma
        columns = starts == start
        existing = values[start:, columns]
        statistics[1, columns] = existing.mean(axis=0)
        if len(existing) > 1:
            statistics[0, columns] = existing.std(axis=0, ddof=1)
    return statistics.reshape(-1)
