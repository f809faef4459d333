"""The model card of a trained network: what is needed to use it, and its limits."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genrescope.data.table import FeatureTable
from genrescope.descriptors import Settings
from genrescope.descriptors.settings import Like
from genrescope.evaluation.record import Record
from genrescope.evaluation.runner import versions
from genrescope.featuresets import FEATURE_SETS
from genrescope.inference.card import ModelCard
from genrescope.learning.learner import TrainedNetwork
from genrescope.learning.operating_point import OperatingPoint
from genrescope.taxonomy.vocabulary import VOCABULARIES

if TYPE_CHECKING:
    from genrescope.learning.training import TrainingSet

FORMAT = 2
"""Counts up whenever the files of an artefact, or what `card["training"]` holds, change."""

_SCORES = ("macro_recall", "accuracy", "macro_f1", "log_loss", "calibration_error")
_LIKE: dict[str, Like] = {"MSD": "msd", "GTZAN, TU Wien": "2012"}
_WEAK = 0.5  # recall below which a genre is missed more often than found


def model_card(
    name: str, trained: TrainedNetwork, record: Record, decision: OperatingPoint
) -> ModelCard:
    """The card of `trained`, whose scores are in `record`.

    Vectors are taken to be computed as `settings_of` has them of the training table; whatever level
    its songs had is left as it is.
    """
    network, data, genres = trained.network, trained.data, trained.vocabulary.genres
    known = VOCABULARIES.get(trained.vocabulary.name)
    title = FEATURE_SETS[network.feature_set].title
    return ModelCard(
        name=name,
        title=f"{network.name} on {title}, trained on {record.dataset}",
        genres=genres,
        vocabulary=known.name if known and known.genres == genres else None,
        inputs={network.feature_set: data.table.dims},
        settings=settings_of(data.table),
        prior=tuple(genre_shares(data).tolist()),
        calibration=decision.calibration,
        threshold=decision.threshold,
        coverage=decision.coverage,
        card=_for_people(trained, record, decision) | {"training": _training(trained, record)},
    )


def settings_of(table: FeatureTable) -> Settings:
    """How the vectors of a table were computed, by its provenance.

    Tables extracted here have it in their provenance, the built-in songs by their variant; of other
    published files it is known. Where there is nothing the defaults are taken.
    """
    facts = table.provenance
    if "settings" in facts:
        return Settings(**facts["settings"])
    return Settings(facts.get("variant") or _LIKE.get(facts.get("dataset", ""), "default"))


def genre_shares(data: TrainingSet) -> NDArray[np.float64]:
    """(genres,) share of each genre in the training part, none quite 0.

    Training weighs genres alike; the calibration makes the probabilities assume these shares.
    """
    counts = np.maximum(np.bincount(data.classes, minlength=data.genres), 0.5)
    return np.asarray(counts / counts.sum())


def _for_people(
    trained: TrainedNetwork, record: Record, decision: OperatingPoint
) -> dict[str, Any]:
    data, last = trained.data, trained.history.split if trained.history else None
    scores = record.scores
    return {
        "data": f"{record.dataset}: {len(data.fit)} songs to fit, {len(data.validation)} to "
        "choose the epoch, to calibrate and to choose the threshold",
        "split": f"{record.protocol}; this network is that of '{last}', the scores are of all",
        "scores": {name: asdict(getattr(scores, name)) for name in _SCORES},
        "weak_genres": {
            genre.genre: genre.recall
            for genre in scores.genres
            if genre.recall is not None and genre.recall < _WEAK
        },
        "unfair": "any evaluation on the songs of trained_ids.txt, or on songs of their artists",
        "licence": "that of the data it was trained on",
        "command": record.command,
        "threshold": decision.rationale,
        "limits": "the scores are those before calibration; songs are described at the level that "
        "they have, so a copy that is louder or quieter may be classified otherwise",
        "warnings": list(record.warnings),
    }


def _training(trained: TrainedNetwork, record: Record) -> dict[str, Any]:
    """What made the network."""
    network = trained.network
    return {
        "format": FORMAT,
        "network": network.name,
        "kind": network.kind,
        "recipe": asdict(network.recipe),
        "dataset": record.dataset,
        "protocol": record.protocol,
        "split": trained.history.split if trained.history else None,
        "seed": record.seed,
        "parameters": trained.parameters,
        "versions": versions(),
    }
