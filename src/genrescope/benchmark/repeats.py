"""Recordings that are there twice, within a corpus or across several, by vectors of their sound.

The search is that of `genrescope data audit`: pairs that are equal, near duplicates in two sources,
or all but equal in one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from genrescope.benchmark.audit import audit
from genrescope.benchmark.corpus import Corpus
from genrescope.data.audit.source import AuditInput
from genrescope.data.concatenate import SIGN
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError


@dataclass(frozen=True)
class Repeat:
    """Two songs that are one recording, or all but one.

    Attributes:
        corpora: where the two are.
        songs: their names.
        genres: of each, joined by `|`.
        sources: in which they are alike.
        distance: the least, in units of the usual one to the nearest song; 0 where equal.
        one_group: whether they are in one group, which no split divides.
    """

    corpora: tuple[str, str]
    songs: tuple[str, str]
    genres: tuple[str, str]
    sources: tuple[str, ...]
    distance: float
    one_group: bool

    def as_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def find_repeats(corpora: Sequence[Corpus], *, seed: int = 0) -> list[Repeat]:
    """Repeats within and across corpora, the nearest first.

    Args:
        corpora: with vectors; sources that all of them have are compared, side by side ones not.
        seed: of the search.

    Raises:
        DataError: the corpora share no source.
    """
    tables = _tables(corpora)
    if not tables:
        raise DataError("the corpora share no source of vectors", remedy="name the same --sets")
    names = tuple(tuple(map(str, range(table.dims))) for table in tables)
    found = audit(AuditInput("corpora", tables, names, None, None), max_label_rows=0, seed=seed)
    home = [(corpus, at) for corpus in corpora for at in range(len(corpus))]
    repeats = []
    for copy in found.confirmed:
        pair = [home[copy.first], home[copy.second]]
        groups = [corpus.groups[at] for corpus, at in pair]
        repeats.append(
            Repeat(
                (pair[0][0].name, pair[1][0].name),
                (str(pair[0][0].ids[pair[0][1]]), str(pair[1][0].ids[pair[1][1]])),
                tuple("|".join(corpus.genres[at]) for corpus, at in pair),  # type: ignore[arg-type]
                (*copy.equal, *copy.near),
                0.0 if copy.equal else min(copy.near.values()),
                bool(groups[0] != "" and groups[0] == groups[1] and pair[0][0] is pair[1][0]),
            )
        )
    return sorted(repeats, key=lambda item: (item.distance, item.songs))


def _tables(corpora: Sequence[Corpus]) -> tuple[FeatureTable, ...]:
    """A table of the songs of all corpora for each source that all have."""
    first, *others = ({t.feature_set: t for t in corpus.tables} for corpus in corpora)
    shared = [name for name in first if SIGN not in name and all(name in o for o in others)]
    ids = np.array([f"{corpus.name}: {name}" for corpus in corpora for name in corpus.ids])
    if not others:
        return tuple(replace(first[name], labels=None, groups=None) for name in shared)
    return tuple(
        FeatureTable(
            name, ids, np.concatenate([first[name].read(), *(o[name].read() for o in others)])
        )
        for name in shared
    )
