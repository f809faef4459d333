"""Moments of the area of ten successive magnitude spectra, as jMIR defines them.

The original adds the raw moments of each window to those of all windows before it, so the values
grow with the length of the clip. That is kept: every published table shows it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPECTRA = 10
DIMENSIONS = 10
_EXPONENTS = ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (0, 3))  # of age and of bin


def area_method_of_moments(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum, means and central moments (as the original has them) over age and bin.

    Args:
        sums: `power_sums` of all windows of the clip, shape (w, 4 or more).

    Returns:
        Shape (w, 10); NaN for the first 9 windows, 0 where the ten spectra are silent.
    """
    values = np.full((len(sums), DIMENSIONS), np.nan)
    if len(sums) >= SPECTRA:
        values[SPECTRA - 1 :] = _central(*_running_moments(sums))
    return values


def _running_moments(
    sums: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum of each area, shape (w - 9,), and running totals of its raw moments, (w - 9, 7)."""
    age = np.arange(SPECTRA, dtype=np.float64)

    def over_age(bin_power: int, age_power: int) -> NDArray[np.float64]:
        return np.convolve(sums[:, bin_power], age**age_power, "valid")

    total = over_age(0, 0)
    raw = np.stack([over_age(bin_power, age_power) for age_power, bin_power in _EXPONENTS], axis=1)
    return total, np.cumsum(raw / np.where(total > 0, total, 1)[:, None], axis=0)


def _central(total: NDArray[np.float64], running: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y, xx, xy, yy, xxx, yyy = running.T
    values = np.stack(
        [
            total,
            x,
            y,
            xx - x**2,
            xy - x * y,
            yy - y**2,
            2 * x**3 - 3 * x * xx + xxx,
            2 * x * xy,  # named the moment x x y; its other terms cancel in the original
            2 * y * xy,
            2 * y**3 - 3 * y * yy + yyy,
        ],
        axis=1,
    )
    return np.where(total[:, None] > 0, values, 0.0)
