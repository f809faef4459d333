"""Samples to vectors: the thirteen descriptor sets and the extra ones, as functions on arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.blocks import as_channels
from genrescope.descriptors.extra import loudness_fluctuation
from genrescope.descriptors.extra.clip import SPECTRUM_SETS, describe_spectra, needed_samples
from genrescope.descriptors.jmir.clip import JMIR_SETS, describe_jmir
from genrescope.descriptors.jmir.upsample import as_msd
from genrescope.descriptors.marsyas.song import describe_marsyas
from genrescope.descriptors.settings import DEFAULT, EXTRACTOR, MSD_RATES, Settings
from genrescope.descriptors.tuwien import (
    TUWIEN_SETS,
    TuWienSettings,
    describe_sonogram,
    sonogram,
)
from genrescope.descriptors.tuwien.bark import FRAME_LENGTHS, segment_samples
from genrescope.errors import AudioError, UsageError
from genrescope.featuresets import FEATURE_SETS, feature_set

__all__ = ["EXTRACTOR", "Settings", "describe", "describe_what_fits"]

Vectors = dict[str, NDArray[np.float64]]

_FLUCTUATION = "loudness_fluctuation"
_SONOGRAM_SETS = (*TUWIEN_SETS, _FLUCTUATION)


def describe(
    samples: NDArray[Any],
    rate: int,
    sets: Sequence[str] | None = None,
    settings: Settings = DEFAULT,
    *,
    channels: int | None = None,
) -> Vectors:
    """The descriptor sets of a clip.

    Args:
        samples: shape (n,) or (channels, n), floating point, full scale 1.
        rate: sampling rate in Hz: 11025, 22050 or 44100 for the TU Wien sets and the loudness
            fluctuation, at least 16,000 for spectral contrast and band correlation, 20,000 for
            mel patches, any for the others. Nothing is resampled here, except by `settings.like`.
        sets: names from `KNOWN_SETS`; the thirteen of `FEATURE_SETS` by default.
        settings: how they are computed.
        channels: of how many channels `samples`, then of shape (n,), is the mean. Marsyas takes
            half the sum of the channels, so its values depend on it.

    Returns:
        By set, in the order of `sets`, shape (dims,), float64; the names of the values are
        `KNOWN_SETS[name].columns`.

    Raises:
        AudioError: the clip is too short for a set, empty, not finite, or of a rate that a set
            does not support.
        UsageError: an unknown set, `channels` with more than one already, or not samples.
    """
    vectors, missing = describe_what_fits(samples, rate, sets, settings, channels=channels)
    if missing:
        raise AudioError(missing[0], remedy="leave them out")
    return vectors


def describe_what_fits(
    samples: NDArray[Any],
    rate: int,
    sets: Sequence[str] | None = None,
    settings: Settings = DEFAULT,
    *,
    channels: int | None = None,
) -> tuple[Vectors, list[str]]:
    """As `describe`, but a set for which the clip is too short is left out.

    Returns:
        The vectors by set, and why sets are missing.
    """
    names = [feature_set(name).name for name in sets or FEATURE_SETS]
    mixed = as_channels(samples)
    if channels is not None and len(mixed) > 1:
        raise UsageError(
            f"{len(mixed)} channels that are to be the mean of {channels}",
            remedy="leave out channels",
        )
    short = _too_short(mixed.shape[1], rate, names)
    fitting = [name for name in names if not any(name in sets for sets in short.values())]
    vectors: dict[str, NDArray[Any]] = {}
    if of_sonogram := [name for name in fitting if name in _SONOGRAM_SETS]:
        vectors |= _of_sonogram(mixed, rate, of_sonogram, settings.tuwien)
    if of_spectra := [name for name in fitting if name in SPECTRUM_SETS]:
        mono = mixed[0] if len(mixed) == 1 else mixed.mean(axis=0)
        mono = mono.astype(settings.dtype, copy=False)
        vectors |= describe_spectra(mono, rate, of_spectra)
    if "marsyas_timbral" in names:
        vectors["marsyas_timbral"] = describe_marsyas(
            mixed, rate, dtype=settings.dtype, mean_of=channels
        )
    if jmir := [name for name in names if name in JMIR_SETS]:
        vectors |= _jmir(mixed, rate, jmir, settings)
    return {name: vectors[name].astype(np.float64, copy=False) for name in fitting}, [
        f"{mixed.shape[1] / rate:.2f} s is too short for {', '.join(sets)}: "
        f"{needed / rate:.2f} s needed"
        for needed, sets in short.items()
    ]


def _too_short(length: int, rate: int, sets: Sequence[str]) -> dict[int, list[str]]:
    """The sets that need more than `length` samples, by how many they need."""
    short: dict[int, list[str]] = {}
    for name in sets:
        if length < (needed := _needed_samples(name, rate)):
            short.setdefault(needed, []).append(name)
    return short


def _needed_samples(name: str, rate: int) -> int:
    """How many samples a set needs; a rate that it does not support is left to itself to refuse."""
    if name in SPECTRUM_SETS:
        return needed_samples(name, rate)
    if name in _SONOGRAM_SETS and rate in FRAME_LENGTHS:
        return segment_samples(rate)
    return 1


def _of_sonogram(
    channels: NDArray[Any], rate: int, sets: Sequence[str], settings: TuWienSettings
) -> dict[str, NDArray[Any]]:
    """The sets that describe a sonogram, which is made once."""
    sones = sonogram(channels, rate, settings)
    tuwien = [name for name in sets if name in TUWIEN_SETS]
    vectors = describe_sonogram(sones, tuwien, variant_2012=settings.variant_2012)
    if _FLUCTUATION in sets:
        vectors[_FLUCTUATION] = loudness_fluctuation(sones)
    return vectors


def _jmir(channels: NDArray[Any], rate: int, sets: Sequence[str], settings: Settings) -> Vectors:
    low, high = MSD_RATES
    if settings.like == "msd" and rate == low:
        return describe_jmir(as_msd(channels), high, sets, dtype=settings.dtype)
    return describe_jmir(channels, rate, sets, dtype=settings.dtype)
