"""A song's balance of bass and treble and its beat, beside those of songs of a genre.

Shares of the whole are compared, not loudness itself, so that it matters little how loud a song was
mastered. The songs to compare with are the built-in ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.descriptors import describe
from genrescope.descriptors.tuwien.loudness import BARK_LIMITS
from genrescope.descriptors.tuwien.modulation import modulation_frequencies
from genrescope.featuresets import FEATURE_SETS
from genrescope.inference.samples import to_level
from genrescope.taxonomy.vocabulary import GTZAN

RATE = 22050
_Floats = NDArray[np.float64]
_LEVEL = -18.0  # dB RMS; about that of the built-in songs
_FEWEST = 5  # songs of a genre from which "typical" means something


class Trait(NamedTuple):
    """One thing that can be heard.

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
    Trait("more bass", "less bass", 0, 200),
    Trait("more lower midrange", "less lower midrange", 200, 770),
    Trait("more midrange", "less midrange", 770, 2000),
    Trait("more upper midrange", "less upper midrange", 2000, 4400),
    Trait("more treble", "less treble", 4400, 15500),
)
PULSE = (
    Trait("more slow swells", "fewer slow swells", 0, 0.9),
    Trait("more beats of 55 to 180 a minute", "fewer beats of 55 to 180 a minute", 0.9, 3.0),
    Trait("more quick pulses", "fewer quick pulses", 3.0, 11),
)
STRENGTH = Trait("a stronger pulse", "a weaker pulse", 0, 11)


@dataclass(frozen=True, eq=False)
class Character:
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

    def traits(self) -> dict[Trait, _Floats]:
        """(n,) how much of each trait the songs have."""
        sound = {trait: _between(self.loudness, BARK_LIMITS[1:], trait) for trait in SOUND}
        pulse = {trait: _between(self.pulses, modulation_frequencies(), trait) for trait in PULSE}
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
class Difference:
    """How a song stands among the songs of a genre.

    Attributes:
        trait: in what.
        below: songs of the genre that have less of it.
        above: songs of the genre that have more of it.
    """

    trait: Trait
    below: int
    above: int

    @property
    def words(self) -> str:
        """What the song has and how many songs of the genre it differs from in that."""
        total = self.below + self.above
        more = self.below >= self.above
        return f"{self.trait.more if more else self.trait.less} than " + (
            f"all {total}"
            if 0 in (self.below, self.above)
            else f"{max(self.below, self.above)} of {total}"
        )


def song_character(samples: NDArray[Any]) -> Character:
    """The character of one song.

    Args:
        samples: (n,) mono at 22,050 Hz, not silent, at least 5.94 s.

    Raises:
        AudioError: it is shorter, or not finite.
    """
    vectors = describe(to_level(samples, _LEVEL), RATE, ("ssd", "rh"), channels=1)
    return _character(vectors["ssd"][None], vectors["rh"][None])


@cache
def typical_character(genre: str) -> Character | None:
    """The characters of the built-in songs of a genre, however it is spelt; None where too few."""
    tables = {name: load_gtzan(name) for name in ("ssd", "rh")}
    rows = np.flatnonzero(tables["ssd"].labels == GTZAN.find(genre))
    if len(rows) < _FEWEST:
        return None
    return _character(*(table.read(rows).astype(np.float64) for table in tables.values()))


@cache
def _usual_pulses() -> _Floats:
    """(60,) mean over genres of the built-in songs; slow pulsation is strong in all music."""
    genres = np.unique(np.asarray(load_gtzan("rh").labels)).tolist()
    typical = [found.pulses.mean(axis=0) for name in genres if (found := typical_character(name))]
    return np.asarray(np.mean(typical, axis=0))


def differences(song: Character, genre: Character) -> tuple[Difference, ...]:
    """What is unusual in a song for a genre: where nine tenths of its songs have less, or more."""
    found = []
    for trait, values in genre.traits().items():
        own = song.traits()[trait][0]
        below, above = int((values < own).sum()), int((values > own).sum())
        if max(below, above) >= 0.9 * len(values):
            found.append(Difference(trait, below, above))
    return tuple(sorted(found, key=lambda item: min(item.below, item.above)))


def _character(ssd: _Floats, rh: _Floats) -> Character:
    loudness = ssd.reshape(-1, *FEATURE_SETS["ssd"].shape)[:, 0]  # the means
    whole, pulsation = loudness.sum(axis=1), rh.sum(axis=1)
    return Character(loudness / whole[:, None], rh / pulsation[:, None], pulsation / whole)


def _between(shares: _Floats, upper: _Floats, trait: Trait) -> _Floats:
    """(n,) the sum of the columns whose `upper` limits lie in the trait's range."""
    return np.asarray(shares[:, (upper > trait.low) & (upper <= trait.high)].sum(axis=1))
