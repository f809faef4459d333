"""How far the backbone's tags speak for genres that a model of the ten GTZAN genres does not have.

Of Top-MAGD's thirteen genres, GTZAN's ten leave out six and know Electronic only as disco. The tags
name three of these: Electronic, Folk and RnB. They say nothing of the other four (International,
Latin, New Age, Vocal): ambient music is as often Electronic as New Age, easy listening may be
anything.

Each of the three is a question of its own, yes or no. A tag's probability T answers it under the
tag's share s among the songs that the backbone learnt from. By Bayes' rule the odds under another
share r are

    T / (1 - T) * (1 - s) / s * r / (1 - r).

Of several tags for one genre the strongest counts, because T is at least that. A genre that the ten
lack is taken to be as common as they are on average: r / (1 - r) = 1/10. The shares s are not known
to us; in their place stands the typical level of the tag, its mean over songs of the ten genres,
as many of each (benchmarks/tag_levels.py). The level holds some songs that are of the genre in
question too, which makes the rule a little slow to answer with one of the three.

No recordings with Top-MAGD labels were at hand, so nothing here is tuned, and how often the rule is
right on such songs is not measured. Its probabilities are not calibrated as those of the ten are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_RELATIVE_SHARE = 1 / 10
_SUREST = 1e-6  # a probability this near to 0 or 1 is as good as both


@dataclass(frozen=True)
class Evidence:
    """What speaks for a genre.

    Attributes:
        tags: of the backbone.
        level: typical probability of the strongest of them in songs of the ten genres.
    """

    tags: tuple[str, ...]
    level: float


# Not among them: dance, which pop has as well, and acoustic, which is no genre.
EVIDENCE = {
    "Electronic": Evidence(("electronic", "electronica", "electro", "House"), 0.051),
    "Folk": Evidence(("folk",), 0.040),
    "RnB": Evidence(("soul", "rnb", "funk"), 0.080),
}


def genre_odds(tags: Mapping[str, float]) -> dict[str, float]:
    """Odds of each genre in `EVIDENCE` against all of the ten together.

    Args:
        tags: the backbone's probabilities, by tag.
    """
    return {genre: _odds_of(evidence, tags) for genre, evidence in EVIDENCE.items()}


def _odds_of(evidence: Evidence, tags: Mapping[str, float]) -> float:
    strongest = max(tags.get(tag, 0.0) for tag in evidence.tags)
    probability = min(max(strongest, _SUREST), 1 - _SUREST)
    return _RELATIVE_SHARE * _odds(probability) / _odds(evidence.level)


def _odds(probability: float) -> float:
    return probability / (1 - probability)
