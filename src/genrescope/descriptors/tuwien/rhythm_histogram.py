"""Rhythm Histogram.

Lidy, Rauber: Evaluation of feature extractors and psycho-acoustic transformations for music genre
classification, ISMIR 2005.
"""

from __future__ import annotations

from genrescope.descriptors.frames import Floats


def rhythm_histogram(modulation: Floats) -> Floats:
    """Modulation amplitudes added up over the bands, not weighted.

    Args:
        modulation: shape (k, 24, 60), from `modulation_spectrum`.

    Returns:
        Shape (k, 60): one histogram per segment; the clip's descriptor is their median.
    """
    histogram: Floats = modulation.sum(axis=-2)
    return histogram
