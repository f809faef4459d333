"""The thirteen descriptor sets of the Million Song Dataset Benchmarks: what each vector is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from genrescope.errors import UsageError

_STATISTICS = ("mean", "variance", "skewness", "kurtosis", "median", "minimum", "maximum")
_PITCHES = ("A", "A#", "B", "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#")
_MARSYAS_FEATURES = (
    *("zero crossings", "centroid", "rolloff", "flux"),
    *(f"MFCC {i}" for i in range(13)),
    *(f"chroma {note}" for note in _PITCHES),
    *("chroma peak / average", "chroma peak / minimum"),
)
_JMIR_SCALARS = (
    *("centroid", "rolloff", "flux", "compactness", "variability", "root mean square"),
    *("fraction of low energy windows", "zero crossings"),
)


def _numbered(word: str, count: int, first: int = 1) -> tuple[str, ...]:
    return tuple(f"{word} {i}" for i in range(first, first + count))


_BANDS = _numbered("Bark band", 24)
_MODULATION = _numbered("modulation bin", 60)
_SEGMENT_STATISTICS = tuple(f"segment {name}" for name in _STATISTICS)
_DEVIATION_AVERAGE = ("standard deviation", "average")

_RAUBER_2002 = "Rauber, Pampalk, Merkl, ISMIR 2002"
_LIDY_2005 = "Lidy, Rauber, ISMIR 2005"
_LIDY_2010 = "Lidy, Mayer, Rauber, Ponce de León, Pertusa, Iñesta, ISMIR 2010"
_TZANETAKIS_2002 = "Tzanetakis, Cook, IEEE TSAP 10(5), 2002"
_MCENNIS_2005 = "McEnnis, McKay, Fujinaga, Depalle, ISMIR 2005"


@dataclass(frozen=True)
class FeatureSet:
    """One descriptor set.

    Attributes:
        name: short name, used everywhere (`rp`).
        title: the field's name (`Rhythm Pattern`).
        axes: the names along each axis of the vector reshaped in C order; `vector.reshape(shape)`
            puts a value where its names say.
        unit: unit of the values.
        reference: the paper that defines it.
        msd_stem: stem of the published file of the Million Song Dataset Benchmarks.
    """

    name: str
    title: str
    axes: tuple[tuple[str, ...], ...]
    unit: str
    reference: str
    msd_stem: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one vector, C order: (60, 24) for a Rhythm Pattern, bands fastest."""
        return tuple(len(axis) for axis in self.axes)

    @property
    def dims(self) -> int:
        """Values in one vector."""
        return math.prod(self.shape)

    @property
    def columns(self) -> tuple[str, ...]:
        """A readable name for each value, in the vector's order."""
        names = [""]
        for axis in self.axes:
            names = [f"{head}, {item}" if head else item for head in names for item in axis]
        return tuple(names)


_ALL = (
    FeatureSet(
        "rp", "Rhythm Pattern", (_MODULATION, _BANDS), "weighted sone", _RAUBER_2002, "msd-rp-v1.0"
    ),
    FeatureSet("rh", "Rhythm Histogram", (_MODULATION,), "sone", _LIDY_2005, "msd-rh-v1.0"),
    FeatureSet(
        "ssd",
        "Statistical Spectrum Descriptor",
        (_STATISTICS, _BANDS),
        "sone and its powers",
        _LIDY_2005,
        "msd-ssd-v1.0",
    ),
    FeatureSet(
        "tssd",
        "Temporal Statistical Spectrum Descriptor",
        (_SEGMENT_STATISTICS, _STATISTICS, _BANDS),
        "sone and its powers",
        _LIDY_2010,
        "msd-tssd-v1.0",
    ),
    FeatureSet(
        "trh",
        "Temporal Rhythm Histogram",
        (_SEGMENT_STATISTICS, _MODULATION),
        "sone and its powers",
        _LIDY_2010,
        "msd-trh-v1.0",
    ),
    FeatureSet(
        "mvd",
        "Modulation Variance Descriptor",
        (_STATISTICS, _MODULATION),
        "sone and its powers",
        _LIDY_2010,
        "msd-mvd-v1.0",
    ),
    FeatureSet(
        "marsyas_timbral",
        "Marsyas timbral",
        (
            ("mean", "standard deviation"),
            ("texture mean", "texture standard deviation"),
            _MARSYAS_FEATURES,
        ),
        "mixed",
        _TZANETAKIS_2002,
        "msd-marsyas-timbral-v1.0",
    ),
    FeatureSet(
        "jmir_spectral",
        "jMIR spectral",
        (_DEVIATION_AVERAGE, _JMIR_SCALARS),
        "mixed",
        _MCENNIS_2005,
        "msd-jmir-spectral-all-all-v1.0",
    ),
    FeatureSet(
        "jmir_derivatives",
        "jMIR spectral derivatives",
        (_DEVIATION_AVERAGE, tuple(f"derivative of {name}" for name in _JMIR_SCALARS)),
        "mixed",
        _MCENNIS_2005,
        "msd-jmir-spectral-derivatives-all-all-v1.0",
    ),
    FeatureSet(
        "jmir_mfcc",
        "jMIR MFCC",
        (_DEVIATION_AVERAGE, _numbered("MFCC", 13, 0)),
        "neper",
        _MCENNIS_2005,
        "msd-jmir-mfcc-all-v1.0",
    ),
    FeatureSet(
        "jmir_lpc",
        "jMIR LPC",
        (_DEVIATION_AVERAGE, _numbered("LPC", 10)),
        "ratio",
        _MCENNIS_2005,
        "msd-jmir-lpc-all-v1.0",
    ),
    FeatureSet(
        "jmir_moments",
        "jMIR method of moments",
        (_DEVIATION_AVERAGE, _numbered("moment", 5)),
        "bins and their powers",
        _MCENNIS_2005,
        "msd-jmir-methods-of-moments-all-v1.0",
    ),
    FeatureSet(
        "jmir_area_moments",
        "jMIR area method of moments",
        (_DEVIATION_AVERAGE, _numbered("area moment", 10)),
        "bins and their powers",
        _MCENNIS_2005,
        "msd-jmir-area-of-moments-all-v1.0",
    ),
)

FEATURE_SETS: dict[str, FeatureSet] = {item.name: item for item in _ALL}


def feature_set(name: str) -> FeatureSet:
    """The feature set called `name`.

    Raises:
        UsageError: there is none of that name.
    """
    try:
        return FEATURE_SETS[name]
    except KeyError:
        known = ", ".join(FEATURE_SETS)
        raise UsageError(f"no feature set '{name}'", remedy=f"choose from {known}") from None
