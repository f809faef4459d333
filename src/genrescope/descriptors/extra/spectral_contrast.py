"""Spectral contrast: how far the peaks of each band stand above its valleys.

Jiang, Lu, Zhang, Tao, Cai: Music type classification by spectral contrast feature, ICME 2002; here
in bands of half an octave.
"""

from __future__ import annotations

from functools import lru_cache
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
    bands = pairwise(np.searchsorted(hertz, LIMITS).tolist())
    tails = np.stack([_tails(spectra[:, low:high]) for low, high in bands], axis=1)
    valley, peak = np.moveaxis(np.log(tails + _FLOOR), -1, 0)
    values = np.concatenate([peak - valley, valley], axis=1, dtype=np.float64)
    return np.concatenate([values.mean(axis=0), values.std(axis=0)])


def _tails(band: Floats) -> Floats:
    """Mean amplitude of the weakest and of the strongest bins; shape (t, bins) to (t, 2)."""
    weights = _tail_weights(band.shape[1]).astype(band.dtype)
    tails: Floats = np.sort(band, axis=1) @ weights
    return tails


@lru_cache(maxsize=64)
def _tail_weights(bins: int) -> NDArray[np.float64]:
    """The means of both ends of so many values in order, as a matrix (bins, 2)."""
    count = max(1, round(_SHARE * bins))
    weights = np.zeros((bins, 2))
    weights[:count, 0] = weights[-count:, 1] = 1 / count
    return weights
