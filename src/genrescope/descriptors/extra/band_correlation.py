"""Which bands of the spectrum grow loud together.

The correlation pattern of Seyerlehner, Widmer, Pohle: Fusing block-level features for music
similarity estimation, DAFx 2010; here of 24 mel bands.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.extra.magnitudes import FRAME, check_reach, magnitudes
from genrescope.descriptors.frames import Floats
from genrescope.descriptors.tuwien.statistics import middle

BANDS = 24
PAIRS = np.triu_indices(BANDS, 1)
"""The two bands of each value, 0-based."""

_BLOCK = 128  # frames: 5.9 s; blocks overlap by half
_LOWEST, _HIGHEST = 40.0, 8000.0  # Hz; what lies above depends on the codec
_FLOOR = 1e-5  # 100 dB below full scale
_LEAST = 1e-3  # dB of deviation from which on a band moves at all


def band_correlation(samples: NDArray[Any], rate: int) -> NDArray[np.float64]:
    """Pearson's correlation of the levels in dB of each two bands, the median over blocks of 5.9 s.

    A band that does not move within a block is not correlated with any. A clip shorter than a block
    is one. Loudness does not matter, but for what falls below -100 dB.

    Args:
        samples: shape (n,), floating point, full scale 1.
        rate: Hz, at least 16,000.

    Returns:
        Shape (276,), from -1 to 1, in the order of `PAIRS`.

    Raises:
        UsageError: not samples of one channel.
        AudioError: too short for a frame of 93 ms, not finite, or of a lower rate.
    """
    return correlation_of_spectra(*magnitudes(samples, rate, FRAME))


def correlation_of_spectra(spectra: Floats, hertz: Floats) -> NDArray[np.float64]:
    """As `band_correlation`, of `magnitudes`, (t, bins), and their frequencies, (bins,)."""
    check_reach(hertz, _HIGHEST)
    bands = mel_bands(round(2 * hertz[-1]), len(hertz)).astype(spectra.dtype)
    level = 20 * np.log10(np.maximum(spectra @ bands, _FLOOR).astype(np.float64))
    length = min(_BLOCK, len(level))
    blocks = np.lib.stride_tricks.sliding_window_view(level, length, axis=0)[:: _BLOCK // 2]
    of_pairs = correlation(blocks.swapaxes(-1, -2))[:, *PAIRS]
    return np.asarray(middle(np.sort(of_pairs.T, axis=-1)))  # np.median loads numpy.ma


def correlation(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlations of the columns, 0 for columns that do not move.

    Args:
        level: shape (..., t, bands).

    Returns:
        Shape (..., bands, bands).
    """
    rows = np.array(level.swapaxes(-1, -2), order="C")
    rows -= rows.mean(axis=-1, keepdims=True)
    spread = rows.std(axis=-1, keepdims=True)
    moves = spread > _LEAST
    rows *= moves / np.where(moves, spread, 1.0) / np.sqrt(rows.shape[-1])
    return np.asarray(rows @ rows.swapaxes(-1, -2))


@lru_cache(maxsize=4)
def mel_bands(rate: int, bins: int) -> NDArray[np.float64]:
    """Weight of each bin in each of 24 triangular bands, spaced evenly in mel; columns sum to 1.

    Args:
        rate: Hz.
        bins: of the spectrum, from 0 Hz to half the rate.

    Returns:
        Shape (bins, 24).
    """
    low, high = 2595 * np.log10(1 + np.array([_LOWEST, _HIGHEST]) / 700)
    edges = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    hertz = np.linspace(0, rate / 2, bins)[:, None]
    rising = (hertz - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - hertz) / np.diff(edges)[1:]
    weights = np.maximum(np.minimum(rising, falling), 0.0)
    return np.asarray(weights / weights.sum(axis=0))
