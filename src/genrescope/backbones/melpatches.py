"""Log-mel patches: the input of musicnn.

Pons et al., "End-to-end learning for music audio tagging at scale", ISMIR 2018.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones.mel import MelBands

RATE = 16000  # Hz
BANDS = 96
PATCH = 187  # frames: 3 s

_WINDOW = 512
_HOP = 256
_COMPRESSION = np.float32(10000)
_LOG10 = np.float32(1 / np.log(10))

# Slaney's mel scale: linear below 1 kHz, logarithmic above.
_HZ_A_MEL = 200 / 3
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _HZ_A_MEL  # 15
_LOG_STEP = np.log(6.4) / 27  # 27 mels for a factor of 6.4


def mel_patches(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The patches of a clip, one after the other; what is left over at the end is dropped.

    A clip shorter than one patch is repeated until it fills one.

    Args:
        samples: (n,) float32 at 16,000 Hz, n > 0.

    Returns:
        (patches, 187, 96) float32, at least one patch.
    """
    needed = _HOP * PATCH
    if len(samples) < needed:
        samples = np.resize(samples, needed)
    frames = log_mel(samples)
    count = len(frames) // PATCH
    return frames[: count * PATCH].reshape(count, PATCH, BANDS)


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) samples at 16,000 Hz to (1 + n // 256, 96) float32: log10(10000 mel power + 1)."""
    padded = np.pad(samples.astype(np.float32, copy=False), _WINDOW // 2)
    mel = _bands().energies(padded)
    compressed: NDArray[np.float32] = np.log(_COMPRESSION * mel + np.float32(1))
    return compressed * _LOG10  # three times as fast as log10


@cache
def _bands() -> MelBands:
    """With the periodic Hann window."""
    phase = 2 * np.pi * np.arange(_WINDOW) / _WINDOW
    return MelBands((0.5 - 0.5 * np.cos(phase)).astype(np.float32), _HOP, mel_filters())


@cache
def mel_filters() -> NDArray[np.float32]:
    """(96, 257) triangles of area 1 over frequency, from 0 to 8000 Hz, equally wide in mel."""
    edges = _hz(np.linspace(0.0, _mel(RATE / 2), BANDS + 2))
    bins = np.arange(_WINDOW // 2 + 1) * RATE / _WINDOW
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (bins - low) / (centre - low)
    falling = (high - bins) / (high - centre)
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * (2.0 / (high - low)), dtype=np.float32)


def _mel(hz: float) -> float:
    return _BREAK_MEL + np.log(hz / _BREAK_HZ) / _LOG_STEP if hz > _BREAK_HZ else hz / _HZ_A_MEL


def _hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _BREAK_HZ * np.exp(_LOG_STEP * (np.maximum(mel, _BREAK_MEL) - _BREAK_MEL))
    return np.where(mel > _BREAK_MEL, above, mel * _HZ_A_MEL)
