"""Chroma statistics that no key and no tuning changes.

Chroma: Fujishima: Realtime chord recognition of musical sound, ICMC 1999; tuned peaks instead of
bins: Gómez: Tonal description of polyphonic audio for music content processing, INFORMS Journal on
Computing 18(3), 2006. A song in another key has its chroma rotated, which leaves circular
autocorrelations, entropies and the like as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.extra.magnitudes import magnitudes
from genrescope.descriptors.frames import Floats

_Doubles = NDArray[np.float64]
PITCH_FRAME = 0.186  # seconds: bins of 5.4 Hz, a semitone at 91 Hz
_LOWEST, _HIGHEST = 100.0, 5000.0  # Hz
_LEAST_PEAK = 1e-4  # 80 dB below full scale
_QUIET = 0.02  # of the strongest frame, below which a frame has no pitch
_LAGS = 7  # semitones 0 to 6; the others mirror these


def tonality(samples: NDArray[Any], rate: int) -> _Doubles:
    """Statistics of the chroma of a clip.

    Args:
        samples: shape (n,), floating point, full scale 1.
        rate: Hz.

    Returns:
        Shape (30,): the circular autocorrelation, at lags of 0 to 6 semitones, of the mean chroma
        (7), mean (7) and deviation (7) of that of the frames; how strongly the peaks agree on a
        tuning (0 to 1) and how far it is from 440 Hz (0 to 0.5 semitones); the strongest class over
        the average, and less the second; mean and deviation of the change from frame to frame and
        of the frames' entropy; the mean chroma's entropy, in nat.

    Raises:
        UsageError: not samples of one channel.
        AudioError: too short for a frame of 186 ms, or not finite.
    """
    frame, pitch, weight = _peaks(*magnitudes(samples, rate, PITCH_FRAME))
    offset, agreement = tuning(pitch, weight)
    frames = chroma(frame, pitch - offset, weight)
    mean = frames.mean(axis=0)
    by_frame = _autocorrelation(frames)
    second, first = np.sort(mean)[-2:]
    change = np.abs(np.diff(frames, axis=0, prepend=frames[:1])).sum(axis=1)[1:]
    entropy = _entropy(frames)
    return np.concatenate(
        [
            _autocorrelation(mean),
            by_frame.mean(axis=0),
            by_frame.std(axis=0),
            [agreement, abs(offset), first / mean.mean(), first - second],
            [change.mean(), change.std()] if len(change) else [0.0, 0.0],
            [entropy.mean(), entropy.std(), float(_entropy(mean))],
        ]
    )


def tuning(pitch: _Doubles, weight: _Doubles) -> tuple[float, float]:
    """How far the peaks lie, on the whole, from the semitones.

    Args:
        pitch: shape (peaks,), in semitones.
        weight: shape (peaks,).

    Returns:
        The offset in semitones (-0.5 to 0.5), and the agreement of the peaks (0 to 1).
    """
    total = float(weight.sum())
    resultant = complex(np.sum(weight * np.exp(2j * np.pi * pitch)))
    if total == 0:
        return 0.0, 0.0
    return float(np.angle(resultant) / (2 * np.pi)), abs(resultant) / total


def chroma(frame: NDArray[np.int64], pitch: _Doubles, weight: _Doubles) -> _Doubles:
    """Share of each pitch class in the frames that have a pitch.

    Args:
        frame: shape (peaks,), the frame that each peak is in.
        pitch: shape (peaks,), tuned, in semitones above A.
        weight: shape (peaks,); counts less between two semitones, halfway not at all.

    Returns:
        Shape (frames, 12) from A on, rows sum to 1; one even row where no frame has a pitch.
    """
    if not weight.any():
        return np.full((1, 12), 1 / 12)
    nearest = np.rint(pitch)
    tuned = weight * np.cos(np.pi * (pitch - nearest)) ** 2
    cells = 12 * frame + np.mod(nearest, 12).astype(np.int64)
    classes = np.bincount(cells, tuned, 12 * (int(frame.max()) + 1)).reshape(-1, 12)
    total = classes.sum(axis=1, keepdims=True)
    audible = (total > _QUIET * total.max())[:, 0]
    return np.asarray(classes[audible] / total[audible])


def _peaks(spectra: Floats, hertz: Floats) -> tuple[NDArray[np.int64], _Doubles, _Doubles]:
    """The spectral peaks: frame, pitch in semitones above 440 Hz, square root of the amplitude.

    Each of shape (peaks,).
    """
    inside = np.flatnonzero((hertz > _LOWEST) & (hertz < _HIGHEST))
    first, last = int(inside[0]), int(inside[-1]) + 1
    before, middle, after = (spectra[:, first + i : last + i] for i in (-1, 0, 1))
    peak = (middle > before) & (middle >= after) & (middle > _LEAST_PEAK)
    frame, number = np.nonzero(peak)
    left, top, right = (
        np.log(part[peak].astype(np.float64) + 1e-9) for part in (before, middle, after)
    )
    shift = 0.5 * (left - right) / (left - 2 * top + right)  # of a parabola's vertex
    exact = hertz[first + number] + shift * hertz[1]
    return frame, 12 * np.log2(exact / 440.0), np.sqrt(middle[peak].astype(np.float64))


def _autocorrelation(classes: _Doubles) -> _Doubles:
    """Circular autocorrelation of chroma less its mean, at lags 0 to 6; (..., 12) to (..., 7)."""
    centred = classes - 1 / 12
    return np.stack(
        [(centred * np.roll(centred, lag, axis=-1)).sum(axis=-1) for lag in range(_LAGS)], axis=-1
    )


def _entropy(shares: _Doubles) -> _Doubles:
    """Entropy in nat; (..., 12) to (...)."""
    return np.asarray(-(shares * np.log(shares + 1e-9)).sum(axis=-1))
