"""Layers of our own: input statistics that live inside the model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import Matrix
from genrescope.learning.backend import keras
from genrescope.learning.quantiles import KNOTS, QuantileTransform

_IQR_OF_NORMAL = 1.349  # interquartile range of a normal distribution with deviation 1
LIMIT = 5.0  # standardised inputs are clipped here: a broken recording must not dominate


@keras.saving.register_keras_serializable(package="genrescope")
class Standardise(keras.layers.Layer):  # type: ignore[misc]
    """Standardises each column, after compressing its tails: asinh of the robust z-score.

    y = clip((asinh((x - median) / spread) - mean) / deviation, -5, 5), with the four statistics of
    the training rows kept as weights, so that the saved model takes raw descriptors. Descriptors
    are sums of powers and their moments: their tails span orders of magnitude, and asinh is linear
    near the median and logarithmic far from it, on both sides.
    """

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create the statistics, (dims,) each."""
        for name in ("median", "mean"):
            setattr(self, name, self._statistic(name, shape[-1], "zeros"))
        for name in ("spread", "deviation"):
            setattr(self, name, self._statistic(name, shape[-1], "ones"))

    def _statistic(self, name: str, dims: int | None, value: str) -> Any:
        return self.add_weight(name=name, shape=(dims,), initializer=value, trainable=False)

    def adapt(self, matrix: Matrix) -> None:
        """Take the statistics from `matrix` (rows, dims); constant columns come out as 0."""
        values = np.asarray(matrix, dtype=np.float64)
        low, median, high = np.percentile(values, [25, 50, 75], axis=0)
        spread = (high - low) / _IQR_OF_NORMAL
        spread = _positive(np.where(spread > 0, spread, values.std(axis=0)))
        compressed = np.arcsinh((values - median) / spread)
        self.median.assign(median)
        self.spread.assign(spread)
        self.mean.assign(compressed.mean(axis=0))
        self.deviation.assign(_positive(compressed.std(axis=0)))

    def call(self, inputs: Any) -> Any:
        """(batch, dims) to (batch, dims)."""
        compressed = keras.ops.arcsinh((inputs - self.median) / self.spread)
        standard = (compressed - self.mean) / self.deviation
        return keras.ops.clip(standard, -LIMIT, LIMIT)


@keras.saving.register_keras_serializable(package="genrescope")
class RankGaussian(keras.layers.Layer):  # type: ignore[misc]
    """Maps each column so that the training rows' values are normally distributed.

    See `genrescope.learning.quantiles.QuantileTransform`, whose polylines are kept as weights, so
    that the saved model takes raw descriptors.
    """

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create the polylines: `least` (dims,), the others (segments, dims)."""
        self.least = self._line("least", (shape[-1],), "zeros")
        for name, value in (("start", "zeros"), ("width", "ones"), ("rise", "zeros")):
            setattr(self, name, self._line(name, (KNOTS - 1, shape[-1]), value))

    def _line(self, name: str, shape: tuple[int | None, ...], value: str) -> Any:
        return self.add_weight(name=name, shape=shape, initializer=value, trainable=False)

    def adapt(self, matrix: Matrix) -> None:
        """Take the polylines from `matrix` (rows, dims)."""
        lines = QuantileTransform.of(matrix, KNOTS)
        for name in ("start", "width", "rise", "least"):
            getattr(self, name).assign(getattr(lines, name))

    def call(self, inputs: Any) -> Any:
        """(batch, dims) to (batch, dims)."""
        result = self.least
        lines = (self.start, self.width, self.rise)
        tables = (keras.ops.unstack(keras.ops.convert_to_tensor(line)) for line in lines)
        for start, width, rise in zip(*tables, strict=True):
            result = result + rise * keras.ops.clip((inputs - start) / width, 0.0, 1.0)
        return result


Adaptive = (Standardise, RankGaussian)
"""Layers that take statistics of the training rows before training."""


def _positive(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """`values` with 1 where division would be by (nearly) nothing."""
    return np.where(values > 1e-12, values, 1.0)
