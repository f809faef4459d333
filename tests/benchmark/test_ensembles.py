"""Members predicted out of fold, and their combinations, on songs of made-up sets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from genrescope.benchmark.config import BenchmarkConfig, Task
from genrescope.benchmark.ensembles import (
    combine,
    ensemble_records,
    run_ensembles,
)
from genrescope.benchmark.out_of_fold import (
    InnerFolds,
    fit_base_learners,
    out_of_fold_predict,
)
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError, LeakError, UsageError
from genrescope.evaluation.learner import TrainingRequest
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.protocols import fixed, kfold
from genrescope.evaluation.record import read_record
from genrescope.learning.ensembles.selected import SelectedCombiner
from genrescope.learning.ensembles.stacking import COMBINERS, GeometricMean, LogisticStack
from genrescope.progress import Progress
from genrescope.taxonomy.vocabulary import GTZAN

VOCABULARY = GTZAN.restricted_to({"blues", "jazz"})
SONGS = 40


class Centroids:
    """Learns the mean of each genre; remembers which labels it was shown."""

    name = "centroids"

    def __init__(self, shown, *, kind: str = "baseline", cheats: bool = False) -> None:
        self.shown, self.kind, self.cheats = shown, kind, cheats

    def fit(self, request: TrainingRequest):
        table, train, vocabulary = request.table, request.train, request.vocabulary
        self.shown.append(frozenset(table.ids[table.labels != ""].tolist()))
        rows = table.take(train)
        centres = np.stack([rows.read()[rows.labels == g].mean(0) for g in vocabulary.genres])
        seen = table.ids if self.cheats else rows.ids
        return Nearest(centres, frozenset(seen.tolist()))


@dataclass(frozen=True)
class Nearest:
    centres: np.ndarray
    trained_ids: frozenset[str]
    history: None = None
    parameters: None = None

    def probabilities(self, table, positions):
        assert table.labels is None
        distance = ((table.read(positions)[:, None] - self.centres) ** 2).sum(2)
        odds = np.exp(-distance / 2)
        return odds / odds.sum(1, keepdims=True)


def table(name: str, seed: int, groups: np.ndarray | None = None) -> FeatureTable:
    """Two genres one deviation apart in each of four values."""
    labels = np.array(["blues", "jazz"])[np.arange(SONGS) % 2]
    noise = np.random.default_rng(seed).normal(size=(SONGS, 4))
    values = (noise + 0.5 * (labels == "jazz")[:, None]).astype(np.float32)
    ids = np.array([f"song{number:02d}" for number in range(SONGS)])
    return FeatureTable(name, ids, values, labels=labels, groups=groups)


def config(one: FeatureTable, output: Path, folds: int = 4) -> BenchmarkConfig:
    return BenchmarkConfig("made up", VOCABULARY, kfold(one, folds), 0, "a command", output)


def test_every_training_row_is_predicted_by_classifiers_that_did_not_see_it():
    data, shown = table("a", 0), []
    (split, *_) = kfold(data, 4).splits
    learner = Centroids(shown)
    options = {"vocabulary": VOCABULARY, "seed": 0, "inner": InnerFolds(5, 2)}
    train, test = out_of_fold_predict(Task(learner, data), split, **options)
    assert train.shape == (30, 2)
    assert test.shape == (10, 2)
    assert np.allclose(train.sum(1), 1)
    assert np.allclose(test.sum(1), 1)
    assert len(shown) == 10
    tested = set(data.ids[split.test].tolist())
    assert not any(tested & labels for labels in shown)
    for once in (shown[:5], shown[5:]):  # each row was left out once a round
        left_out = [name for labels in once for name in data.ids[split.train] if name not in labels]
        assert sorted(left_out) == sorted(data.ids[split.train].tolist())


def test_labels_of_test_rows_change_nothing():
    data = table("a", 0)
    (split, *_) = kfold(data, 4).splits
    labels = data.labels.copy()
    labels[split.test] = "blues"
    options = {"vocabulary": VOCABULARY, "seed": 0, "inner": InnerFolds(3)}
    one = out_of_fold_predict(Task(Centroids([]), data), split, **options)
    other = out_of_fold_predict(Task(Centroids([]), replace(data, labels=labels)), split, **options)
    assert np.array_equal(one[0], other[0])
    assert np.array_equal(one[1], other[1])


def test_known_groups_lie_on_one_side():
    groups = np.array([f"artist{number // 8}" for number in range(SONGS)])
    data, shown = table("a", 0, groups), []
    (split, *_) = kfold(data, 4, by_group=True).splits
    out_of_fold_predict(
        Task(Centroids(shown), data), split, vocabulary=VOCABULARY, seed=0, inner=InnerFolds(2)
    )
    artist = dict(zip(data.ids.tolist(), groups.tolist(), strict=True))
    train = set(data.ids[split.train].tolist())
    for labels in shown:
        assert not {artist[name] for name in labels} & {artist[n] for n in train - labels}


def test_a_member_that_was_fitted_to_tested_rows_is_refused():
    data = table("a", 0)
    (split, *_) = kfold(data, 4).splits
    with pytest.raises(LeakError):
        out_of_fold_predict(
            Task(Centroids([], cheats=True), data),
            split,
            vocabulary=VOCABULARY,
            seed=0,
            inner=InnerFolds(2),
        )


def test_two_sets_together_are_better_and_their_records_are_kept(tmp_path: Path):
    tasks = [Task(Centroids([]), table(name, seed)) for seed, name in enumerate("abcdef")]
    records = run_ensembles(tasks, config(tasks[0].table, tmp_path), InnerFolds(3))
    assert [record.learner for record in records] == ["average", "weighted", "logistic", "chosen"]
    choices = records[3].notes["chosen"]
    assert set(choices.values()) <= {"average", "weighted", "logistic"}
    assert len(choices) == len(config(tasks[0].table, tmp_path).protocol.splits)
    average = records[0]
    assert average.kind == "ensemble"
    assert average.feature_sets == tuple("abcdef")
    assert average.notes["members"][0] == "a-centroids"
    assert read_record(tmp_path / "records" / "ensemble-average.json") == average
    kept = Predictions.load(tmp_path / "predictions" / "ensemble-average.npz")
    assert (kept.probabilities.argmax(1) == kept.truth).mean() == average.scores.accuracy.value
    base = fit_base_learners(tasks, config(tasks[0].table, tmp_path), InnerFolds(3))
    alone = [combine(base, GeometricMean(), [number]) for number in range(len(tasks))]
    shares = [(one.probabilities.argmax(1) == one.truth).mean() for one in alone]
    assert average.scores.accuracy.value > np.mean(shares)


def test_blocks_of_test_rows_are_predicted_alike(tmp_path: Path, monkeypatch) -> None:
    tasks = [Task(Centroids([]), table(name, seed)) for seed, name in enumerate("abc")]
    base = fit_base_learners(tasks, config(tasks[0].table, tmp_path), InnerFolds(2))
    for combiner in COMBINERS:
        monkeypatch.setattr("genrescope.benchmark.ensembles._BLOCK", SONGS)
        whole = combine(base, combiner).probabilities
        monkeypatch.setattr("genrescope.benchmark.ensembles._BLOCK", 3)
        np.testing.assert_allclose(combine(base, combiner).probabilities, whole, atol=1e-12)


def test_what_was_predicted_is_not_computed_again(tmp_path: Path):
    shown: list[frozenset[str]] = []
    tasks = [Task(Centroids(shown), table(name, seed)) for seed, name in enumerate("ab")]
    made_up = config(tasks[0].table, tmp_path, folds=2)
    first = run_ensembles(tasks, made_up, InnerFolds(2))
    trained = len(shown)
    assert trained == 2 * 2 * 2
    before = written(tmp_path)
    messages: list[object] = []
    again = run_ensembles(tasks, made_up, InnerFolds(2), progress=messages.append)
    assert len(shown) == trained
    assert again == first
    assert written(tmp_path) == before
    assert not messages  # nothing is begun
    run_ensembles(tasks, made_up, InnerFolds(3))
    assert len(shown) == trained + 2 * 2 * 3
    changed = {path for path, time in written(tmp_path).items() if time != before[path]}
    assert changed == set(before)


def test_combinations_of_other_members_or_by_other_means_are_fitted_again(tmp_path: Path):
    tasks = [Task(Centroids([]), table(name, seed)) for seed, name in enumerate("abc")]
    made_up = config(tasks[0].table, tmp_path, folds=2)
    three = fit_base_learners(tasks, made_up, InnerFolds(2))
    two = fit_base_learners(tasks[:2], made_up, InnerFolds(2))
    (of_three,) = ensemble_records(three, [LogisticStack()])
    (of_two,) = ensemble_records(two, [LogisticStack()])
    assert of_two.notes["members"] == ["a-centroids", "b-centroids"]
    assert of_two.scores != of_three.scores
    path = tmp_path / "records" / "ensemble-logistic.json"
    before = path.stat().st_mtime_ns
    ensemble_records(two, [LogisticStack()])
    assert path.stat().st_mtime_ns == before
    ensemble_records(two, [LogisticStack(seed=1)])
    assert path.stat().st_mtime_ns != before


@dataclass(frozen=True)
class Counted:
    """The geometric mean; counts how often it is fitted."""

    fitted: list[int]
    name: str = "counted"

    def __hash__(self) -> int:
        return hash(self.name)

    def fit(self, logs, truth, groups=None, /):
        self.fitted.append(logs.shape[1])
        return GeometricMean().fit(logs, truth)


def test_a_combiner_is_fitted_once_even_where_another_chooses_it(tmp_path: Path):
    tasks = [Task(Centroids([]), table(name, seed)) for seed, name in enumerate("ab")]
    made_up, fitted = config(tasks[0].table, tmp_path, folds=2), list[int]()
    base = fit_base_learners(tasks, made_up, InnerFolds(2))
    counted = Counted(fitted)
    chosen = SelectedCombiner(candidates=(counted,), folds=4)
    one, other = combine(base, counted), combine(base, chosen)
    # Twenty training rows a split; four folds of fifteen to compare.
    assert sorted(fitted) == [15] * 8 + [20] * 2
    np.testing.assert_array_equal(other.probabilities, one.probabilities)
    members = base.train_logs(0, [0, 1]), base.truth[made_up.protocol.splits[0].train]
    alone = chosen.fit(*members)
    kept = base.fit(0, chosen, range(2))
    assert (kept.name, kept.losses) == (alone.name, alone.losses)
    np.testing.assert_array_equal(kept(members[0]), alone(members[0]))


def written(folder: Path) -> dict[Path, int]:
    """When each file of the folder was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_progress_reaches_the_end(tmp_path: Path):
    tasks = [Task(Centroids([]), table(name, seed)) for seed, name in enumerate("ab")]
    messages: list[tuple[float, int]] = []
    texts: list[str] = []

    def report(at: Progress) -> None:
        messages.append((at.done, at.total))
        texts.append(at.text)

    run_ensembles(
        tasks,
        config(tasks[0].table, tmp_path, folds=2),
        InnerFolds(2),
        progress=report,
    )
    assert messages[0] == (0, 8)
    assert messages[-1] == (8, 8)
    assert messages == sorted(messages)
    names = ("average", "weighted", "logistic", "chosen")
    assert texts[-4:] == [f"combining by {name}" for name in names]


