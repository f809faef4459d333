"""Records made by real arithmetic from random predictions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from genrescope.data.table import FeatureTable
from genrescope.evaluation.record import EpochLog, Record
from genrescope.evaluation.scores import (
    GenreScore,
    Interval,
    ReliabilityBin,
    RuleScores,
    Scores,
)
from genrescope.featuresets import FEATURE_SETS
from genrescope.taxonomy.vocabulary import GTZAN

COUNTS = (100, 100, 100, 11, 12, 15, 100, 13, 10, 11)  # songs of each genre, unbalanced


def make_scores(genres: tuple[str, ...], skill: float, seed: int) -> Scores:
    """Scores of predictions whose logits favour the true genre by about `skill`."""
    rng = np.random.default_rng(seed)
    counts = [COUNTS[i % len(COUNTS)] for i in range(len(genres))]
    truth = np.repeat(np.arange(len(genres)), counts)
    logits = rng.normal(size=(len(truth), len(genres)))
    logits[np.arange(len(truth)), truth] += skill + rng.normal(0, 0.7, len(genres))[truth]
    p = np.exp(1.5 * logits)
    p /= p.sum(axis=1, keepdims=True)
    best = p.argmax(axis=1)
    confusion = np.zeros((len(genres), len(genres)), int)
    np.add.at(confusion, (truth, best), 1)
    recall = np.diag(confusion) / confusion.sum(axis=1)
    predicted = confusion.sum(axis=0)
    precision = np.divide(
        np.diag(confusion), predicted, out=np.zeros(len(genres)), where=predicted > 0
    )
    f1 = 2 * np.diag(confusion) / (confusion.sum(axis=1) + predicted)
    shares = confusion.sum(axis=1) / len(truth)
    confidence, right = p.max(axis=1), best == truth
    bins = make_bins(confidence, right)
    gap = sum(b.count * abs((b.confidence or 0) - (b.accuracy or 0)) for b in bins) / len(truth)
    rank = (p > p[np.arange(len(truth)), truth][:, None]).sum(axis=1)

    def interval(value: float, width: float = 0.03) -> Interval:
        return Interval(float(value), float(value) - width, float(value) + width)

    return Scores(
        rows=len(truth),
        macro_recall=interval(recall.mean()),
        accuracy=interval(right.mean()),
        majority_rate=float(shares.max()),
        macro_f1=interval(f1.mean()),
        log_loss=interval(-np.log(p[np.arange(len(truth)), truth]).mean(), 0.05),
        uniform_log_loss=float(np.log(len(genres))),
        prior_entropy=float(-(shares * np.log(shares)).sum()),
        top3=interval((rank < 3).mean()),
        calibration_error=interval(gap, 0.01),
        genres=tuple(
            GenreScore(
                genre,
                int(counts[i]),
                int(predicted[i]),
                float(precision[i]) if predicted[i] else None,
                float(recall[i]),
                float(f1[i]),
            )
            for i, genre in enumerate(genres)
        ),
        confusion=tuple(tuple(int(n) for n in row) for row in confusion),
        reliability=bins,
    )


def make_bins(confidence: np.ndarray, right: np.ndarray) -> tuple[ReliabilityBin, ...]:
    """Ten bins of equal width."""
    bins = []
    for low in np.arange(10) / 10:
        inside = (confidence > low) & (confidence <= low + 0.1)
        some = bool(inside.any())
        bins.append(
            ReliabilityBin(
                float(low),
                float(low + 0.1),
                int(inside.sum()),
                float(confidence[inside].mean()) if some else None,
                float(right[inside].mean()) if some else None,
            )
        )
    return tuple(bins)


def make_history(seed: int, split: str) -> EpochLog:
    """A training run that overfits at its end."""
    rng = np.random.default_rng(seed)
    epochs = np.arange(int(rng.integers(25, 45)))
    loss = 0.2 + 2 * np.exp(-epochs / 8) + 0.03 * rng.random(len(epochs))
    validation = 0.7 + 1.6 * np.exp(-epochs / 6) + 0.008 * epochs + 0.08 * rng.random(len(epochs))
    recall = 0.75 - 0.65 * np.exp(-epochs / 6) + 0.03 * rng.random(len(epochs))
    columns = {"loss": loss, "val_loss": validation, "val_macro_recall": recall}
    return EpochLog(
        split, {name: [float(v) for v in values] for name, values in columns.items()},
        int(recall.argmax()),
    )  # fmt: skip


def make_record(
    feature_set: str = "rp",
    learner: str = "student",
    kind: str = "student",
    *,
    seed: int = 0,
    skill: float = 1.4,
    genres: tuple[str, ...] = GTZAN.genres,
    **changes: object,
) -> Record:
    """One plausible record; `changes` replace any of its fields."""
    trained = kind in ("student", "improved")
    fields: dict[str, object] = {
        "dataset": "gtzan",
        "feature_sets": (feature_set,),
        "learner": learner,
        "kind": kind,
        "vocabulary": "GTZAN",
        "genres": genres,
        "protocol": "stratified 5-fold",
        "scores": make_scores(genres, skill, seed),
        "command": f"genrescope evaluate gtzan {feature_set} {learner} --seed {seed}",
        "seed": seed,
        "parameters": 12_345 + 7 * seed if trained else None,
        "seconds": 8.25 + 11 * seed,
        "histories": tuple(make_history(100 * seed + i, f"fold {i + 1}") for i in range(5))
        if trained
        else (),
        "warnings": ("7 songs of a test part have an exact copy in its training part",),
        "versions": {"genrescope": "0.1.0", "python": "3.12.3", "keras": "3.9.0"},
        "notes": {"batch": 256, "splits": ["fold 1", "fold 2"]},
    }
    return Record(**{**fields, **changes})  # type: ignore[arg-type]


def make_rules() -> tuple[RuleScores, ...]:
    """Scores of three rules, all numbers different."""

    def interval(value: float) -> Interval:
        return Interval(value, value - 0.012, value + 0.013)

    numbers = ((0.411, 0.462, 1.803, 0.57), (0.233, 0.671, 1.145, 0.0), (0.229, 0.664, 1.161, 0.03))
    return tuple(
        RuleScores(rule, (0.1,) * 10, off, interval(recall), interval(accuracy), interval(loss))
        for rule, (recall, accuracy, loss, off) in zip(
            ("balanced", "known shares", "estimated shares"), numbers, strict=True
        )
    )


def make_table(feature_set: str, songs: int = 60, seed: int = 0) -> FeatureTable:
    """Random vectors that differ by genre."""
    rng = np.random.default_rng(seed)
    found = FEATURE_SETS[feature_set]
    labels = np.array([GTZAN.genres[i % 10] for i in range(songs)])
    base = rng.gamma(2.0, 1.0, (10, found.dims)) * np.exp(-np.arange(found.dims) / found.dims)
    values = base[np.arange(songs) % 10] + rng.normal(0, 0.8, (songs, found.dims))
    ids = np.array([f"song {i}" for i in range(songs)])
    return FeatureTable(feature_set, ids, values.astype(np.float32), labels=labels)


@pytest.fixture(scope="session", name="make_record")
def _make_record() -> Callable[..., Record]:
    return make_record


@pytest.fixture(scope="session", name="make_table")
def _make_table() -> Callable[..., FeatureTable]:
    return make_table


@pytest.fixture(scope="session", name="make_rules")
def _make_rules() -> Callable[..., tuple[RuleScores, ...]]:
    return make_rules
