"""Modulation Variance Descriptor.

Lidy, Mayer, Rauber, Ponce de León, Pertusa, Iñesta: A Cartesian ensemble of feature subspace
classifiers for music categorization, ISMIR 2010.
"""

from __future__ import annotations

import numpy as np

from genrescope.descriptors.frames import Floats
from genrescope.descriptors.tuwien.statistics import seven_statistics


def modulation_variance(modulation: Floats, *, variant_2012: bool = False) -> Floats:
    """The seven statistics, over the bands, of the amplitudes at each modulation frequency.

    Args:
        modulation: shape (k, 24, 60), from `modulation_spectrum`.
        variant_2012: see `seven_statistics`.

    Returns:
        Shape (k, 7, 60): one matrix per segment; the clip's descriptor is their mean.
    """
    by_frequency = np.ascontiguousarray(modulation.swapaxes(-1, -2))
    return seven_statistics(by_frequency, variant_2012=variant_2012)
