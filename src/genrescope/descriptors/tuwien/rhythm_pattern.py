"""Rhythm Pattern, also called fluctuation pattern.

Rauber, Pampalk, Merkl: Using psycho-acoustic models and self-organizing maps to create a
hierarchical structuring of music by musical styles, ISMIR 2002.
"""

from __future__ import annotations

from genrescope.descriptors.frames import Floats
from genrescope.descriptors.tuwien.modulation import modulation_frequencies

_HERTZ = modulation_frequencies()
_FLUCTUATION_STRENGTH = 1.0 / (_HERTZ / 4.0 + 4.0 / _HERTZ)  # greatest, 0.5, at 4 Hz


def rhythm_pattern(modulation: Floats) -> Floats:
    """Modulation amplitudes, each weighted by how strongly its frequency is felt.

    Args:
        modulation: shape (k, 24, 60), from `modulation_spectrum`.

    Returns:
        Shape (k, 60, 24): one matrix per segment; the clip's descriptor is their median.
    """
    weighted = modulation * _FLUCTUATION_STRENGTH.astype(modulation.dtype)
    return weighted.swapaxes(-1, -2)
