"""The runner: what a learner may see, what is pooled, what is refused, what is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError, LeakError
from genrescope.evaluation import protocols
from genrescope.evaluation.learner import TrainingRequest
from genrescope.evaluation.record import EpochLog
from genrescope.evaluation.runner import evaluate_classifier, run, score
from genrescope.taxonomy.vocabulary import Vocabulary

VOCABULARY = Vocabulary("three", ("blues", "jazz", "rock"))


@dataclass(frozen=True)
class Nearest:
    """Predicts the genre of the nearest training mean."""

    trained_ids: frozenset[str]
    means: NDArray[np.float64]
    history: EpochLog | None
    parameters: int | None = 6

    def probabilities(self, table: FeatureTable, positions: np.ndarray) -> np.ndarray:
        assert table.labels is None
        distance = np.linalg.norm(table.read(positions)[:, None] - self.means, axis=2)
        return np.eye(3)[distance.argmin(axis=1)]


@dataclass
class NearestLearner:
    """Trains `Nearest`; keeps what it was given."""

    name: str = "nearest"
    kind: str = "baseline"
    also_trained: frozenset[str] = frozenset()
    calls: list[tuple[FeatureTable, np.ndarray, str, int]] = field(default_factory=list)

    def fit(self, request: TrainingRequest) -> Nearest:
        table, train, vocabulary = request.table, request.train, request.vocabulary
        seed, split = request.seed, request.split
        self.calls.append((table, train, split, seed))
        labels, vectors = table.labels[train], table.read(train)
        means = np.array([vectors[labels == genre].mean(axis=0) for genre in vocabulary.genres])
        history = EpochLog(split, {"loss": [1.0]}, 0)
        return Nearest(frozenset(table.ids[train].tolist()) | self.also_trained, means, history)


def clusters(rows: int = 30) -> FeatureTable:
    rng = np.random.default_rng(0)
    genre = np.arange(rows) % 3
    vectors = (np.eye(3)[genre] * 10 + rng.normal(size=(rows, 3))).astype(np.float32)
    ids = np.array([f"song{i:02d}" for i in range(rows)])
    return FeatureTable("ssd+rh", ids, vectors, labels=np.array(VOCABULARY.genres)[genre])


def run_on(table: FeatureTable, protocol: protocols.Protocol, learner: NearestLearner, **options):
    return run(
        learner,
        table,
        protocol,
        vocabulary=VOCABULARY,
        seed=4,
        command="genrescope benchmark",
        dataset="clusters",
        **options,
    )


def test_pools_every_fold_and_fills_the_record() -> None:
    table, learner, done = clusters(), NearestLearner(), []
    protocol = protocols.kfold(table, 5, repeats=2)
    record, predictions = run_on(
        table, protocol, learner, progress=lambda at: done.append((at.done, at.total))
    )
    assert done == [(i + 1, 10) for i in range(10)]
    assert predictions.split_names == tuple(split.name for split in protocol.splits)
    assert np.bincount(predictions.split).tolist() == [len(s.test) for s in protocol.splits]
    names, times = np.unique(predictions.ids, return_counts=True)
    assert names.tolist() == table.ids.tolist()
    assert set(times.tolist()) == {2}
    assert [VOCABULARY.genres[i] for i in predictions.truth] == [
        table.labels[int(name[4:])] for name in predictions.ids
    ]
    assert record.scores.rows == 60
    assert record.scores.accuracy.value == 1.0
    assert record.feature_sets == ("ssd", "rh")
    assert (record.learner, record.kind, record.parameters) == ("nearest", "baseline", 6)
    assert [log.split for log in record.histories] == list(predictions.split_names)
    assert record.protocol == "2 x stratified 5-fold"
    assert record.warnings == (protocols.RANDOM_FOLDS,)
    assert {"python", "platform", "numpy"} <= set(record.versions)
    assert record.seconds > 0
    assert score(predictions, seed=4) == record.scores


def test_a_learner_sees_no_label_but_those_it_trains_on() -> None:
    table, learner = clusters(), NearestLearner()
    run_on(table, protocols.kfold(table, 3), learner)
    for seen, train, _, seed in learner.calls:
        hidden = np.setdiff1d(np.arange(len(table)), train)
        assert set(seen.labels[hidden]) == {""}
        assert np.array_equal(seen.labels[train], table.labels[train])
        assert seed == 4


def test_a_learner_that_saw_test_songs_is_refused() -> None:
    table = clusters()
    learner = NearestLearner(also_trained=frozenset({"song07"}))
    with pytest.raises(LeakError, match="song07"):
        run_on(table, protocols.kfold(table, 3), learner)


def test_one_id_on_both_sides_is_refused_before_training() -> None:
    table, learner = clusters(), NearestLearner()
    twice = replace(table, ids=np.where(table.ids == "song29", "song00", table.ids))
    split = Split("half", np.arange(15), np.arange(15, 30))
    with pytest.raises(LeakError, match="song00"):
        run_on(twice, protocols.fixed(split), learner)
    assert learner.calls == []


def test_identical_vectors_are_warned_of() -> None:
    table = clusters()
    table.source[29] = table.source[2]
    split = Split("half", np.arange(15), np.arange(15, 30))
    record, _ = run_on(table, protocols.fixed(split), NearestLearner())
    assert "song29 = song02" in record.warnings[0]


def test_rows_without_genre_are_refused() -> None:
    table = clusters()
    protocol = protocols.kfold(table, 3)
    bare = replace(table, labels=np.where(table.ids == "song01", "", table.labels))
    with pytest.raises(DataError, match="1 of 30 rows of 'ssd\\+rh' have no genre"):
        run_on(bare, protocol, NearestLearner())
    with pytest.raises(DataError, match="30 of 30 rows"):
        run_on(replace(table, labels=None), protocol, NearestLearner())


def test_splits_beyond_the_table_are_refused() -> None:
    protocol = protocols.kfold(clusters(), 3)
    with pytest.raises(DataError, match="rows beyond the 6"):
        run_on(clusters().take(np.arange(6)), protocol, NearestLearner())


def test_wrongly_shaped_predictions_are_refused() -> None:
    class Short(Nearest):
        def probabilities(self, table: FeatureTable, positions: np.ndarray) -> np.ndarray:
            return super().probabilities(table, positions)[:, :2]

    class ShortLearner(NearestLearner):
        def fit(self, request: TrainingRequest) -> Nearest:
            return Short(**vars(super().fit(request)))

    with pytest.raises(DataError, match=r"shape \(10, 2\), not \(10, 3\)"):
        run_on(clusters(), protocols.kfold(clusters(), 3), ShortLearner())


def test_a_trained_classifier_is_evaluated_on_new_songs_only() -> None:
    table = clusters()
    train, rest = np.arange(15), np.arange(15, 30)
    classifier = NearestLearner().fit(TrainingRequest(table, train, VOCABULARY, 0, "all"))
    predictions = evaluate_classifier(classifier, table.take(rest), vocabulary=VOCABULARY)
    assert predictions.ids.tolist() == table.ids[rest].tolist()
    assert score(predictions, resamples=10).macro_recall.value == 1.0
    with pytest.raises(LeakError, match="15 of the 30"):
        evaluate_classifier(classifier, table, vocabulary=VOCABULARY)
