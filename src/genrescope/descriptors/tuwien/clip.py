"""From samples to the sonogram, to the vectors of each segment and to the six sets of the clip."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.blocks import Precision, as_channels
from genrescope.descriptors.frames import Floats
from genrescope.descriptors.tuwien.bark import FRAMES, BandPowers, segment_samples
from genrescope.descriptors.tuwien.loudness import BANDS, sone
from genrescope.descriptors.tuwien.modulation import modulation_spectrum
from genrescope.descriptors.tuwien.mvd import modulation_variance
from genrescope.descriptors.tuwien.rhythm_histogram import rhythm_histogram
from genrescope.descriptors.tuwien.rhythm_pattern import rhythm_pattern
from genrescope.descriptors.tuwien.segments import segment_starts
from genrescope.descriptors.tuwien.spectrum_descriptor import statistical_spectrum
from genrescope.descriptors.tuwien.statistics import middle
from genrescope.descriptors.tuwien.temporal import temporal_statistics
from genrescope.errors import AudioError, UsageError

TUWIEN_SETS = ("rp", "rh", "ssd", "tssd", "trh", "mvd")
_SEGMENT_SETS = {"rp": "rp", "rh": "rh", "ssd": "ssd", "tssd": "ssd", "trh": "rh", "mvd": "mvd"}


@dataclass(frozen=True)
class TuWienSettings:
    """How the TU Wien sets are computed.

    Attributes:
        masking: let loud critical bands mask their neighbours. None: yes, but not in the 2012
            variant.
        variant_2012: as TU Wien's ARFF files of 2012: no masking, the Nyquist bin counted once,
            variances with n - 1, skewness and kurtosis of equal values 1.
        skip: segments left out at the beginning and at the end of clips of 45 s or more.
        step: of such clips, every step-th segment is taken.
        dtype: precision. float32 is faster and stays within a thousandth of each value's spread
            over songs.
    """

    masking: bool | None = None
    variant_2012: bool = False
    skip: int = 1
    step: int = 1
    dtype: Precision = "float32"

    def __post_init__(self) -> None:
        if self.skip < 0 or self.step < 1:
            raise UsageError(
                f"skip {self.skip} and step {self.step} choose no segments",
                remedy="skip is 0 or more, step 1 or more",
            )

    @property
    def masks(self) -> bool:
        """Whether bands mask each other."""
        return not self.variant_2012 if self.masking is None else self.masking


DEFAULT = TuWienSettings()


def sonogram(samples: NDArray[Any], rate: int, settings: TuWienSettings = DEFAULT) -> NDArray[Any]:
    """Loudness of each critical band over time, in each segment of 5.94 s.

    Args:
        samples: shape (n,) or (channels, n), full scale 1; channels are averaged.
        rate: 11025, 22050 or 44100 Hz.
        settings: see `TuWienSettings`.

    Returns:
        Shape (k, 24, 511), in sone. Silence is not 0: 0 dB is audible in five bands around 3
        kHz.

    Raises:
        AudioError: no such rate, too short for one segment, or one of its samples not finite.
        UsageError: not floating point, or more than two axes.
    """
    channels = as_channels(samples)
    starts = segment_starts(channels.shape[1], rate, skip=settings.skip, step=settings.step)
    band_powers = BandPowers(
        rate, masking=settings.masks, variant_2012=settings.variant_2012, dtype=settings.dtype
    )
    powers = np.empty((len(starts), BANDS, FRAMES), settings.dtype)
    with np.errstate(invalid="ignore", over="ignore"):
        for start, out in zip(starts, powers, strict=True):
            segment = channels[:, start : start + segment_samples(rate)]
            mono = segment.mean(axis=0, dtype=settings.dtype) if len(segment) > 1 else segment[0]
            band_powers(mono, out)
    # What is not finite spreads to every band: looking at the powers is enough, and cheaper.
    if not np.isfinite(powers).all():
        raise AudioError(
            "a sample is not a finite number, or far beyond full scale",
            remedy="decode the file again or leave it out",
        )
    return sone(powers)


def segment_vectors(
    sones: Floats, sets: Collection[str], *, variant_2012: bool = False
) -> dict[str, Floats]:
    """The vectors of each segment, before those of the clip.

    Args:
        sones: shape (k, 24, 511), from `sonogram`.
        sets: which of `rp`, `rh`, `ssd`, `mvd`.
        variant_2012: see `TuWienSettings`.

    Returns:
        By set, shape (k, 60, 24), (k, 60), (k, 7, 24) and (k, 7, 60).
    """
    vectors: dict[str, Floats] = {}
    if "ssd" in sets:
        vectors["ssd"] = statistical_spectrum(sones, variant_2012=variant_2012)
    if {"rp", "rh", "mvd"} & set(sets):
        modulation = modulation_spectrum(sones)
        if "rp" in sets:
            vectors["rp"] = rhythm_pattern(modulation)
        if "rh" in sets:
            vectors["rh"] = rhythm_histogram(modulation)
        if "mvd" in sets:
            vectors["mvd"] = modulation_variance(modulation, variant_2012=variant_2012)
    return vectors


def describe_tuwien(
    samples: NDArray[Any],
    rate: int,
    sets: Collection[str] = TUWIEN_SETS,
    settings: TuWienSettings = DEFAULT,
) -> dict[str, NDArray[Any]]:
    """The sets of a clip, over its segments of 5.94 s.

    Medians of Rhythm Patterns and Histograms, means of SSD and MVD, the seven statistics of SSD
    (TSSD) and of Rhythm Histograms (TRH).

    Args:
        samples: shape (n,) or (channels, n), full scale 1; channels are averaged.
        rate: 11025, 22050 or 44100 Hz.
        sets: which of `TUWIEN_SETS`.
        settings: see `TuWienSettings`.

    Returns:
        By set, one vector in the order of `genrescope.featuresets`, of the settings' dtype.

    Raises:
        AudioError: no such rate, too short for one segment, or one of its samples not finite.
        UsageError: not floating point, more than two axes, or an unknown set.
    """
    for name in sets:
        _segment_set(name)
    sones = sonogram(samples, rate, settings)
    return describe_sonogram(sones, sets, variant_2012=settings.variant_2012)


def describe_sonogram(
    sones: Floats, sets: Collection[str], *, variant_2012: bool = False
) -> dict[str, NDArray[Any]]:
    """As `describe_tuwien`, of a sonogram, (k, 24, 511)."""
    needed = {_segment_set(name) for name in sets}
    vectors = segment_vectors(sones, needed, variant_2012=variant_2012)
    return {name: _over_segments(name, vectors[_SEGMENT_SETS[name]], variant_2012) for name in sets}


def _segment_set(name: str) -> str:
    """Which vectors of the segments a set is made of."""
    if name not in _SEGMENT_SETS:
        raise UsageError(f"no TU Wien set '{name}'", remedy=f"choose from {', '.join(TUWIEN_SETS)}")
    return _SEGMENT_SETS[name]


def _over_segments(name: str, vectors: Floats, variant_2012: bool) -> Floats:
    """The clip's vector from those of its k segments, shape (k, ...)."""
    flat = vectors.reshape(len(vectors), -1)
    if name in ("rp", "rh"):
        return middle(np.sort(flat.T, axis=-1))
    if name in ("tssd", "trh"):
        return temporal_statistics(flat, variant_2012=variant_2012).ravel()
    mean: Floats = flat.mean(axis=0)
    return mean
