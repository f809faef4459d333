"""Pruning: finds wrong labels, keeps to its limits, is fitted to no song that it predicts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable
from genrescope.errors import LeakError
from genrescope.evaluation.learner import TrainingRequest
from genrescope.evaluation.protocols import fixed
from genrescope.evaluation.record import EpochLog
from genrescope.evaluation.runner import evaluate_classifier, run, true_genres
from genrescope.taxonomy.vocabulary import Vocabulary
from pruned import PrunedLearner

ABC = Vocabulary("three", ("blues", "jazz", "rock"))
CENTRES = np.eye(3) * 6


@dataclass(frozen=True)
class Nearest:
    """The softmax of minus the squared distances to the training medians."""

    trained_ids: frozenset[str]
    centres: NDArray[np.float64]
    history: EpochLog | None = None
    parameters: int | None = 9

    def probabilities(self, table: FeatureTable, positions: np.ndarray) -> np.ndarray:
        distance = ((table.read(positions)[:, None] - self.centres) ** 2).sum(axis=2)
        p = np.exp(-(distance - distance.min(axis=1, keepdims=True)) / 2)
        return p / p.sum(axis=1, keepdims=True)


@dataclass
class NearestLearner:
    """Trains `Nearest`; remembers the ids and the split of each training."""

    name: str = "nearest"
    kind: str = "baseline"
    calls: list[tuple[str, frozenset[str]]] = field(default_factory=list)

    def fit(self, request: TrainingRequest) -> Nearest:
        table, train, vocabulary = request.table, request.train, request.vocabulary
        split = request.split
        assert not split.startswith("one, inner") or (np.delete(table.labels, train) == "").all()
        rows = table.take(train)
        truth, ids = true_genres(rows, vocabulary), frozenset(rows.ids.tolist())
        self.calls.append((split, ids))
        centres = [np.median(rows.read()[truth == g], axis=0) for g in range(3)]
        return Nearest(ids, np.array(centres))


def blobs(rows: int = 120, albums: int | None = 4) -> tuple[FeatureTable, np.ndarray]:
    """Three genres far apart, and their right indices; `albums` rows have one group."""
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], rows // 3)
    matrix = (CENTRES[truth] + rng.normal(size=(rows, 3))).astype(np.float32)
    ids = np.array([f"song{i:03d}" for i in range(rows)])
    groups = None if albums is None else np.array([f"album{i // albums}" for i in range(rows)])
    labels = np.array(ABC.genres)[truth]
    return FeatureTable("test", ids, matrix, labels=labels, groups=groups), truth


def mislabelled(table: FeatureTable, rows: list[int]) -> FeatureTable:
    labels = np.asarray(table.labels).copy()
    labels[rows] = [ABC.genres[(ABC.index(str(label)) + 1) % 3] for label in labels[rows]]
    return FeatureTable("test", table.ids, table.source, labels=labels, groups=table.groups)


def fit(learner: PrunedLearner, table: FeatureTable):
    return learner.fit(TrainingRequest(table, np.arange(len(table)), ABC, 0, "one"))


WRONG = [0, 1, 2, 3, 44, 45, 46, 47, 100, 101, 102, 103]  # three whole albums


def test_finds_albums_that_are_wrong_together() -> None:
    table, _ = blobs()
    learner = PrunedLearner(NearestLearner())
    trained = fit(learner, mislabelled(table, WRONG))
    assert set(trained.dropped) == set(table.ids[WRONG])
    assert learner.dropped == {"one": {"blues": 4, "jazz": 4, "rock": 4}}
    assert (learner.name, learner.kind) == ("nearest_pruned", "baseline")


def test_sound_labels_are_kept() -> None:
    table, _ = blobs()
    trained = fit(PrunedLearner(NearestLearner()), table)
    assert trained.dropped == trained.suspects == ()


def test_no_model_saw_the_album_of_a_song_that_it_predicts() -> None:
    table, _ = blobs()
    inside = NearestLearner()
    fit(PrunedLearner(inside, folds=3), table)
    *trials, last = inside.calls
    assert [split for split, _ in trials] == [f"one, inner fold {i}" for i in (1, 2, 3)]
    album = dict(zip(table.ids.tolist(), np.asarray(table.groups).tolist(), strict=True))
    left_out: list[str] = []
    for _, ids in trials:
        rest = set(album) - ids
        assert {album[i] for i in ids}.isdisjoint(album[i] for i in rest)
        left_out += rest
    assert sorted(left_out) == sorted(album)
    assert last == ("one", frozenset(album))


def test_what_was_dropped_counts_as_trained_on() -> None:
    table, _ = blobs()
    trained = fit(PrunedLearner(NearestLearner()), mislabelled(table, WRONG))
    assert trained.trained_ids == frozenset(table.ids.tolist())
    with pytest.raises(LeakError):
        evaluate_classifier(trained, table.take(np.array(WRONG)), vocabulary=ABC)


@settings(max_examples=20, deadline=None)
@given(st.sets(st.integers(0, 119), max_size=70), st.floats(0, 0.6), st.integers(0, 30))
def test_no_genre_loses_more_than_it_may(wrong: set[int], most: float, least: int) -> None:
    table = mislabelled(blobs(albums=None)[0], sorted(wrong))
    before = np.bincount(true_genres(table, ABC), minlength=3)
    trained = fit(PrunedLearner(NearestLearner(), most=most, least=least), table)
    kept = np.flatnonzero(~np.isin(table.ids, trained.dropped))
    after = np.bincount(true_genres(table.take(kept), ABC), minlength=3)
    assert (before - after <= most * before).all()
    assert (after >= np.minimum(before, least)).all()
    assert set(trained.dropped) <= set(trained.suspects)


def test_a_genre_of_one_album_is_trained_on_and_never_tested() -> None:
    table, truth = blobs()
    groups = np.where(truth == 2, "the only one", np.asarray(table.groups))
    table = FeatureTable("test", table.ids, table.source, labels=table.labels, groups=groups)
    inside = NearestLearner()
    trained = fit(PrunedLearner(inside, least=0), mislabelled(table, [0, 1]))
    assert set(trained.suspects) == {"song000", "song001"}
    for _, ids in inside.calls:
        assert set(table.ids[truth == 2]) <= ids


def test_the_record_has_how_many_were_dropped() -> None:
    table, _ = blobs()
    train, test = np.arange(0, 120, 2), np.arange(1, 120, 2)
    record, _ = run(
        PrunedLearner(NearestLearner()),
        mislabelled(table, WRONG),
        fixed(Split("halves", train, test)),
        vocabulary=ABC,
        seed=0,
        command="",
        dataset="blobs",
    )
    left_out = record.notes["songs left out as mislabelled"]
    assert left_out == {"halves": {"blues": 2, "jazz": 2, "rock": 2}}
