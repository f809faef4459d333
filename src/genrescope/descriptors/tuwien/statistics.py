"""The seven statistics by which the TU Wien sets describe a distribution of values.

Lidy, Rauber: Evaluation of feature extractors and psycho-acoustic transformations for music genre
classification, ISMIR 2005.
"""

from __future__ import annotations

import numpy as np

from genrescope.descriptors.frames import Floats


def seven_statistics(values: Floats, *, variant_2012: bool = False) -> Floats:
    """Mean, variance, skewness, kurtosis, median, minimum and maximum of each row.

    Skewness is m3 / m2^1.5, kurtosis m4 / m2^2 (3 for a normal distribution), with the plain
    moments. Of rows whose values are all equal both are 0; also where the variance is nothing but
    the rounding of the mean.

    Args:
        values: shape (..., m, n), n >= 1.
        variant_2012: divide the variance by n - 1 instead of n, and call skewness and kurtosis of
            equal values 1, as in the files published in 2012.

    Returns:
        Shape (..., 7, m), same dtype.
    """
    kind = values.dtype.type
    n = values.shape[-1]
    ordered = np.sort(values, axis=-1)
    mean = values.mean(axis=-1)
    deviation = values - mean[..., None]
    squares = deviation * deviation
    m2 = np.add.reduce(squares, axis=-1) / kind(n)
    m3 = np.vecdot(squares, deviation) / kind(n)
    m4 = np.vecdot(squares, squares) / kind(n)

    equal = ordered[..., 0] == ordered[..., -1]
    m2[equal] = 0.0
    # Nothing but rounding, or so little that its square is no number of this precision.
    undefined = (m2 <= (np.finfo(kind).eps * mean) ** 2) | (m2 * m2 < np.finfo(kind).tiny)
    divisor = np.where(undefined, kind(1.0), m2)
    skewness = m3 / (divisor * np.sqrt(divisor))
    kurtosis = m4 / (divisor * divisor)
    skewness[undefined] = kurtosis[undefined] = 0.0
    if variant_2012:
        skewness[equal] = kurtosis[equal] = 1.0
        m2 *= kind(n / max(n - 1, 1))
    return np.stack(
        [mean, m2, skewness, kurtosis, middle(ordered), ordered[..., 0], ordered[..., -1]], axis=-2
    )


def middle(ordered: Floats) -> Floats:
    """Median of rows that are in order; shape (..., n) to (...)."""
    n = ordered.shape[-1]
    return 0.5 * (ordered[..., (n - 1) // 2] + ordered[..., n // 2])
