"""From samples to the extra sets of a clip that need no sonogram; they share their spectra."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.extra.band_correlation import correlation_of_spectra
from genrescope.descriptors.extra.magnitudes import FRAME, frame_length, magnitudes
from genrescope.descriptors.extra.mel_patches import mel_patches
from genrescope.descriptors.extra.mel_patches import needed_samples as needed_for_patches
from genrescope.descriptors.extra.spectral_contrast import contrast_of_spectra
from genrescope.descriptors.extra.tonality import PITCH_FRAME, tonality

_OF_SPECTRA = {
    "spectral_contrast": contrast_of_spectra,
    "band_correlation": correlation_of_spectra,
}
_FRAMES = {**dict.fromkeys(_OF_SPECTRA, FRAME), "tonality": PITCH_FRAME}  # seconds
SPECTRUM_SETS = (*_FRAMES, "mel_patches")


def needed_samples(name: str, rate: int) -> int:
    """Samples that one of `SPECTRUM_SETS` needs: one frame, or a second of them."""
    if name == "mel_patches":
        return needed_for_patches(rate)
    return frame_length(rate, _FRAMES[name])


def describe_spectra(
    samples: NDArray[Any], rate: int, sets: Collection[str] = SPECTRUM_SETS
) -> dict[str, NDArray[np.float64]]:
    """The sets of a clip.

    Args:
        samples: shape (n,), floating point, full scale 1; its precision is that of the spectra.
        rate: Hz, at least 16,000 but for `tonality`, 20,000 for `mel_patches`.
        sets: which of `SPECTRUM_SETS`.

    Returns:
        By set, one vector in the order of `genrescope.featuresets`.

    Raises:
        UsageError: not samples of one channel.
        AudioError: too short for a frame, not finite, or of a lower rate.
    """
    vectors: dict[str, NDArray[np.float64]] = {}
    if shared := [name for name in sets if name in _OF_SPECTRA]:
        spectra, hertz = magnitudes(samples, rate, FRAME)
        vectors |= {name: _OF_SPECTRA[name](spectra, hertz) for name in shared}
    if "tonality" in sets:
        vectors["tonality"] = tonality(samples, rate)
    if "mel_patches" in sets:
        vectors["mel_patches"] = mel_patches(samples, rate)
    return vectors
