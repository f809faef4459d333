"""Groups of files that hold one recording or edits of it, the best copy of each version first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from genrescope.evaluation.duplicates import copy_groups
from genrescope.library.duplicates.encodings import Encoding
from genrescope.similarity.alignment import Relation

BEST = "best copy"
IDENTICAL = "identical"
"""Relation of a file whose sound is that of the best copy, byte by byte; its tags may differ."""


@dataclass(frozen=True)
class Sound:
    """A sound of a library: its audio hash, encoding, and the files that hold it, by path."""

    audio: bytes
    encoding: Encoding
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Copy:
    """A file that holds a recording which the library has more than once.

    Attributes:
        path: relative to the library's folder.
        encoding: of its sound.
        version: edits of a recording are versions of it; 1 is the longest.
        shorter: seconds by which its version is shorter than the first.
        relation: to the best copy of its version: that copy itself, identical, or the same
            recording encoded in another way.
    """

    path: str
    encoding: Encoding
    version: int
    shorter: float
    relation: str


def group_copies(
    sounds: Sequence[Sound],
    related: Mapping[tuple[int, int], Relation],
    same_audio: Callable[[str, str], bool],
) -> list[tuple[Copy, ...]]:
    """The groups, in the order of their first files' paths; sounds that stand alone are left out.

    Args:
        sounds: of a library.
        related: pairs of their positions that have a recording in common.
        same_audio: whether the sound in two files is the same to the last byte.
    """
    versions = _connected(len(sounds), [p for p in related if related[p] is Relation.SAME])
    groups = _connected(len(sounds), list(related))
    found = []
    for members in _members(groups, range(len(sounds))).values():
        parts = [[sounds[n] for n in part] for part in _members(versions, members).values()]
        copies = tuple(_copies(parts, same_audio))
        if len(copies) > 1:
            found.append(copies)
    return sorted(found, key=lambda copies: copies[0].path)


def _connected(count: int, pairs: Sequence[tuple[int, int]]) -> list[str]:
    """(count,) a name for each position, the same where pairs connect them."""
    names = copy_groups(count, np.array(pairs, dtype=np.int64).reshape(-1, 2)).tolist()
    return [name or f"alone {position}" for position, name in enumerate(names)]


def _members(names: Sequence[str], positions: Sequence[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for position in positions:
        found[names[position]].append(position)
    return found


def _copies(versions: list[list[Sound]], same_audio: Callable[[str, str], bool]) -> Iterator[Copy]:
    """The files of a group, the longest version first."""
    ordered = sorted((sorted(version, key=_rank) for version in versions), key=_length)
    longest = ordered[0][0].encoding.seconds
    for number, version in enumerate(ordered, 1):
        shorter = max(0.0, longest - version[0].encoding.seconds)
        for sound in version:
            for path in sound.paths:
                relation = _relation(path, version[0].paths[0], sound is version[0], same_audio)
                yield Copy(path, sound.encoding, number, shorter, relation)


def _relation(path: str, best: str, equal: bool, same_audio: Callable[[str, str], bool]) -> str:
    if path == best:
        return BEST
    return IDENTICAL if equal and same_audio(path, best) else Relation.SAME.value


def _rank(sound: Sound) -> tuple[bool, float, float, str]:
    """Best first: lossless, then the bit rate, then the length."""
    encoding = sound.encoding
    return not encoding.lossless, -encoding.kilobits, -encoding.seconds, sound.paths[0]


def _length(version: list[Sound]) -> tuple[float, str]:
    """Longest first, by its best copy."""
    return -version[0].encoding.seconds, version[0].paths[0]
