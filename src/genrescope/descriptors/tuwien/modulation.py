"""How strongly the loudness of each critical band fluctuates, by modulation frequency."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.frames import Floats

MODULATION_BINS = 60
_POINTS = 512


def modulation_spectrum(sones: Floats) -> Floats:
    """Amplitude of the loudness modulation of each band.

    The 511 values of a row are followed by one zero; so even a constant row shows an amplitude
    of 1/256 of its value in every bin.

    Args:
        sones: shape (k, 24, 511), from `sonogram`.

    Returns:
        Shape (k, 24, 60), in sone: bins 1 to 60, see `modulation_frequencies`.
    """
    # "forward", of which see BandPowers, divides by the 512 points; twice that is 1/256.
    spectrum = np.fft.rfft(sones, _POINTS, norm="forward")[..., 1 : MODULATION_BINS + 1]
    amplitude: Floats = np.abs(spectrum)
    amplitude *= 2.0
    return amplitude


def modulation_frequencies() -> NDArray[np.float64]:
    """Frequencies of the bins in Hz, the same at each rate: 0.168 to 10.09; shape (60,)."""
    return np.arange(1.0, MODULATION_BINS + 1.0) * (44100.0 / 2**18)
