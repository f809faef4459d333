"""Vectors of songs at their own level, brought to the common one without their sound.

Of most GTZAN songs there are SSD and RH only, of the song as loud as it is. Sones grow by about a
power of the amplitude, each band in its own way, so every column is regressed on the song's vector:
ratios where a column is a size, differences where it is a shape. Fitted on the songs of which there
is both.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_RIDGE = 30.0


class LevelMap:
    """A ridge regression from vectors at their own level to vectors at the common level."""

    def __init__(self, natural: NDArray[np.float32], levelled: NDArray[np.float32]) -> None:
        self._sizes = (natural > 0).all(axis=0) & (levelled > 0).all(axis=0)
        features = self._features(natural)
        self._mean, self._spread = features.mean(axis=0), features.std(axis=0) + 1e-9
        target = self._transformed(levelled) - self._transformed(natural)
        self._centre = target.mean(axis=0)
        x = (features - self._mean) / self._spread
        gram = x.T @ x + _RIDGE * np.eye(x.shape[1])
        self._slopes = np.linalg.solve(gram, x.T @ (target - self._centre))

    def __call__(self, natural: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, dims) to (n, dims)."""
        x = np.clip((self._features(natural) - self._mean) / self._spread, -4, 4)
        moved = self._transformed(natural) + self._centre + x @ self._slopes
        return np.where(self._sizes, np.exp(np.where(self._sizes, moved, 0)), moved).astype(
            np.float32
        )

    def _transformed(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        values = values.astype(np.float64)
        return np.where(self._sizes, np.log(np.maximum(values, 1e-9)), values)

    def _features(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(np.arcsinh(self._transformed(values)))
