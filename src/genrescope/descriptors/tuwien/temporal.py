"""Temporal Statistical Spectrum Descriptor and Temporal Rhythm Histogram.

Lidy, Mayer, Rauber, Ponce de León, Pertusa, Iñesta: A Cartesian ensemble of feature subspace
classifiers for music categorization, ISMIR 2010.
"""

from __future__ import annotations

import numpy as np

from genrescope.descriptors.frames import Floats
from genrescope.descriptors.tuwien.statistics import seven_statistics


def temporal_statistics(vectors: Floats, *, variant_2012: bool = False) -> Floats:
    """The seven statistics of each value over the segments of a clip.

    Of a single segment the variance, skewness and kurtosis are 0. Skewness and kurtosis of
    values that differ by rounding alone are noise.

    Args:
        vectors: shape (k, m): of each segment the spectrum descriptor (TSSD) or the rhythm
            histogram (TRH).
        variant_2012: see `seven_statistics`.

    Returns:
        Shape (7, m).
    """
    return seven_statistics(np.ascontiguousarray(vectors.T), variant_2012=variant_2012)
