"""Which labels of a song are named: sure ones, the likeliest first, few of each kind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from genrescope.inference.labels.label import KINDS, Label

MOST = {"style": 2, "mood": 2, "voice": 2, "instrument": 3}
"""Most labels that are named of each kind."""

LEAST_PARENT = 0.05
"""Probability that a style's genre must have where another genre is named."""


def shown(
    labels: Iterable[Label],
    genre: str = "",
    genres: Mapping[str, float] | None = None,
    kinds: Collection[str] = KINDS,
) -> tuple[Label, ...]:
    """The labels that are named of a song, by kind in the order of `KINDS`, the likeliest first.

    Those that reach their thresholds, at most `MOST` of a kind. A style that is no more than the
    named genre again is left out, and one that lies in a genre that is hardly likely.

    Args:
        labels: all of the song.
        genre: the one that is named of it, "unknown" or empty where none is.
        genres: probability of each genre, 0 to 1.
        kinds: those wanted.
    """
    shares = genres or {}
    found = [
        label
        for label in labels
        if label.kind in kinds and label.sure and _goes_with(label, genre, shares)
    ]
    return tuple(label for kind in KINDS for label in _likeliest(found, kind))


def _likeliest(found: Iterable[Label], kind: str) -> list[Label]:
    own = (label for label in found if label.kind == kind)
    return sorted(own, key=lambda label: (-label.probability, label.name))[: MOST[kind]]


def _goes_with(label: Label, genre: str, shares: Mapping[str, float]) -> bool:
    """Whether a style goes with the genre that is named; others always do."""
    if label.genre not in shares or genre not in shares:
        return True
    if label.name == genre:
        return False
    return label.genre == genre or shares[label.genre] >= LEAST_PARENT
