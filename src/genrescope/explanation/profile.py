"""A song's balance of bass and treble and its beat, beside those of songs of a genre.

Shares of the whole are compared, not loudness itself, so that it matters little how loud a song was
mastered. The songs to compare with are those that the model keeps in `profiles.npz`, or the
built-in ones.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.descriptors import describe
from genrescope.descriptors.tuwien.loudness import BARK_LIMITS
from genrescope.descriptors.tuwien.modulation import modulation_frequencies
from genrescope.errors import DataError
from genrescope.featuresets import FEATURE_SETS
from genrescope.inference.samples import to_level
from genrescope.taxonomy.normalise import spelling_key

FILE = "profiles.npz"
"""In a model's folder: `genres` (n,), `ssd` (n, 168) and `rh` (n, 60) of training songs."""

RATE = 22050
_Floats = NDArray[np.float64]
_LEVEL = -18.0  # dB RMS; about that of the built-in songs
_FEWEST = 5  # songs of a genre from which "typical" means something


class ProfileFeature(NamedTuple):
    """One thing that is compared.

    Attributes:
        more: what a song with much of it has.
        less: what a song with little of it has.
        low: lower limit in Hz, of sound or of pulses.
        high: upper limit in Hz.
    """

    more: str
    less: str
    low: float
    high: float


SOUND = (
    ProfileFeature("more bass", "less bass", 0, 200),
    ProfileFeature("more lower midrange", "less lower midrange", 200, 770),
    ProfileFeature("more midrange", "less midrange", 770, 2000),
    ProfileFeature("more upper midrange", "less upper midrange", 2000, 4400),
    ProfileFeature("more treble", "less treble", 4400, 15500),
)
PULSE = (
    ProfileFeature("more slow swells", "fewer slow swells", 0, 0.9),
    ProfileFeature(
        "more beats of 55 to 180 a minute", "fewer beats of 55 to 180 a minute", 0.9, 3.0
    ),
    ProfileFeature("more quick pulses", "fewer quick pulses", 3.0, 11),
)
STRENGTH = ProfileFeature("a stronger pulse", "a weaker pulse", 0, 11)


@dataclass(frozen=True, eq=False)
class AudioProfile:
    """What n songs sound like, whatever their loudness.

    Attributes:
        loudness: (n, 24) share of the mean loudness that each critical band has; each row sums
            to 1.
        pulses: (n, 60) share of the pulsation that each modulation frequency has; sums to 1.
        strength: (n,) all pulsation, relative to the loudness.
    """

    loudness: _Floats
    pulses: _Floats
    strength: _Floats

    def features(self) -> dict[ProfileFeature, _Floats]:
        """(n,) how much of each feature the songs have."""
        sound = {feature: _between(self.loudness, BARK_LIMITS[1:], feature) for feature in SOUND}
        pulse = {
            feature: _between(self.pulses, modulation_frequencies(), feature) for feature in PULSE
        }
        return sound | pulse | {STRENGTH: self.strength}

    @property
    def tempo(self) -> float:
        """Pulses a minute at which the first song exceeds most what is usual.

        Of a beat and its multiples the one nearer to 120 counts for more, an octave of tempo being
        one standard deviation (after Ellis, "Beat tracking by dynamic programming", JNMR 36(1),
        2007).
        """
        minute = 60 * modulation_frequencies()
        nearness = np.exp(-0.5 * np.log2(minute / 120) ** 2)
        return float(minute[int(np.argmax(nearness * self.pulses[0] / _usual_pulses()))])


@dataclass(frozen=True)
class ProfileDeviation:
    """How a song stands among the songs of a genre.

    Attributes:
        feature: in what.
        below: songs of the genre that have less of it.
        above: songs of the genre that have more of it.
    """

    feature: ProfileFeature
    below: int
    above: int

    @property
    def words(self) -> str:
        """What the song has and how many songs of the genre it differs from in that."""
        total = self.below + self.above
        more = self.below >= self.above
        return f"{self.feature.more if more else self.feature.less} than " + (
            f"all {total}"
            if 0 in (self.below, self.above)
            else f"{max(self.below, self.above)} of {total}"
        )


