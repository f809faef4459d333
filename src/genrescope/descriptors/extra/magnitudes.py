"""Magnitudes of the spectra of overlapping frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.frames import Floats, frame_view, raised_cosine
from genrescope.errors import AudioError, UsageError

FRAME = 0.093
"""Seconds of a frame that describes timbre: bins of 11 Hz."""

_FRAMES_AT_ONCE = 64  # whose spectra stay in the cache


def frame_length(rate: int, seconds: float) -> int:
    """Samples in a frame: the power of two that is nearest to so many seconds."""
    return int(2 ** round(np.log2(seconds * rate)))


def magnitudes(samples: NDArray[Any], rate: int, seconds: float) -> tuple[Floats, Floats]:
    """Amplitude spectra of Hann-windowed frames that overlap by half.

    Args:
        samples: shape (n,), floating point, full scale 1.
        rate: Hz.
        seconds: length of a frame; see `frame_length`.

    Returns:
        Shape (t, bins), in which a sine of amplitude 1 at a bin's centre is 1, in the samples'
        precision; and the bins' frequencies in Hz, shape (bins,).

    Raises:
        UsageError: not floating point, or more than one axis.
        AudioError: too short for one frame, or a sample is not finite.
    """
    length = frame_length(rate, seconds)
    count = max(0, (samples.size - length) // (length // 2) + 1)
    result = np.empty((count, length // 2 + 1), samples.dtype)
    for _ in magnitude_blocks(samples, rate, seconds, result):
        pass
    return result, frequencies(rate, seconds)


def frequencies(rate: int, seconds: float) -> Floats:
    """Frequencies in Hz of the bins of frames of so many seconds, shape (bins,)."""
    return np.fft.rfftfreq(frame_length(rate, seconds), 1.0 / rate)


def magnitude_blocks(
    samples: NDArray[Any], rate: int, seconds: float, out: Floats | None = None
) -> Iterator[Floats]:
    """As `magnitudes`, some frames at a time, so that what is made of them is made in the cache.

    Yields:
        Shape (t, bins), t at most 64: rows of `out` where it is given, (frames, bins); otherwise
        the next ones overwrite them.
    """
    length = frame_length(rate, seconds)
    frames = _frames(samples, rate, length)
    window = raised_cosine(length, symmetric=False)
    window = (window * (2.0 * length / window.sum())).astype(samples.dtype)
    windowed = np.empty((_FRAMES_AT_ONCE, length), samples.dtype)
    spectra = np.empty((_FRAMES_AT_ONCE, length // 2 + 1), np.result_type(samples, 1j))
    kept = np.empty(spectra.shape, samples.dtype)
    for start in range(0, len(frames), _FRAMES_AT_ONCE):
        part = slice(start, start + _FRAMES_AT_ONCE)
        rows = slice(len(frames[part]))
        np.multiply(frames[part], window, out=windowed[rows])
        np.fft.rfft(windowed[rows], norm="forward", out=spectra[rows])
        block: Floats = np.abs(spectra[rows], out=kept[rows] if out is None else out[part])
        if not np.isfinite(block).all():
            raise AudioError(
                "a sample is not a finite number", remedy="decode the file again or leave it out"
            )
        yield block


def _frames(samples: NDArray[Any], rate: int, length: int) -> Floats:
    """The frames, at least one."""
    if samples.dtype.kind != "f" or samples.ndim != 1:
        raise UsageError(
            f"samples of type {samples.dtype} and shape {samples.shape} cannot be described",
            remedy="give floating-point samples of shape (n,)",
        )
    if samples.size < length:
        raise AudioError(
            f"{samples.size / rate:.2f} s is too short: {length / rate:.2f} s needed",
            remedy="leave the file out",
        )
    return frame_view(samples, length, length // 2)


def check_reach(hertz: Floats, highest: float) -> None:
    """Raises: AudioError where the bins' frequencies, (bins,), end below the highest needed."""
    if hertz[-1] < highest:
        raise AudioError(
            f"a sampling rate of {2 * hertz[-1]:.0f} Hz does not reach {highest:.0f} Hz",
            remedy=f"give at least {2 * highest:.0f} Hz",
        )
