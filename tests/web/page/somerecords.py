"""Two benchmark records with their predictions, by real arithmetic from random predictions."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from genrescope.evaluation.metrics import evaluate
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.record import EpochLog, Record, write_record
from genrescope.taxonomy.vocabulary import GTZAN

SONGS = 200


def write_records(folder: Path) -> None:
    for number, (learner, skill) in enumerate((("student", 1.0), ("perceptron", 2.5))):
        predictions = _predictions(skill, np.random.default_rng(number))
        name = f"rp-{learner}"
        predictions.save(folder / "predictions" / f"{name}.npz")
        write_record(folder / "records" / f"{name}.json", _record(learner, predictions))


def _predictions(skill: float, rng: np.random.Generator) -> Predictions:
    truth = np.arange(SONGS) % 10
    logits = rng.normal(size=(SONGS, 10))
    logits[np.arange(SONGS), truth] += skill
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    ids = np.array([f"{GTZAN.genres[genre]}.{row:05}" for row, genre in enumerate(truth)])
    folds = tuple(f"fold {fold}" for fold in range(5))
    return Predictions(ids, truth, p, np.arange(SONGS) % 5, folds, GTZAN.genres)


def _record(learner: str, predictions: Predictions) -> Record:
    curve = [1.2 * 0.7**epoch + 0.5 for epoch in range(8)]
    columns = {"loss": curve, "val_loss": [value + 0.1 for value in curve]}
    return Record(
        dataset="gtzan",
        feature_sets=("rp",),
        learner=learner,
        kind="student" if learner == "student" else "improved",
        vocabulary="GTZAN",
        genres=GTZAN.genres,
        protocol="5-fold stratified",
        scores=evaluate(
            predictions.truth, predictions.probabilities, GTZAN.genres, songs=predictions.ids
        ),
        command="genrescope benchmark gtzan --sets rp",
        seed=0,
        parameters=1000,
        seconds=12.5,
        histories=tuple(EpochLog(f"fold {fold}", columns, 5) for fold in range(5)),
    )
