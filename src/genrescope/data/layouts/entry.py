"""The entry of one song in a file of labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LabelEntry:
    """The entry of one song in a file of labels.

    Attributes:
        line: number of its line, from 1.
        names: what its file may be called: paths from some folder, or names, with or without
            ending; the first is the song's own.
        genre: as the corpus spells it, several joined by `|`; empty where there is none.
        groups: by kind (artist, album) what a split must not divide.
        part: the corpus' own part: `train`, `valid`, `test`, or empty.
    """

    line: int
    names: tuple[str, ...]
    genre: str
    groups: Mapping[str, str] = field(default_factory=dict)
    part: str = ""
