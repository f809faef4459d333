"""The thirteen descriptor sets of the Million Song Dataset Benchmarks, and five more."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

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

_HALF_OCTAVES = tuple(round(100 * 2 ** (step / 2)) for step in range(13))  # Hz
_FLUCTUATION = (
    *("log mean", "asymmetry", "deviation / mean", "deviation of changes / deviation"),
    *("mean change / mean", "mean change / deviation of changes"),
)
_TONALITY = (
    *_numbered("autocorrelation of the mean chroma, lag", 7, 0),
    *_numbered("mean autocorrelation of chroma, lag", 7, 0),
    *_numbered("deviation of the autocorrelation of chroma, lag", 7, 0),
    *("agreement on a tuning", "distance from 440 Hz"),
    *("strongest class / average", "strongest class less the second"),
    *("mean change of chroma", "deviation of the change of chroma"),
    *("mean entropy of chroma", "deviation of the entropy of chroma", "entropy of the mean chroma"),
)

_RAUBER_2002 = "Rauber, Pampalk, Merkl, ISMIR 2002"
_LIDY_2005 = "Lidy, Rauber, ISMIR 2005"
_LIDY_2010 = "Lidy, Mayer, Rauber, Ponce de León, Pertusa, Iñesta, ISMIR 2010"
_TZANETAKIS_2002 = "Tzanetakis, Cook, IEEE TSAP 10(5), 2002"
_MCENNIS_2005 = "McEnnis, McKay, Fujinaga, Depalle, ISMIR 2005"
_JIANG_2002 = "Jiang, Lu, Zhang, Tao, Cai, ICME 2002"
_GOMEZ_2006 = "Gómez, INFORMS Journal on Computing 18(3), 2006"
_COATES_2012 = "after Coates, Ng, 2012; Dieleman, Schrauwen, ISMIR 2013"
_SEYERLEHNER_2010 = "Seyerlehner, Widmer, Pohle, DAFx 2010"


@dataclass(frozen=True)
class FeatureSet:
    """One descriptor set; a `genrescope.sources.VectorSource`.

    Attributes:
        name: short name, used everywhere (`rp`).
        title: the field's name (`Rhythm Pattern`).
        axes: the names along each axis of the vector reshaped in C order; `vector.reshape(shape)`
            puts a value at its name's place.
        unit: unit of the values.
        reference: the paper that defines it.
        msd_stem: stem of the published file of the Million Song Dataset Benchmarks; empty where
            there is none.
        rate: none of its own: that at which it is computed is in `genrescope.descriptors.Settings`.
        tag_names: none.
        licence: of the code here that computes it.
        trained_on: nothing.
    """

    name: str
    title: str
    axes: tuple[tuple[str, ...], ...]
    unit: str
    reference: str
    msd_stem: str = ""
    rate: None = None
    tag_names: tuple[str, ...] = ()
    licence: str = "MIT"
    trained_on: str = ""

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

_EXTRA = (
    FeatureSet(
        "spectral_contrast",
        "Spectral contrast",
        (
            ("mean", "standard deviation"),
            ("contrast", "valley"),
            tuple(f"{low} to {high} Hz" for low, high in pairwise((0, *_HALF_OCTAVES))),
        ),
        "neper",
        _JIANG_2002,
    ),
    FeatureSet("tonality", "Key-invariant chroma", (_TONALITY,), "mixed", _GOMEZ_2006),
    FeatureSet(
        "band_correlation",
        "Correlation of mel bands",
        (tuple(f"mel bands {low} and {high}" for low, high in combinations(range(1, 25), 2)),),
        "correlation",
        _SEYERLEHNER_2010,
    ),
    FeatureSet(
        "loudness_fluctuation",
        "Loudness fluctuation",
        (_FLUCTUATION, _BANDS[:22]),
        "ratio, and logarithm of sone",
        _SEYERLEHNER_2010,
    ),
    FeatureSet(
        "mel_patches",
        "Similarity to learnt mel patches",
        (("mean", "standard deviation", "change"), _numbered("patch", 256)),
        "cosine above 0.1",
        _COATES_2012,
    ),
)

FEATURE_SETS: dict[str, FeatureSet] = {item.name: item for item in _ALL}
"""The thirteen that are published; what is extracted unless sets are named."""

EXTRA_SETS: dict[str, FeatureSet] = {item.name: item for item in _EXTRA}
"""Five more, computed when they are named; there are no published files of them."""

KNOWN_SETS: dict[str, FeatureSet] = FEATURE_SETS | EXTRA_SETS
"""All of them: what a name of a set may be."""


def feature_set(name: str, among: Mapping[str, FeatureSet] = KNOWN_SETS) -> FeatureSet:
    """The feature set called `name`.

    Raises:
        UsageError: there is none of that name.
    """
    try:
        return among[name]
    except KeyError:
        known = ", ".join(among)
        raise UsageError(f"no feature set '{name}'", remedy=f"choose from {known}") from None
