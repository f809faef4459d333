"""Frames of 512 samples side by side, for the timbre sets, in blocks that stay in the cache."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.frames import Floats, padded_frames
from genrescope.errors import AudioError, UsageError

Precision = Literal["float32", "float64"]

FRAME = 512
"""Samples in a frame, whatever the sampling rate."""

_BLOCK = 128  # frames: half a megabyte in double precision, so that they stay in the cache


def as_channels(samples: NDArray[Any]) -> Floats:
    """The samples as channels by time.

    Args:
        samples: shape (n,) or (channels, n), floating point.

    Returns:
        Shape (channels, n), a view.

    Raises:
        UsageError: not floating point, or neither one nor two axes.
        AudioError: there is not one sample.
    """
    if samples.dtype.kind != "f" or samples.ndim not in (1, 2):
        raise UsageError(
            f"samples of type {samples.dtype} and shape {samples.shape} cannot be described",
            remedy="give floating-point samples of shape (n,) or (channels, n)",
        )
    if samples.size == 0:
        raise AudioError("there are no samples", remedy="leave the file out")
    return np.atleast_2d(samples)


def frame_blocks(samples: NDArray[Any]) -> Iterator[Floats]:
    """The average of the channels, cut into frames of 512 samples, some frames at a time.

    The frames lie side by side; the last one is filled up with zeros. Mixing happens block by
    block: a copy of the whole signal would cost more than its spectra.

    Args:
        samples: shape (n,) or (channels, n), floating point.

    Yields:
        Shape (t, 512), t at most 128; together ceil(n / 512) frames. One channel keeps its
        precision, and whole frames of it are views; averages are float64.

    Raises:
        AudioError: there is not one sample, or one is not finite.
        UsageError: not samples; see `as_channels`.
    """
    channels = as_channels(samples)
    step = _BLOCK * FRAME
    for start in range(0, channels.shape[1], step):
        part = channels[:, start : start + step]
        block = part[0] if len(part) == 1 else part.mean(axis=0, dtype=np.float64)
        if not np.isfinite(block).all():
            raise AudioError(
                f"a sample between {start} and {start + block.size} is not a finite number",
                remedy="decode the file again or leave it out",
            )
        yield padded_frames(block, FRAME)


class Spectrum:
    """Magnitudes of the spectra of windowed frames and their squares, block after block.

    The transform is made in double precision in any case: in single precision it is no faster
    here, and the logarithms of the weakest bins would be those of its rounding errors. Its buffers
    are kept: fresh ones for each block would cost twice the transform in page faults.
    """

    def __init__(self, window: Floats, bins: int, dtype: Precision) -> None:
        """Prepare for blocks of `frame_blocks`.

        Args:
            window: shape (512,).
            bins: how many bins, from 0 on; 257 with the Nyquist bin.
            dtype: precision of the result.
        """
        self._window = window
        self._bins = bins
        self._windowed = np.empty((_BLOCK, FRAME))
        self._spectrum = np.empty((_BLOCK, FRAME // 2 + 1), np.complex128)
        shape = (_BLOCK, bins)
        self._narrowed = np.empty(shape, np.complex64) if dtype == "float32" else None

    def __call__(self, frames: Floats) -> tuple[Floats, Floats]:
        """Magnitude, not scaled, and its square; shape (t, 512) to (t, bins), t at most 128."""
        windowed = self._windowed[: len(frames)]
        np.copyto(windowed, frames)  # converted first: NumPy's product of two types is slower
        windowed *= self._window
        spectrum = np.fft.rfft(windowed, out=self._spectrum[: len(frames)])[:, : self._bins]
        if self._narrowed is None:
            power = spectrum.real**2 + spectrum.imag**2
            return np.sqrt(power), power
        narrowed = self._narrowed[: len(frames)]
        np.copyto(narrowed, spectrum, casting="same_kind")
        magnitude = np.abs(narrowed)  # in single precision faster than two squares
        return magnitude, np.square(magnitude)


def bins_below(power: Floats, share: float) -> NDArray[np.int64]:
    """How many of the bins 0..255 have a cumulative power below a share of the whole.

    The running sum never falls, so it is enough to look for the sixteenth of the spectrum in
    which it passes the threshold, and then into it: a full running sum takes twice as long.

    Args:
        power: shape (t, 256 or more), not negative; bins from 256 on count in the whole only.
        share: of the sum of all bins, strictly below it.

    Returns:
        Shape (t,), from 0 to 256; 0 in silence.
    """
    rows = np.arange(len(power))
    reached = power[:, :256] @ _sixteenths(power.dtype.char)
    threshold = share * (reached[:, -1] + power[:, 256:].sum(axis=1))
    whole = np.minimum((reached < threshold[:, None]).sum(axis=1), 15)
    before = np.where(whole > 0, reached[rows, whole - 1], 0)
    parts = power[:, :256].reshape(len(power), 16, 16)
    within = parts[rows, whole].cumsum(axis=1) < (threshold - before)[:, None]
    counts: NDArray[np.int64] = 16 * whole + within.sum(axis=1)
    return counts


@lru_cache(maxsize=2)
def _sixteenths(dtype: str) -> Floats:
    """Sums up to the end of each sixteenth of 256 bins, as a matrix (256, 16)."""
    sums: Floats = np.kron(np.triu(np.ones((16, 16))), np.ones((16, 1))).astype(dtype)
    return sums
