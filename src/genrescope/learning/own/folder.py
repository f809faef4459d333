"""A model of labels as a folder that every command takes."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from genrescope.backbones.family import models_folder
from genrescope.calibration.temperature import Calibration
from genrescope.errors import UsageError
from genrescope.evaluation.record import finite
from genrescope.files.atomic import atomic_folder
from genrescope.inference.card import GRAPH, DescribedModel, ModelCard
from genrescope.inference.heads import EACH, Head
from genrescope.inference.prediction import UNKNOWN
from genrescope.inference.registry import ALIASES, BEST_FIRST
from genrescope.learning.operating_point import LEAST
from genrescope.learning.own.assessing import Assessment
from genrescope.learning.own.columns import Columns, Singles
from genrescope.learning.own.fitting import FittedLabels
from genrescope.learning.own.graph import write_graph

NEIGHBOURS = "neighbours.npz"
"""As `genrescope.similarity.neighbours` reads it."""
_UNKNOWN_SHARE = 0.01  # of songs to come: what is unlike all songs is rare
_LEAST_SHARE = 1e-6  # of songs that have a label, and that have not
_WEAK = 0.5  # recall below which a label is missed more often than found


def folder_of(name: str) -> Path:
    """Where the model of a name is kept.

    Raises:
        UsageError: it is the name of a bundled model, or no name of a folder.
    """
    if name in (*BEST_FIRST, *ALIASES, "", ".", "..") or any(mark in name for mark in "/\\\0"):
        raise UsageError(f"no name for a model: '{name}'", remedy="choose another with --name")
    return models_folder() / name


def write_model(
    folder: Path,
    base: DescribedModel,
    columns: Columns,
    fitted: FittedLabels,
    found: Assessment,
    *,
    embeddings: Singles | None = None,
    command: str = "genrescope.learn",
) -> ModelCard:
    """Write a model of labels, whole or not at all; what was there is replaced.

    Args:
        folder: the model's.
        base: the general model, whose graph becomes a part of this one.
        columns: of its predictions.
        fitted: to them.
        found: what is known of it.
        embeddings: (n, e) of the songs in `found`, to keep for explanations; None: none are kept.
        command: that makes it again.

    Returns:
        Its card.
    """
    card = _card(folder.name, base, fitted, found, command)
    with atomic_folder(folder) as part:
        write_graph(base.folder / GRAPH, part / GRAPH, columns, fitted, found)
        card.write(part)
        if embeddings is not None:
            labels = [_joined(found, row) for row in range(len(found.songs))]
            names = [Path(name).name for name in found.songs.names.tolist()]
            np.savez(part / NEIGHBOURS, ids=names, genres=labels, embedding=embeddings)
        licence = base.folder / "LICENSE"
        if licence.is_file():
            shutil.copy(licence, part)
    return card


def _joined(found: Assessment, row: int) -> str:
    return ", ".join(
        label for label, has in zip(found.songs.labels, found.songs.has[row], strict=True) if has
    )


def _card(
    name: str, base: DescribedModel, fitted: FittedLabels, found: Assessment, command: str
) -> ModelCard:
    labels = found.songs.labels
    shares = np.append(found.songs.shares * (1 - _UNKNOWN_SHARE), _UNKNOWN_SHARE)
    return replace(
        base.card,
        name=name,
        title=f"{len(labels)} labels of {len(found.songs)} songs, on {base.card.name}",
        genres=(*labels, UNKNOWN),
        prior=tuple((shares / shares.sum()).tolist()),
        calibration=Calibration(1.0, (0.0,) * (len(labels) + 1)),
        vocabulary=None,
        threshold=LEAST if found.several else found.point.threshold,
        coverage=found.several.coverage if found.several else found.point.coverage,
        heads=_heads(found),
        members={},
        card=finite(_notes(base, fitted, found, command)),
    )


def _heads(found: Assessment) -> dict[str, Head]:
    """The vocabulary of each label and its absence, where songs have several labels."""
    if found.several is None:
        return {}
    labels, shares = found.songs.labels, found.songs.has.mean(axis=0)
    prior = np.concatenate([shares, 1 - shares]).clip(_LEAST_SHARE)
    head = Head(
        (*labels, *(f"no {label}" for label in labels)),
        tuple((prior / prior.sum()).tolist()),
        Calibration(1.0, (0.0,) * len(prior)),
        vocabulary=EACH,
        least=tuple(found.each.thresholds.tolist()),
    )
    return {EACH: head}


def _notes(
    base: DescribedModel, fitted: FittedLabels, found: Assessment, command: str
) -> dict[str, Any]:
    scores = found.scores
    groups = len(set(found.songs.groups.tolist()) - {""})
    return {
        "data": f"{len(found.songs)} songs of a person's own, {groups} artists or albums",
        "base": {"name": base.card.name, "digest": base.digest},
        "head": fitted.recipe,
        "split": "5 folds that divide no artist; the scores are of songs not fitted to",
        "scores": {
            "macro_recall": asdict(scores.macro_recall),
            "general model": None if found.general is None else asdict(found.general),
            "accuracy": asdict(found.accuracy_scores.accuracy),
            "always the commonest": found.commonest,
            "calibration_error": asdict(found.accuracy_scores.calibration_error),
        },
        "several labels": None if found.several is None else asdict(found.several),
        "recall": {genre.genre: genre.recall for genre in scores.genres},
        "weak_genres": {
            genre.genre: genre.recall
            for genre in scores.genres
            if genre.recall is not None and genre.recall < _WEAK
        },
        "learning curve": {str(songs): recall for songs, recall in found.curve.items()},
        "left out": dict(found.songs.left_out),
        "spellings": dict(found.songs.spellings),
        "threshold": found.point.rationale,
        "unfair": "any evaluation on the songs that it was fitted to, or on songs of their artists",
        "licence": "the labels' owner's; the general model's part is under its own",
        "command": command,
        "limits": "labels mean what they mean to the person who gave them; a song unlike all that "
        "were fitted to is unknown",
    }
