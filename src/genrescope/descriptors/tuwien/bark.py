"""How much power each critical band has over time.

Pampalk, Rauber, Merkl: Content-based organization and visualization of music archives, ACM
Multimedia 2002.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.blocks import Precision
from genrescope.descriptors.frames import Floats, frame_view, raised_cosine
from genrescope.descriptors.tuwien.loudness import BANDS, BARK_LIMITS, spreading_matrix

FRAME_LENGTHS = {11025: 256, 22050: 512, 44100: 1024}  # samples at each rate: 23 ms
FRAMES = 511  # in a segment
_HOPS = FRAMES + 1  # a segment is 512 hops long: 5.94 s
_FULL_SCALE = 0.0875 * 32768.0  # brings the threshold of hearing to where the curves expect it
_FRAMES_AT_ONCE = 128  # whose spectra stay in the second-level cache
_LOW_BANDS, _LOW_BINS = 15, 63  # bins 0 to 62 hold the bands 1 to 15, at each rate


def segment_samples(rate: int) -> int:
    """Samples in a segment: 2**16, 2**17 or 2**18."""
    return _HOPS * FRAME_LENGTHS[rate] // 2


def bark_grouping(rate: int) -> NDArray[np.float64]:
    """Which critical band each bin of the spectrum belongs to.

    Returns:
        Shape (length // 2 + 1, 24), 1 where the bin lies in the band, else 0. Bands above half
        the rate stay empty, bins above 15.5 kHz belong to none.
    """
    length = FRAME_LENGTHS[rate]
    hertz = np.arange(length // 2 + 1) * (rate / length)
    band = np.searchsorted(BARK_LIMITS, hertz, side="right") - 1
    return np.asarray(band[:, None] == np.arange(BANDS), dtype=np.float64)


@dataclass(frozen=True)
class _Constants:
    """What the samples are multiplied by, with all constant factors folded in.

    Attributes:
        window: shape (length,).
        low: shape (126, 15), high: shape (length + 2 - 126, 9), from squares to bands.
        spreading: shape (24, 24), or None.
    """

    window: Floats
    low: Floats
    high: Floats
    spreading: Floats | None


@lru_cache(maxsize=16)
def _constants(rate: int, masking: bool, variant_2012: bool, dtype: Precision) -> _Constants:
    length = FRAME_LENGTHS[rate]
    hann = raised_cosine(length, symmetric=True)
    # The transform divides by the length, see BandPowers.
    scale = _FULL_SCALE * length / np.sqrt(2.0 * np.pi * np.sum(hann**2))
    weights = np.full(length // 2 + 1, 2.0)
    weights[0] = 1.0
    weights[-1] = 1.0 if variant_2012 else 2.0
    # The two equal rows of a bin meet the squares of its real and its imaginary part.
    bands = np.repeat(bark_grouping(rate) * weights[:, None], 2, axis=0).astype(dtype)
    return _Constants(
        window=(hann * scale).astype(dtype),
        low=np.ascontiguousarray(bands[: 2 * _LOW_BINS, :_LOW_BANDS]),
        high=np.ascontiguousarray(bands[2 * _LOW_BINS :, _LOW_BANDS:]),
        spreading=spreading_matrix().T.astype(dtype) if masking else None,
    )


class BandPowers:
    """Power of each critical band in each frame of a segment.

    Keeps the buffers of the spectra: fresh ones for each segment would cost page faults.
    """

    def __init__(self, rate: int, *, masking: bool, variant_2012: bool, dtype: Precision) -> None:
        """Prepare for the segments of a clip.

        Args:
            rate: 11025, 22050 or 44100 Hz.
            masking: spread the power of each band over its neighbours.
            variant_2012: count the Nyquist bin once; by default it is doubled like all others.
            dtype: precision of samples and powers.
        """
        length = FRAME_LENGTHS[rate]
        self._with = _constants(rate, masking, variant_2012, dtype)
        self._frames = np.empty((_FRAMES_AT_ONCE, length), dtype)
        self._spectra = np.empty((_FRAMES_AT_ONCE, length // 2 + 1), np.result_type(dtype, 1j))

    def __call__(self, segment: Floats, out: Floats) -> None:
        """Measure one segment.

        Args:
            segment: shape (segment_samples(rate),).
            out: shape (24, 511), overwritten.
        """
        length = self._with.window.size
        frames = frame_view(segment, length, length // 2)
        powers = np.empty((FRAMES, BANDS), out.dtype)
        for start in range(0, FRAMES, _FRAMES_AT_ONCE):
            part = slice(start, start + _FRAMES_AT_ONCE)
            self._group(self._squares(frames[part]), powers[part])
        if self._with.spreading is not None:
            powers = powers @ self._with.spreading
        np.copyto(out, powers.T)

    def _squares(self, frames: Floats) -> Floats:
        """Squares of the real and the imaginary part of each bin, in turn."""
        windowed = np.multiply(frames, self._with.window, out=self._frames[: len(frames)])
        # With its default scaling NumPy computes single precision in double, with "forward" not.
        spectra = np.fft.rfft(windowed, norm="forward", out=self._spectra[: len(frames)])
        parts: Floats = spectra.view(windowed.dtype)
        return np.square(parts, out=parts)

    def _group(self, squares: Floats, out: Floats) -> None:
        """Sums over the bands: two small matrix products take less than one with many zeros."""
        np.matmul(squares[:, : 2 * _LOW_BINS], self._with.low, out=out[:, :_LOW_BANDS])
        np.matmul(squares[:, 2 * _LOW_BINS :], self._with.high, out=out[:, _LOW_BANDS:])