def song_profile(samples: NDArray[Any]) -> AudioProfile:
    """The profile of one song.

    Args:
        samples: (n,) mono at 22,050 Hz, not silent, at least 5.94 s.

    Raises:
        AudioError: it is shorter, or not finite.
    """
    vectors = describe(to_level(samples, _LEVEL), RATE, ("ssd", "rh"), channels=1)
    return _profile(vectors["ssd"][None], vectors["rh"][None])


@lru_cache(maxsize=64)
def genre_profile(folder: Path, genre: str) -> AudioProfile | None:
    """The profiles of training songs of a genre, however it is spelt; None where too few.

    They are those that the model in `folder` keeps, else the built-in songs of that genre.

    Raises:
        DataError: what the model keeps is damaged.
    """
    genres, ssd, rh = _kept(folder / FILE) if (folder / FILE).is_file() else _built_in()
    key = spelling_key(genre)
    rows = [row for row, name in enumerate(genres) if spelling_key(name) == key]
    return _profile(ssd[rows], rh[rows]) if len(rows) >= _FEWEST else None


def _kept(path: Path) -> tuple[list[str], _Floats, _Floats]:
    """Genres (n), SSD (n, 168) and RH (n, 60) of a model's training songs."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            genres = archive["genres"].tolist()
            ssd, rh = (archive[name].astype(np.float64) for name in ("ssd", "rh"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(
            f"not the profiles of a model: {error}", place=path, remedy="install the model again"
        ) from error
    if not len(genres) == len(ssd) == len(rh):
        raise DataError(f"{len(genres)} genres of {len(ssd)} songs", place=path)
    return genres, ssd, rh


@cache
def _built_in() -> tuple[list[str], _Floats, _Floats]:
    """The same of the built-in songs."""
    tables = [load_gtzan(name) for name in ("ssd", "rh")]
    rows = np.arange(len(tables[0]))
    ssd, rh = (table.read(rows).astype(np.float64) for table in tables)
    return np.asarray(tables[0].labels).tolist(), ssd, rh


@cache
def _usual_pulses() -> _Floats:
    """(60,) mean over genres of the built-in songs; slow pulsation is strong in all music."""
    genres, ssd, rh = _built_in()
    of_genre = [np.flatnonzero(np.asarray(genres) == name) for name in sorted(set(genres))]
    typical = [_profile(ssd[rows], rh[rows]) for rows in of_genre if len(rows) >= _FEWEST]
    return np.asarray(np.mean([found.pulses.mean(axis=0) for found in typical], axis=0))


def deviations(song: AudioProfile, genre: AudioProfile) -> tuple[ProfileDeviation, ...]:
    """What is unusual in a song for a genre: where nine tenths of its songs have less, or more."""
    found = []
    for feature, values in genre.features().items():
        own = song.features()[feature][0]
        below, above = int((values < own).sum()), int((values > own).sum())
        if max(below, above) >= 0.9 * len(values):
            found.append(ProfileDeviation(feature, below, above))
    return tuple(sorted(found, key=lambda item: min(item.below, item.above)))


def _profile(ssd: _Floats, rh: _Floats) -> AudioProfile:
    loudness = ssd.reshape(-1, *FEATURE_SETS["ssd"].shape)[:, 0]  # the means
    whole, pulsation = loudness.sum(axis=1), rh.sum(axis=1)
    return AudioProfile(loudness / whole[:, None], rh / pulsation[:, None], pulsation / whole)


def _between(shares: _Floats, upper: _Floats, feature: ProfileFeature) -> _Floats:
    """(n,) the sum of the columns whose `upper` limits lie in the feature's range."""
    return np.asarray(shares[:, (upper > feature.low) & (upper <= feature.high)].sum(axis=1))
