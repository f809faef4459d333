"""A fingerprint of sound, by which two encodings of one recording are recognised.

Bits: whether the difference of energy between neighbouring bands grows or shrinks from one
frame to the next (Haitsma, Kalker, "A highly robust audio fingerprinting system", ISMIR 2002).
Frames overlap so far that a shift by less than a hop changes few bits.
"""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_audio

Bits = NDArray[np.uint32]
"""(n,) one word of 32 bits a hop."""

RATE = 5000  # Hz
HOP = 160  # samples: 32 ms
SECONDS_A_WORD = HOP / RATE
_FRAME = 2048  # samples: 0.41 s
_BANDS = 33
_LOWEST, _HIGHEST = 300.0, 2000.0  # Hz: what every codec keeps
_SILENCE = 0.001  # of full scale: rips of a CD begin and end at other samples of it
_BLOCK = 1024  # frames transformed at once
_HANN = np.hanning(_FRAME).astype(np.float32)


def fingerprint_of(path: str | os.PathLike[str]) -> Bits:
    """The fingerprint of a whole file between the silence at its ends.

    Raises:
        AudioError: it cannot be decoded.
    """
    audio = load_audio(path, excerpt=Excerpt.whole(), rate=RATE)
    return fingerprint(_between_silence(audio.samples))


def fingerprint(samples: NDArray[np.float32]) -> Bits:
    """(n,) words of (samples,) at `RATE`; none where there are fewer than two frames.

    Bit `b` of word `t`: whether (E[t+1, b] - E[t+1, b+1]) - (E[t, b] - E[t, b+1]) is above 0, E
    the energies of 33 bands that are evenly spaced in the logarithm of frequency.
    """
    frames = max(0, (len(samples) - _FRAME) // HOP + 1)
    if frames < 2:
        return np.empty(0, np.uint32)
    windows = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::HOP]
    energies = np.concatenate(
        [_energies(windows[start : start + _BLOCK]) for start in range(0, frames, _BLOCK)]
    )
    steps = np.diff(np.diff(energies, axis=1), axis=0) < 0
    return np.packbits(steps, axis=1, bitorder="little").view("<u4")[:, 0].astype(np.uint32)


def _between_silence(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    loud = np.flatnonzero(np.abs(samples) > _SILENCE)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]


def _energies(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """(frames, bands) energies of (frames, samples)."""
    power = np.abs(np.fft.rfft(frames * _HANN, axis=1)) ** 2
    edges = np.geomspace(_LOWEST, _HIGHEST, _BANDS + 1) * _FRAME / RATE
    found: NDArray[np.float32] = np.add.reduceat(power, edges.round().astype(int), axis=1)
    return found[:, :_BANDS]
