"""The change of rate that the jMIR files of the Million Song Dataset went through."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.frames import Floats

_LEADING_ZEROS = 3
_FULL_SCALE = 32768


def to_int16(samples: Floats) -> NDArray[np.int16]:
    """Samples of full scale 1 as 16-bit numbers, rounded and clipped; of the same shape."""
    scaled = np.rint(samples * _FULL_SCALE)
    return np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)


def linear_upsample(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Twice the rate by linear interpolation of 16-bit samples, without a low-pass filter.

    As in the Java runtime: three zeros come first, the signal before its first sample is zero,
    and midpoints are truncated towards zero. Mirror images above the old Nyquist frequency stay.

    Args:
        samples: shape (..., n).

    Returns:
        Shape (..., 2 n + 3).
    """
    length = samples.shape[-1]
    doubled = np.zeros((*samples.shape[:-1], _LEADING_ZEROS + 2 * length), np.int16)
    doubled[..., _LEADING_ZEROS + 1 :: 2] = samples
    sums = samples.astype(np.int32)
    sums[..., 1:] += samples[..., :-1]
    doubled[..., _LEADING_ZEROS::2] = np.sign(sums) * (np.abs(sums) // 2)
    return doubled


def as_msd(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Samples at 22.05 kHz as the published files' extractor saw them at 44.1 kHz.

    Args:
        samples: shape (n,) or (channels, n), full scale 1.

    Returns:
        Shape (..., 2 n + 3), full scale 1.
    """
    return linear_upsample(to_int16(samples)) / float(_FULL_SCALE)
