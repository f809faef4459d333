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
from genrescope.descriptors.frames import Floats, frame_view, raised_cosine, windowed_spectrum
from genrescope.descriptors.tuwien.loudness import BANDS, BARK_LIMITS, spreading_matrix

FRAME_LENGTHS = {11025: 256, 22050: 512, 44100: 1024}  # samples at each rate: 23 ms
FRAMES = 511  # in a segment
_HOPS = FRAMES + 1  # a segment is 512 hops long: 5.94 s
_FULL_SCALE = 0.0875 * 32768.0  # brings the threshold of hearing to where the curves expect it
_FRAMES_AT_ONCE = 128  # whose spectra stay in the second-level cache


@dataclass(frozen=True)
class FrontEnd:
    """What turns the samples of a segment into the powers of 24 bands.

    Attributes:
        window: shape (length,), scaled so that squared spectra are powers.
        bands: shape (2 * (length // 2 + 1), 24); the two equal rows of a bin meet the squares of
            its real and its imaginary part.
    """

    window: Floats
    bands: Floats
    dtype: Precision


def segment_samples(rate: int) -> int:
    """Samples in a segment: 2**16, 2**17 or 2**18."""
    return _HOPS * FRAME_LENGTHS[rate] // 2


@lru_cache(maxsize=16)
def front_end(rate: int, masking: bool, variant_2012: bool, dtype: Precision) -> FrontEnd:
    """The window and the matrix for a rate, with all constant factors folded in.

    Args:
        rate: 11025, 22050 or 44100 Hz.
        masking: spread the power of each band over its neighbours.
        variant_2012: count the Nyquist bin once; by default it is doubled like all others.
        dtype: precision of both.
    """
    length = FRAME_LENGTHS[rate]
    hann = raised_cosine(length, symmetric=True)
    window = hann * (_FULL_SCALE / np.sqrt(2.0 * np.pi * np.sum(hann**2)))
    weights = np.full(length // 2 + 1, 2.0)
    weights[0] = 1.0
    if variant_2012:
        weights[-1] = 1.0
    bands = bark_grouping(rate) * weights[:, None]
    if masking:
        bands = bands @ spreading_matrix().T
    bands = np.repeat(bands, 2, axis=0)
    return FrontEnd(window.astype(dtype), bands.astype(dtype), dtype)


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


def band_powers(segment: Floats, front: FrontEnd, out: Floats) -> None:
    """Power of each critical band in each frame of one segment.

    Args:
        segment: shape (segment_samples(rate),), in the front end's precision.
        front: what `front_end` gave.
        out: shape (24, 511), overwritten.
    """
    frames = frame_view(segment, front.window.size, front.window.size // 2)
    for start in range(0, FRAMES, _FRAMES_AT_ONCE):
        part = slice(start, start + _FRAMES_AT_ONCE)
        squares = windowed_spectrum(frames[part], front.window, front.dtype).view(front.dtype)
        np.multiply(squares, squares, out=squares)
        out[:, part] = (squares @ front.bands).T
