"""From samples to the 31 base features of each frame, and to the 124 values of the song."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.blocks import (
    FRAME,
    Precision,
    Spectrum,
    as_channels,
    frame_blocks,
)
from genrescope.descriptors.frames import Floats, raised_cosine
from genrescope.descriptors.marsyas.chroma import chroma, peak_ratios
from genrescope.descriptors.marsyas.mfcc import mfcc
from genrescope.descriptors.marsyas.spectral import centroid, flux, log_power, rolloff
from genrescope.descriptors.marsyas.texture import song_statistics, texture
from genrescope.descriptors.zero_crossings import strict_crossings

_LONGEST = 19_999  # frames that count: 464 s at 22.05 kHz
_SHORTEST = 4  # frames: what is shorter is filled up with silent ones
_FEATURES = 31
_BINS = FRAME // 2 + 1


@lru_cache(maxsize=8)
def _window(channels: int) -> NDArray[np.float64]:
    """Symmetric Hamming window / 512, scaled from the channels' average to half their sum."""
    return raised_cosine(FRAME, floor=0.08, symmetric=True) * (channels / 2 / FRAME)


def marsyas_frames(
    samples: NDArray[Any],
    rate: int,
    *,
    dtype: Precision = "float64",
    mean_of: int | None = None,
) -> NDArray[np.float64]:
    """The 31 base features of each frame of 512 samples.

    The channels' sum is halved, as in the original, so a mono signal is halved too.

    Args:
        samples: shape (n,) or (channels, n), full scale 1.
        rate: sampling rate in Hz.
        dtype: precision of what is made of the spectra.
        mean_of: of how many channels one channel is the mean.

    Returns:
        Shape (ceil(n / 512), 31), at most 19,999 rows: zero crossings, centroid, rolloff, flux,
        MFCC 0..12, chroma A..G#, and their peak over average and over minimum.

    Raises:
        AudioError: there is not one sample, or one is not finite.
    """
    channels = as_channels(samples)[:, : _LONGEST * FRAME]
    spectrum = Spectrum(_window(mean_of or len(channels)), _BINS, dtype)
    # Before the first frame the log power is 0, which is a power of 1, not silence.
    before: Floats = np.zeros(_BINS - 1, dtype)
    rows = []
    for frames in frame_blocks(channels):
        _, power = spectrum(frames)
        logarithm = log_power(power)
        rows.append(_block_features(frames, power, rate))
        rows[-1][:, 3] = flux(logarithm, before)
        before = logarithm[-1]
    features = np.concatenate(rows)
    features[:, 29:] = peak_ratios(features[:, 17:29])  # of all frames at once: they are few values
    return features


def _block_features(frames: Floats, power: Floats, rate: int) -> NDArray[np.float64]:
    """All but flux and peak ratios, for which room is left."""
    features = np.empty((len(frames), _FEATURES))
    features[:, 0] = (1 + strict_crossings(frames)) / FRAME  # the count starts at one
    features[:, 1] = centroid(power)
    features[:, 2] = rolloff(power)
    features[:, 4:17] = mfcc(power, rate)
    features[:, 17:29] = chroma(power, rate)
    return features


def describe_marsyas(
    samples: NDArray[Any],
    rate: int,
    *,
    dtype: Precision = "float64",
    mean_of: int | None = None,
) -> NDArray[np.float64]:
    """The timbral vector of a song: statistics over it of the texture windows' statistics.

    Args:
        samples: shape (n,) or (channels, n), full scale 1.
        rate: sampling rate in Hz; nothing is resampled.
        dtype: precision of what is made of the spectra; float32 stays within a thousandth of
            each value's spread over songs.
        mean_of: of how many channels one channel is the mean.

    Returns:
        Shape (124,): (mean, standard deviation) over the song of (mean, standard deviation)
        over 20 frames of the 31 base features of `marsyas_frames`.

    Raises:
        AudioError: there is not one sample, or one is not finite.
    """
    channels = as_channels(samples)
    whole = -(-channels.shape[1] // FRAME)
    missing = max(0, _SHORTEST - whole)
    if missing:
        channels = np.pad(channels, ((0, 0), (0, _SHORTEST * FRAME - channels.shape[1])))
    features = marsyas_frames(channels, rate, dtype=dtype, mean_of=mean_of)
    rows = texture(features)
    if missing:  # each silent frame begins a texture window of its own
        rows[whole:, :_FEATURES] = features[whole:]
        rows[whole:, _FEATURES:] = 0.0
    return song_statistics(rows)
