"""From samples to jMIR's features of each window, and to the six sets of the clip."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.blocks import FRAME, Precision, Spectrum, frame_blocks
from genrescope.descriptors.frames import Floats, raised_cosine
from genrescope.descriptors.jmir import spectral
from genrescope.descriptors.jmir.aggregate import aggregate
from genrescope.descriptors.jmir.area_moments import area_method_of_moments
from genrescope.descriptors.jmir.lpc import autocorrelation, reflection_coefficients
from genrescope.descriptors.jmir.mfcc import mfcc
from genrescope.descriptors.jmir.moments import method_of_moments, power_sums
from genrescope.descriptors.zero_crossings import departures

_MEASURED = {  # what each set is made of, window by window
    "jmir_spectral": "scalars",
    "jmir_derivatives": "scalars",
    "jmir_mfcc": "mfcc",
    "jmir_lpc": "lags",
    "jmir_moments": "sums",
    "jmir_area_moments": "sums",
}
JMIR_SETS = tuple(_MEASURED)

_LEVEL, _LOW_ENERGY = 5, 6  # columns of the scalars


@lru_cache(maxsize=1)
def _window() -> NDArray[np.float64]:
    """Periodic Hann window / 512, so that the spectrum's magnitude needs no more scaling."""
    return raised_cosine(FRAME, symmetric=False) / FRAME


def jmir_windows(
    samples: NDArray[Any],
    rate: int,
    sets: Collection[str] = JMIR_SETS,
    *,
    dtype: Precision = "float64",
) -> dict[str, NDArray[np.float64]]:
    """The features of each window of 512 samples.

    Args:
        samples: shape (n,) or (channels, n), full scale 1.
        rate: sampling rate in Hz.
        sets: which of `JMIR_SETS`.
        dtype: precision of what is made of the spectra.

    Returns:
        By set, shape (w, d) with w = ceil(n / 512) and d half the set's length; NaN where a
        feature does not exist yet (flux in the first window, and so on).

    Raises:
        AudioError: there is not one sample, or one is not finite.
    """
    measured: dict[str, list[Floats]] = {_MEASURED[name]: [] for name in sets}
    spectrum = Spectrum(_window(), FRAME // 2, dtype)
    before: Floats | None = None
    for block in frame_blocks(samples):
        windows = block.astype(np.float64, copy=False)
        if "lags" in measured:
            measured["lags"].append(autocorrelation(windows))
        if measured.keys() == {"lags"}:
            continue
        magnitude, power = spectrum(windows)
        if "scalars" in measured:
            measured["scalars"].append(_scalars(windows, power, magnitude, before))
            before = magnitude[-1]
        if "mfcc" in measured:
            measured["mfcc"].append(mfcc(magnitude, rate))
        if "sums" in measured:
            measured["sums"].append(power_sums(magnitude))
    return _finish({name: np.concatenate(rows) for name, rows in measured.items()}, sets)


def _scalars(
    windows: Floats, power: Floats, magnitude: Floats, before: Floats | None
) -> NDArray[np.float64]:
    """The eight scalars, without the fraction of low energy windows, which needs the whole clip."""
    columns = (
        spectral.centroid(power),
        spectral.rolloff(power),
        spectral.flux(magnitude, before),
        spectral.compactness(power),
        spectral.variability(magnitude),
        spectral.root_mean_square(windows),
        np.full(len(windows), np.nan),
        departures(windows),
    )
    return np.stack(columns, axis=1, dtype=np.float64)


def _finish(
    measured: dict[str, NDArray[np.float64]], sets: Collection[str]
) -> dict[str, NDArray[np.float64]]:
    """The window features of each set, from what was measured window by window."""
    if "scalars" in measured:
        scalars = measured["scalars"]
        scalars[:, _LOW_ENERGY] = spectral.low_energy_fraction(scalars[:, _LEVEL])
    finish = {
        "jmir_spectral": lambda scalars: scalars,
        "jmir_derivatives": lambda scalars: np.diff(scalars, axis=0, prepend=np.nan),
        "jmir_mfcc": lambda coefficients: coefficients,
        "jmir_lpc": reflection_coefficients,
        "jmir_moments": method_of_moments,
        "jmir_area_moments": area_method_of_moments,
    }
    return {name: finish[name](measured[_MEASURED[name]]) for name in sets}


def describe_jmir(
    samples: NDArray[Any],
    rate: int,
    sets: Collection[str] = JMIR_SETS,
    *,
    dtype: Precision = "float64",
) -> dict[str, NDArray[np.float64]]:
    """The sets of a clip: statistics over its windows.

    Args:
        samples: shape (n,) or (channels, n), full scale 1; channels are averaged.
        rate: sampling rate in Hz; nothing is resampled, and only the MFCC depend on it.
        sets: which of `JMIR_SETS`.
        dtype: precision of what is made of the spectra; float32 stays within a thousandth of
            each value's spread over songs.

    Returns:
        By set, shape (2 d,): d standard deviations, then d averages.

    Raises:
        AudioError: there is not one sample, or one is not finite.
    """
    windows = jmir_windows(samples, rate, sets, dtype=dtype)
    return {name: aggregate(values) for name, values in windows.items()}
