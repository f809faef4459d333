"""Samples to vectors: the thirteen descriptor sets, as pure functions on arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.blocks import as_channels
from genrescope.descriptors.jmir.clip import JMIR_SETS, describe_jmir
from genrescope.descriptors.jmir.upsample import as_msd
from genrescope.descriptors.marsyas.song import describe_marsyas
from genrescope.descriptors.settings import DEFAULT, EXTRACTOR, MSD_RATES, Settings
from genrescope.descriptors.tuwien import TUWIEN_SETS, describe_tuwien
from genrescope.descriptors.tuwien.bark import FRAME_LENGTHS, segment_samples
from genrescope.errors import AudioError, UsageError
from genrescope.featuresets import FEATURE_SETS, feature_set

__all__ = ["EXTRACTOR", "Settings", "describe", "describe_what_fits"]

Vectors = dict[str, NDArray[np.float64]]


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
        rate: sampling rate in Hz: 11025, 22050 or 44100 for the TU Wien sets, any for the others.
            Nothing is resampled here, except as `settings.like` says.
        sets: names from `FEATURE_SETS`; all thirteen by default.
        settings: how they are computed.
        channels: of how many channels `samples`, then of shape (n,), is the mean. Marsyas takes
            half the sum of the channels, so its values depend on it.

    Returns:
        By set, in the order asked for, shape (dims,), float64; the names of the values are
        `FEATURE_SETS[name].columns`.

    Raises:
        AudioError: the clip is too short for a set, empty, not finite, or of a rate that a set
            does not know.
        UsageError: an unknown set, `channels` with more than one already, or not samples.
    """
    vectors, missing = describe_what_fits(samples, rate, sets, settings, channels=channels)
    if missing:
        raise AudioError(missing[0], remedy=f"leave out {', '.join(TUWIEN_SETS)}")
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
            f"{len(mixed)} channels said to be the mean of {channels}", remedy="leave out channels"
        )
    vectors: dict[str, NDArray[Any]] = {}
    missing = []
    if tuwien := [name for name in names if name in TUWIEN_SETS]:
        if shortage := _shortage(mixed.shape[1], rate, tuwien):
            missing.append(shortage)
        else:
            vectors |= describe_tuwien(mixed, rate, tuwien, settings.tuwien)
    if "marsyas_timbral" in names:
        vectors["marsyas_timbral"] = describe_marsyas(
            mixed, rate, dtype=settings.dtype, mean_of=channels
        )
    if jmir := [name for name in names if name in JMIR_SETS]:
        vectors |= _jmir(mixed, rate, jmir, settings)
    return {
        name: vectors[name].astype(np.float64, copy=False) for name in names if name in vectors
    }, missing


def _shortage(length: int, rate: int, sets: Sequence[str]) -> str | None:
    """Why the TU Wien sets cannot be computed of so few samples, if so."""
    if rate not in FRAME_LENGTHS or length >= (needed := segment_samples(rate)):
        return None
    return f"{length / rate:.2f} s is too short for {', '.join(sets)}: {needed / rate:.2f} s needed"


def _jmir(channels: NDArray[Any], rate: int, sets: Sequence[str], settings: Settings) -> Vectors:
    low, high = MSD_RATES
    if settings.like == "msd" and rate == low:
        return describe_jmir(as_msd(channels), high, sets, dtype=settings.dtype)
    return describe_jmir(channels, rate, sets, dtype=settings.dtype)
