"""Folders of results as a benchmark leaves them: random predictions, scores by real arithmetic."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.record import Record, write_record
from genrescope.evaluation.runner import score
from genrescope.taxonomy.vocabulary import GTZAN

COUNTS = (30, 30, 30, 1, 25, 3, 30, 25, 25, 0)  # songs of each genre
COMMAND = "genrescope benchmark gtzan"


def predictions(skill: float, seed: int, repeats: int = 1) -> Predictions:
    """Predictions that favour the true genre by about `skill`; the songs are always the same."""
    rng = np.random.default_rng(seed)
    truth = np.tile(np.repeat(np.arange(10), COUNTS), repeats)
    logits = rng.normal(size=(len(truth), 10))
    logits[np.arange(len(truth)), truth] += skill
    chances = np.exp(logits)
    songs = len(truth) // repeats
    return Predictions(
        ids=np.tile([f"song {i:03d}" for i in range(songs)], repeats),
        truth=truth,
        probabilities=chances / chances.sum(axis=1, keepdims=True),
        split=np.repeat(np.arange(repeats), songs),
        split_names=tuple(f"repeat {i + 1} fold 1" for i in range(repeats)),
        genres=GTZAN.genres,
    )


def write_result(
    folder: Path,
    sets: str = "rp",
    learner: str = "perceptron",
    kind: str = "improved",
    *,
    skill: float = 2.0,
    seed: int = 0,
    repeats: int = 1,
    **changes: object,
) -> Record:
    """One result in `folder`; `changes` replace fields of its record."""
    found = predictions(skill, seed, repeats)
    fields: dict[str, object] = {
        "dataset": "gtzan",
        "feature_sets": tuple(sets.split("+")),
        "learner": learner,
        "kind": kind,
        "vocabulary": "GTZAN",
        "genres": GTZAN.genres,
        "protocol": "stratified 5-fold",
        "scores": score(found, resamples=50),
        "command": COMMAND,
        "seed": 0,
        "parameters": None,
        "seconds": 1.0,
    }
    record = Record(**{**fields, **changes})  # type: ignore[arg-type]
    write_record(folder / "records" / f"{sets}-{learner}.json", record)
    found.save(folder / "predictions" / f"{sets}-{learner}.npz")
    return record