def test_a_skewed_test_part_is_predicted_by_three_rules(tmp_path: Path):
    one = table("a", 0)
    (split, *_) = kfold(one, 2).splits
    blues = split.test[one.labels[split.test] == "blues"]
    skewed = replace(split, test=np.concatenate([blues, np.setdiff1d(split.test, blues)[:2]]))
    tasks = [Task(Centroids([]), table(name, seed)) for seed, name in enumerate("ab")]
    shifted = replace(config(one, tmp_path), protocol=fixed(skewed))
    records = run_ensembles(tasks, shifted, InnerFolds(2))
    assert all(len(record.rules) == 3 for record in records)


def test_members_of_other_songs_are_refused(tmp_path: Path):
    one, other = table("a", 0), table("b", 1)
    tasks = [Task(Centroids([]), one), Task(Centroids([]), other.take(np.arange(SONGS)[::-1]))]
    with pytest.raises(DataError, match="other songs"):
        run_ensembles(tasks, config(one, tmp_path), InnerFolds(2))


def test_one_member_is_no_ensemble(tmp_path: Path):
    one = table("a", 0)
    student = Task(Centroids([], kind="student"), one)
    with pytest.raises(UsageError, match="two members"):
        run_ensembles([Task(Centroids([]), one), student], config(one, tmp_path), InnerFolds(2))
