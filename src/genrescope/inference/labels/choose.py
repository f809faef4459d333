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

    Those that reach their thresholds, at most `MOST` of a kind. Left out are a label in which a
    narrower one of them lies, a style that is the named genre as a whole, and a style that lies in
    a genre that is hardly likely.

    Args:
        labels: all of the song.
        genre: the one that is named of it, "unknown" or empty where none is.
        genres: probability of each genre, 0 to 1.
        kinds: those wanted.
    """
    shares = genres or {}
    sure = [label for label in labels if label.kind in kinds and label.sure]
    implied = {("style", wholes().get(genre, ""))}
    implied |= {(label.kind, _wider().get((label.kind, label.name), "")) for label in sure}
    named = [
        label
        for label in sure
        if _goes_with(label, genre, shares) and (label.kind, label.name) not in implied
    ]
    by_kind: dict[str, list[Label]] = {kind: [] for kind in KINDS}
    for label in named:
        by_kind[label.kind].append(label)
    return tuple(label for kind, found in by_kind.items() for label in _likeliest(found, kind))


@cache
def wholes() -> Mapping[str, str]:
    """The style of a whole genre, by each genre of the vocabulary `library` that it has in it."""
    return {label.genre: label.within or label.name for label in label_names("style")}


def _likeliest(found: list[Label], kind: str) -> list[Label]:
    """The likeliest labels of those of a kind."""
    return sorted(found, key=lambda label: (-label.probability, label.name))[: MOST[kind]]


@cache
def _wider() -> Mapping[tuple[str, str], str]:
    """Of each label, by kind and name, the one of its kind that it lies in; empty for none."""
    return {label[:2]: label.within for label in label_names()}


def _goes_with(label: Label, genre: str, shares: Mapping[str, float]) -> bool:
    """Whether a style goes with the genre that is named; others always do."""
    if label.genre not in shares or genre not in shares:
        return True
    same = wholes().get(label.genre) == wholes().get(genre)
    return same or shares[label.genre] >= LEAST_PARENT
