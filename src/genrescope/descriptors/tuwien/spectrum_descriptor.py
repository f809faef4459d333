"""Statistical Spectrum Descriptor.

Lidy, Rauber: Evaluation of feature extractors and psycho-acoustic transformations for music genre
classification, ISMIR 2005.
"""

from __future__ import annotations

from genrescope.descriptors.frames import Floats
from genrescope.descriptors.tuwien.statistics import seven_statistics


def statistical_spectrum(sones: Floats, *, variant_2012: bool = False) -> Floats:
    """The seven statistics of each band's loudness over the frames of a segment.

    Args:
        sones: shape (k, 24, 511), from `sonogram`.
        variant_2012: see `seven_statistics`.

    Returns:
        Shape (k, 7, 24): one matrix per segment; the clip's descriptor is their mean.
    """
    return seven_statistics(sones, variant_2012=variant_2012)
