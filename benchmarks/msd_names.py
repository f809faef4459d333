"""Column names of the published feature files, as they print them."""

from __future__ import annotations

import itertools

from genrescope.featuresets import FEATURE_SETS

_TAIL = "HopSize512_WinSize512_Sum_AudioCh0"
_POWER = f"Power_powerFFT_WinHamming_{_TAIL}"
_NOTES = ("A", "A#", "B", "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#")
_MARSYAS = (
    f"ZeroCrossings_{_TAIL}",
    *(f"{name}_{_POWER}" for name in ("Centroid", "Rolloff", "Flux")),
    *(f"MFCC{i}_{_POWER}" for i in range(13)),
    *(f"PeakRatio_Chroma_{note}_{_POWER}" for note in _NOTES),
    *(f"PeakRatio_{kind}_Chroma_A_{_POWER}" for kind in ("Average", "Minimum")),
)
_SCALARS = (
    *("Spectral_Centroid", "Spectral_Rolloff_Point", "Spectral_Flux", "Compactness"),
    *("Spectral_Variability", "Root_Mean_Square", "Fraction_Of_Low_Energy_Windows"),
    "Zero_Crossings",
)
_JMIR = {
    "jmir_spectral": [(name, 1) for name in _SCALARS],
    # The derivatives carry the names of what they are derivatives of.
    "jmir_derivatives": [(name, 1) for name in _SCALARS],
    "jmir_mfcc": [("MFCC", 13)],
    "jmir_lpc": [("LPC", 10)],
    "jmir_moments": [("Method_of_Moments", 5)],
    "jmir_area_moments": [("Area_Method_of_Moments", 10)],
}


def published_columns(feature_set: str) -> list[str]:
    """Names of the columns of a set's published file, the id column last."""
    if feature_set == "marsyas_timbral":
        pairs = itertools.product(("Mean", "Std"), ("Mean", "Std"), _MARSYAS)
        names = [f"{outer}_Acc5_{inner}_Mem20_{name}" for outer, inner, name in pairs]
        return [*names, "track_id"]
    if feature_set in _JMIR:
        names = [
            f"{name}_Overall_{statistic}_{i + 1}"
            for statistic in ("Standard_Deviation", "Average")
            for name, count in _JMIR[feature_set]
            for i in range(count)
        ]
        return [*names, "MSD_TRACKID"]
    first = 1 if feature_set == "rp" else 0
    dims = FEATURE_SETS[feature_set].dims
    return [*(f"component_{i}" for i in range(first, first + dims)), "instanceName"]


# Tracks of each genre as published.
TOP_MAGD_TRACKS = {
    "Blues": 6_836,
    "Country": 11_772,
    "Electronic": 41_075,
    "Folk": 5_865,
    "International": 14_242,
    "Jazz": 17_836,
    "Latin": 17_590,
    "New Age": 4_010,
    "Pop_Rock": 238_786,
    "Rap": 20_939,
    "Reggae": 6_946,
    "RnB": 14_335,
    "Vocal": 6_195,
}
MAGD_TRACKS = TOP_MAGD_TRACKS | {
    "Avant_Garde": 1_014,
    "Children": 477,
    "Classical": 556,
    "Comedy_Spoken": 2_067,
    "Easy_Listening": 1_545,
    "Holiday": 200,
    "Religious": 8_814,
    "Stage": 1_614,
}
