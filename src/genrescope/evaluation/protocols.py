"""Protocols: which rows are trained on and which are tested, and what limits the result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genrescope.data.splits import Split, stratified_kfold
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError

RANDOM_FOLDS = (
    "random folds: songs of one artist may lie on both sides of a fold, which flatters every score"
)
ALBUM_LABELS = "the published partition is not artist-filtered, which flatters every score"


@dataclass(frozen=True)
class Protocol:
    """How a learner is evaluated.

    Attributes:
        name: short, stable, fit for a file name (`kfold-10x1`).
        title: as in a table (`stratified 10-fold`).
        splits: in the order in which they are run.
        warnings: what limits any result under this protocol.
    """

    name: str
    title: str
    splits: tuple[Split, ...]
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [split.name for split in self.splits]
        if not names or len(set(names)) < len(names):
            raise DataError(f"protocol '{self.name}' needs splits, each with a name of its own")


def kfold(
    table: FeatureTable, folds: int, *, repeats: int = 1, seed: int = 0, by_group: bool = False
) -> Protocol:
    """Stratified k-fold cross-validation, `repeats` times.

    Args:
        table: labelled rows.
        folds: parts.
        repeats: how often to draw the folds.
        seed: of the folds.
        by_group: keep each known group (an artist, or known repeats) in one fold.

    Raises:
        DataError: rows without label, a genre with fewer than two songs, or `by_group` without
            any known group.
    """
    labels = table.require_labels()
    if by_group and (table.groups is None or not (table.groups != "").any()):
        raise DataError(f"table of '{table.feature_set}' has no groups to keep together")
    groups = table.groups if by_group else None
    splits = stratified_kfold(labels, folds, repeats=repeats, seed=seed, groups=groups)
    grouped = groups is not None and bool((groups != "").all())
    warnings = [] if grouped else [RANDOM_FOLDS]
    genres, songs = np.unique(labels, return_counts=True)
    if few := [f"{g} ({n})" for g, n in zip(genres, songs, strict=True) if n < folds]:
        warnings.append(f"fewer songs than folds, some folds test none of them: {', '.join(few)}")
    kind = "grouped stratified" if by_group else "stratified"
    times = f"{repeats} x " if repeats > 1 else ""
    name = f"{'grouped-' if by_group else ''}kfold-{folds}x{repeats}"
    return Protocol(name, f"{times}{kind} {folds}-fold", tuple(splits), tuple(warnings))


def fixed(split: Split, *, title: str | None = None, warnings: tuple[str, ...] = ()) -> Protocol:
    """One given split."""
    return Protocol(split.name, title or f"fixed split {split.name}", (split,), warnings)


def msd_partition(split: Split) -> Protocol:
    """A published partition of the Million Song Dataset, read by `genrescope.data.partitions`."""
    return fixed(split, title=f"MSD partition {split.name}", warnings=(ALBUM_LABELS,))


def fault_filtered(split: Split) -> Protocol:
    """GTZAN's fault-filtered, artist-aware split (Kereliuk, Sturm, Larsen, IEEE TMM, 2015)."""
    return fixed(split, title="fault-filtered split")
