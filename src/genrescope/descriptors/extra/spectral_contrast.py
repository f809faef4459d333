"""Spectral contrast: how far the peaks of each band stand above its valleys.

Jiang, Lu, Zhang, Tao, Cai: Music type classification by spectral contrast feature, ICME 2002; here
in bands of half an octave.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.extra.magnitudes import FRAME, check_reach, magnitudes
from genrescope.descriptors.frames import Floats

LIMITS = np.concatenate([[0.0], 100.0 * 2.0 ** (np.arange(13) / 2)])
"""Limits of the 13 bands in Hz, shape (14,): 0, 100, 141, 200, ... 6400."""

_SHARE = 0.1  # of a band's bins that are its peaks, and its valleys
_FLOOR = 1e-6  # 120 dB below full scale


def spectral_contrast(samples: NDArray[Any], rate: int) -> NDArray[np.float64]:
    """Mean and standard deviation, over the frames of a clip, of contrast and valley of each band.

    A valley is the logarithm of the mean amplitude of the weakest tenth of a band's bins (at least
    one), a peak that of the strongest tenth; the contrast is peak less valley. Contrast does not
    depend on loudness, a valley moves by its logarithm.

    Args:
        samples: shape (n,), floating point, full scale 1.
        rate: Hz, at least 12,800.

    Returns:
        Shape (52,), in neper: the means of 13 contrasts and 13 valleys, then their deviations.

    Raises:
        UsageError: not samples of one channel.
        AudioError: too short for a frame of 93 ms, not finite, or of a lower rate.
    """
    return contrast_of_spectra(*magnitudes(samples, rate, FRAME))


def contrast_of_spectra(spectra: Floats, hertz: Floats) -> NDArray[np.float64]:
    """As `spectral_contrast`, of `magnitudes`, (t, bins), and their frequencies, (bins,)."""
    check_reach(hertz, LIMITS[-1])
    ends = np.searchsorted(hertz, LIMITS)
    bands = [_contrast(spectra[:, a:b]) for a, b in pairwise(ends)]
    values = np.concatenate(np.stack(bands, axis=-1), axis=-1).astype(np.float64)
    return np.concatenate([values.mean(axis=0), values.std(axis=0)])


def _contrast(band: Floats) -> Floats:
    """Contrast and valley of each frame; shape (t, bins) to (2, t)."""
    ordered = np.sort(band, axis=1)
    count = max(1, round(_SHARE * band.shape[1]))
    valley = np.log(ordered[:, :count].mean(axis=1) + _FLOOR)
    return np.stack([np.log(ordered[:, -count:].mean(axis=1) + _FLOOR) - valley, valley])
