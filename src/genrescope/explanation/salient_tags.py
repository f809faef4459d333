"""What is remarkable among the backbone's tags: what it hears more of than in most music."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

_LEAST = 0.05  # a tag that is less likely is not worth telling, however rare it is
_MORE = 1.5  # times the usual

# Means over songs of the ten GTZAN genres, as many of each (benchmarks/tag_levels.py).
USUAL = {
    "rock": 0.137,
    "pop": 0.1012,
    "alternative": 0.0428,
    "indie": 0.0459,
    "electronic": 0.0502,
    "female vocalists": 0.0695,
    "dance": 0.0376,
    "00s": 0.0084,
    "alternative rock": 0.0186,
    "jazz": 0.1221,
    "beautiful": 0.0128,
    "metal": 0.0329,
    "chillout": 0.0185,
    "male vocalists": 0.0109,
    "classic rock": 0.0412,
    "soul": 0.0737,
    "indie rock": 0.0154,
    "Mellow": 0.011,
    "electronica": 0.0146,
    "80s": 0.0625,
    "folk": 0.0399,
    "90s": 0.023,
    "chill": 0.0082,
    "instrumental": 0.0573,
    "punk": 0.0244,
    "oldies": 0.032,
    "blues": 0.0733,
    "hard rock": 0.0293,
    "ambient": 0.0216,
    "acoustic": 0.0121,
    "experimental": 0.0207,
    "female vocalist": 0.0089,
    "guitar": 0.0133,
    "Hip-Hop": 0.0565,
    "70s": 0.0317,
    "party": 0.0049,
    "country": 0.0435,
    "easy listening": 0.0137,
    "sexy": 0.0046,
    "catchy": 0.0045,
    "funk": 0.0416,
    "electro": 0.0088,
    "heavy metal": 0.0251,
    "Progressive rock": 0.0244,
    "60s": 0.0232,
    "rnb": 0.0164,
    "indie pop": 0.0071,
    "sad": 0.0046,
    "House": 0.0112,
    "happy": 0.0026,
}


class HeardTag(NamedTuple):
    """A tag in a song.

    Attributes:
        name: as listeners of Last.fm wrote it.
        share: its probability, 0 to 1.
        usually: its mean over songs of ten genres.
    """

    name: str
    share: float
    usually: float


def remarkable_tags(tags: Mapping[str, float], count: int = 5) -> tuple[HeardTag, ...]:
    """The tags that tell a song from others.

    Args:
        tags: the backbone's probabilities, by tag; none without a backbone.
        count: the most to be told.

    Returns:
        Those clearly above the usual, by how much it would surprise to see them so
        (Kullback-Leibler divergence).
    """
    found = [HeardTag(name, tags[name], usual) for name, usual in USUAL.items() if name in tags]
    found = [tag for tag in found if tag.share >= max(_LEAST, _MORE * tag.usually)]
    return tuple(sorted(found, key=_surprise, reverse=True)[:count])


def _surprise(tag: HeardTag) -> float:
    p, q = min(tag.share, 1 - 1e-9), tag.usually
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))
