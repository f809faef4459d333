"""The published files of the Million Song Dataset Benchmarks: their names and their counts.

Schindler, Mayer, Rauber, "Facilitating comprehensive benchmarking experiments on the Million Song
Dataset", ISMIR 2012; CD1: Schreiber, "Improving genre annotations for the Million Song Dataset",
ISMIR 2015.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from genrescope.data.partitions import PARTITION_KINDS, partition_file
from genrescope.data.store.reader import is_store
from genrescope.errors import UsageError
from genrescope.featuresets import FEATURE_SETS
from genrescope.taxonomy.vocabulary import VOCABULARIES, Vocabulary

CLS_SUFFIXES = (".cls", ".cls.gz", ".cls.zip")
_STORE = (".store",)
_FEATURE_SUFFIXES = (".arff", ".arff.gz", ".csv", ".csv.gz")
ARTIST_STEM = "msd-artistIDs"


@dataclass(frozen=True)
class LabelFile:
    """A published label file.

    Attributes:
        name: what users call it (`topMAGD`, `CD1`).
        stem: file name without `.cls`.
        vocabulary: its genres.
        tracks: labelled tracks as published.
    """

    name: str
    stem: str
    vocabulary: Vocabulary
    tracks: int


LABEL_FILES = {
    item.name: item
    for item in (
        LabelFile(
            "topMAGD", "msd-topMAGD-genreAssignment", VOCABULARIES["topMAGD"], tracks=406_427
        ),
        LabelFile("MAGD", "msd-MAGD-genreAssignment", VOCABULARIES["MAGD"], tracks=422_714),
        LabelFile("MASD", "msd-MASD-styleAssignment", VOCABULARIES["MASD"], tracks=273_936),
        LabelFile("CD1", "msd_tagtraum_cd1", VOCABULARIES["topMAGD"], tracks=133_676),
    )
}

# Rows of each feature file as published; None where only "about 994,600" is known.
PUBLISHED_ROWS: dict[str, int | None] = {
    **dict.fromkeys(("rp", "rh", "ssd", "tssd", "trh", "mvd"), 994_188),
    "marsyas_timbral": 995_001,
    "jmir_spectral": 994_615,
    "jmir_derivatives": None,
    "jmir_mfcc": 994_623,
    "jmir_lpc": None,
    "jmir_moments": 994_623,
    "jmir_area_moments": 994_622,
}


def label_file(name: str) -> LabelFile:
    """The label file called `name`, in any case.

    Raises:
        UsageError: there is none of that name.
    """
    for known in LABEL_FILES.values():
        if known.name.casefold() == name.casefold():
            return known
    raise UsageError(f"no labels '{name}'", remedy=f"choose from {', '.join(LABEL_FILES)}")


def partition_stems() -> Iterator[tuple[str, str]]:
    """(kind, file name without `.cls`) of every published partition."""
    for labels in ("topMAGD", "MAGD", "MASD"):
        for kind in PARTITION_KINDS:
            yield kind, partition_file(labels, kind).removesuffix(".cls")


def find_file(root: Path, stem: str, suffixes: tuple[str, ...]) -> Path | None:
    """The file (or folder) `stem + suffix` in `root` or one folder below; earlier suffixes win."""
    below = sorted(path for path in root.iterdir() if path.is_dir())
    for suffix in suffixes:
        for folder in (root, *below):
            path = folder / f"{stem}{suffix}"
            if path.exists():
                return path
    return None


def find_feature_files(root: Path) -> dict[str, Path]:
    """Feature set name to its store or file, for those of the thirteen that are in `root`.

    Looks in the folder and one below it; a finished store is preferred to the file it came from.

    Raises:
        UsageError: `root` is not a folder.
    """
    if not root.is_dir():
        raise UsageError("no such folder", place=root)
    found = {}
    for name, stem in feature_stems().items():
        path = find_file(root, stem, _STORE)
        if path is None or not is_store(path):
            path = find_file(root, stem, _FEATURE_SUFFIXES)
        if path is not None:
            found[name] = path
    return found


def feature_stems() -> dict[str, str]:
    """Feature set name to the stem of its published file."""
    return {name: item.msd_stem for name, item in FEATURE_SETS.items()}
