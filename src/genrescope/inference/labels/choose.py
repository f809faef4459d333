"""Which labels of a song are named: sure ones, the likeliest first, few of each kind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache

from genrescope.inference.labels.label import KINDS, Label, label_names

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

    Those that reach their thresholds, at most `MOST` of a kind. A style that is a whole genre is
    left out where the named genre or a narrower style says it already, and any style that lies in
    a genre that is hardly likely.

    Args:
        labels: all of the song.
        genre: the one that is named of it, "unknown" or empty where none is.
        genres: probability of each genre, 0 to 1.
        kinds: those wanted.
    """
    shares = genres or {}
    sure = [label for label in labels if label.kind in kinds and label.sure]
    told = {genre} | {label.genre for label in sure if label.name not in wholes().values()}
    named = [
        label for label in sure if _goes_with(label, genre, shares) and not _again(label, told)
    ]
    return tuple(label for kind in KINDS for label in _likeliest(named, kind))


@cache
def wholes() -> Mapping[str, str]:
    """The style of a whole genre, by each genre of the vocabulary `library` that it has in it."""
    return {label.genre: label.within or label.name for label in label_names("style")}


def _likeliest(found: Iterable[Label], kind: str) -> list[Label]:
    own = (label for label in found if label.kind == kind)
    return sorted(own, key=lambda label: (-label.probability, label.name))[: MOST[kind]]


def _again(label: Label, told: Collection[str]) -> bool:
    """Whether a label is a whole genre that the named genre or a narrower style says already."""
    return label.kind == "style" and label.name in {wholes().get(genre) for genre in told}


def _goes_with(label: Label, genre: str, shares: Mapping[str, float]) -> bool:
    """Whether a style goes with the genre that is named; others always do."""
    if label.genre not in shares or genre not in shares:
        return True
    same = wholes().get(label.genre) == wholes().get(genre)
    return same or shares[label.genre] >= LEAST_PARENT
