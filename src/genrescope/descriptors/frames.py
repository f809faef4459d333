"""What every descriptor begins with: a signal cut into frames, and a window."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def frame_view(samples: Floats, length: int, hop: int) -> Floats:
    """All whole frames of a signal, as a read-only view: nothing is copied.

    Args:
        samples: shape (n,).
        length: samples in a frame.
        hop: samples from one frame's beginning to the next one's.

    Returns:
        Shape ((n - length) // hop + 1, length); no rows where n < length.
    """
    if samples.size < length:
        return samples[:0].reshape(0, length)
    return np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]


def padded_frames(samples: Floats, length: int) -> Floats:
    """The signal cut into frames without overlap, the last one filled up with zeros.

    Args:
        samples: shape (n,).
        length: samples in a frame.

    Returns:
        Shape (ceil(n / length), length); a view where n is a multiple of `length`.
    """
    missing = -samples.size % length
    if missing:
        samples = np.concatenate([samples, np.zeros(missing, samples.dtype)])
    return samples.reshape(-1, length)


def raised_cosine(length: int, *, floor: float = 0.0, symmetric: bool) -> NDArray[np.float64]:
    """The window `a - (1 - a) cos(2 pi i / d)` with `a = (1 + floor) / 2`.

    Args:
        length: samples in the window.
        floor: value at the first sample: 0 is a Hann window, 0.08 a Hamming window.
        symmetric: True ends at `floor` again (d = length - 1); False is periodic (d = length).

    Returns:
        Shape (length,).
    """
    divisor = length - 1 if symmetric else length
    middle = (1.0 + floor) / 2.0
    return middle - (1.0 - middle) * np.cos(2.0 * np.pi * np.arange(length) / divisor)
