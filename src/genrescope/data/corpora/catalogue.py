"""What there is to fetch of the Million Song Dataset Benchmarks, and what users call it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from genrescope.data.corpora.msd_files import (
    ARTIST_STEM,
    CLS_SUFFIXES,
    LABEL_FILES,
    feature_stems,
    partition_stems,
)
from genrescope.errors import UsageError

_TAGTRAUM_CD1 = "https://www.tagtraum.com/genres/msd_tagtraum_cd1.cls.zip"
_ARFF_SUFFIXES = (".arff.gz", ".arff", ".gz", ".arff.zip", ".zip")

Kind = Literal["features", "labels", "partitions"]
KINDS: tuple[Kind, ...] = ("features", "labels", "partitions")


@dataclass(frozen=True)
class Item:
    """One file to fetch.

    Attributes:
        name: what users call it (`rp`, `topMAGD`, `fixedSizeSplit_2000`).
        kind: what it is.
        stem: its file name without suffixes.
        suffixes: what the stem may be followed by, the most welcome first.
        path: its published place relative to the base address; None where only the page has it.
    """

    name: str
    kind: Kind
    stem: str
    suffixes: tuple[str, ...]
    path: str | None


def _catalogue() -> list[Item]:
    features = [
        Item(name, "features", stem, _ARFF_SUFFIXES, None) for name, stem in feature_stems().items()
    ]
    stems = [(item.name, item.stem) for item in LABEL_FILES.values() if item.name != "CD1"]
    labels = [
        Item(name, "labels", stem, CLS_SUFFIXES, f"partitions/{stem}.cls")
        for name, stem in (*stems, ("artists", ARTIST_STEM))
    ]
    cd1 = Item("CD1", "labels", LABEL_FILES["CD1"].stem, CLS_SUFFIXES, _TAGTRAUM_CD1)
    partitions = [
        Item(kind, "partitions", stem, CLS_SUFFIXES, f"partitions/{stem}.cls")
        for kind, stem in partition_stems()
    ]
    return [*labels, cd1, *partitions, *features]


def select(what: Sequence[str]) -> list[Item]:
    """The items that names stand for, each once: a kind, `all`, a name or a file's stem.

    Raises:
        UsageError: nothing is called so.
    """
    items = _catalogue()
    chosen: dict[str, Item] = {}
    for name in what:
        word = name.casefold()
        found = [
            item
            for item in items
            if word in ("all", item.kind, item.name.casefold(), item.stem.casefold())
        ]
        if not found:
            names = dict.fromkeys(("all", *KINDS, *(item.name for item in items)))
            raise UsageError(
                f"nothing is called '{name}'", remedy=f"choose from {', '.join(names)}"
            )
        chosen.update((item.stem, item) for item in found)
    return list(chosen.values())
