"""Baselines beyond the plain SVMs: they learn, repeat themselves, and name their training rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from genrescope.benchmark.config import OPTIONAL_BASELINES, make_tasks
from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError, UsageError
from genrescope.evaluation.learner import TrainingRequest
from genrescope.evaluation.protocols import kfold
from genrescope.evaluation.runner import run
from genrescope.learning.baselines.baseline import TrainingData, best_temperature
from genrescope.learning.baselines.boosting import BoostingLearner
from genrescope.learning.baselines.discriminant import DiscriminantLearner
from genrescope.learning.baselines.kernel_discriminant import KDA
from genrescope.learning.baselines.tuned_svm import CHOICES, Choice, TunedSvmLearner
from genrescope.taxonomy.vocabulary import GTZAN, Vocabulary

FOUR = Vocabulary("four", ("blues", "jazz", "pop", "rock"))
QUICK = TunedSvmLearner(choices=CHOICES[::3])
BASELINES = [BoostingLearner(trees=40, threads=1), DiscriminantLearner(), KDA, QUICK]


def blobs(rows: int = 240, genres: int = 4, spread: float = 0.7) -> FeatureTable:
    """Genres that lie apart, in values of very different sizes."""
    rng = np.random.default_rng(0)
    genre = np.arange(rows) % genres
    vectors = np.eye(4)[genre] * 4 + rng.normal(size=(rows, 4)) * spread
    return FeatureTable(
        "test",
        np.array([f"song{i}" for i in range(rows)]),
        (vectors * [1, 10, 100, 1000] + [0, 5, -7, 1e4]).astype(np.float32),
        labels=np.array(FOUR.genres)[genre],
    )


def rings(rows: int = 300) -> FeatureTable:
    """Two genres, one around the other: no straight line parts them."""
    rng = np.random.default_rng(0)
    genre = np.arange(rows) % 2
    angle = rng.uniform(0, 2 * np.pi, rows)
    radius = 1 + 2 * genre + rng.normal(size=rows) * 0.2
    return FeatureTable(
        "test",
        np.array([f"song{i}" for i in range(rows)]),
        (radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)).astype(np.float32),
        labels=np.array(FOUR.genres)[genre],
    )


def fitted(learner, table: FeatureTable, rows=None, seed: int = 0):
    rows = np.arange(len(table)) if rows is None else rows
    return learner.fit(TrainingRequest(table, rows, FOUR, seed, "all"))


def right(classifier, table: FeatureTable, rows) -> float:
    predicted = classifier.probabilities(table, rows).argmax(axis=1)
    return float((np.array(FOUR.genres)[predicted] == table.labels[rows]).mean())


@pytest.mark.parametrize("learner", BASELINES, ids=lambda learner: learner.name)
@pytest.mark.parametrize("genres", [2, 3, 4])
def test_what_lies_apart_is_distinguished(learner, genres: int) -> None:
    table = blobs(genres=genres)
    train, test = np.arange(160), np.arange(160, 240)
    classifier = fitted(learner, table, train)
    assert right(classifier, table, test) > 0.95
    probabilities = classifier.probabilities(table, test)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert (probabilities[:, genres:] == 0).all()  # genres that were not trained on
    assert classifier.trained_ids == set(table.ids[train].tolist())


@pytest.mark.parametrize("learner", BASELINES, ids=lambda learner: learner.name)
def test_the_same_seed_gives_the_same_and_rows_outside_are_never_read(learner) -> None:
    table, rows = blobs(spread=3.0), np.arange(240)
    train = rows[rows % 3 > 0]
    outside = replace(
        table, source=np.where((rows % 3 == 0)[:, None], 1e9, table.source).astype("f4")
    )
    labels = np.where(rows % 3 == 0, "rock", table.labels)
    found = fitted(learner, table, train).probabilities(table, rows)
    again = fitted(learner, replace(outside, labels=labels), train).probabilities(table, rows)
    np.testing.assert_array_equal(found, again)


def test_trees_are_the_same_on_one_thread_and_on_two_and_others_by_seed() -> None:
    table, rows = blobs(spread=3.0), np.arange(240)
    found = [
        fitted(BoostingLearner(trees=30, threads=threads), table, seed=seed).probabilities(
            table, rows
        )
        for threads, seed in [(1, 0), (2, 0), (1, 1)]
    ]
    np.testing.assert_array_equal(found[0], found[1])
    assert np.abs(found[0] - found[2]).max() > 1e-3


@pytest.mark.parametrize("learner", BASELINES, ids=lambda learner: learner.name)
def test_a_sample_bounds_the_rows(learner) -> None:
    table = blobs(400)
    seen = fitted(replace(learner, max_rows=100), table).trained_ids
    assert len(seen) == pytest.approx(100, abs=4)


@pytest.mark.parametrize("learner", BASELINES, ids=lambda learner: learner.name)
def test_faults_of_the_data_are_named(learner) -> None:
    table = blobs(60)
    table.source[7, 2] = np.nan
    with pytest.raises(DataError, match="the first is song7"):
        fitted(learner, table)
    with pytest.raises(DataError, match="has one genre to learn from, two are needed"):
        fitted(learner, blobs(60, genres=1))


def test_the_tuned_machine_chooses_a_kernel_that_can() -> None:
    table = rings()
    choices = (Choice("standard", "linear", 0.1), Choice("standard", "rbf", 10, 1))
    data = TrainingData.of(TrainingRequest(table, np.arange(300), FOUR, 0, "all"), None)
    choice, scores, truth = TunedSvmLearner(choices=choices).choose(data, seed=0)
    assert choice == choices[1]
    assert (scores[:, :2].argmax(axis=1) == truth).mean() > 0.95
    assert right(fitted(TunedSvmLearner(choices=choices), table), table, np.arange(300)) > 0.95


def test_the_tuned_machine_keeps_an_artist_in_one_inner_fold() -> None:
    # An artist has a value of its own, which gives the genre: of use within artists only.
    rng = np.random.default_rng(0)
    artist = np.repeat(np.arange(24), 10)
    genre = artist % 4
    vectors = np.concatenate([10 * np.eye(24)[artist], rng.normal(size=(240, 2))], axis=1)
    table = FeatureTable(
        "test",
        np.array([f"song{i}" for i in range(240)]),
        vectors.astype(np.float32),
        labels=np.array(FOUR.genres)[genre],
    )
    learner = TunedSvmLearner(choices=(Choice("standard", "linear", 0.1),))
    for groups, least, most in [(None, 0.95, 1.0), (artist.astype(str), 0.0, 0.5)]:
        known = replace(table, groups=groups)
        data = TrainingData.of(TrainingRequest(known, np.arange(240), FOUR, 0, "all"), None)
        _, scores, truth = learner.choose(data, seed=0)
        assert least <= (scores.argmax(axis=1) == truth).mean() <= most


def test_a_genre_of_one_song_is_learnt_but_not_held_out() -> None:
    table = blobs(91, genres=3)
    table.labels[90], table.source[90] = "rock", [0, 5, -7, 1.4e4]
    data = TrainingData.of(TrainingRequest(table, np.arange(91), FOUR, 0, "all"), None)
    assert 3 not in QUICK.choose(data, seed=0)[2]
    classifier = fitted(QUICK, table)
    assert classifier.probabilities(table, np.array([90]))[0, 3] > 0
    assert right(classifier, table, np.arange(90)) > 0.95


def test_the_temperature_is_that_of_the_scores() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 4)) * 2
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = (rng.uniform(size=(4000, 1)) > chances.cumsum(axis=1)).sum(axis=1)
    assert best_temperature(3 * logits, truth) == pytest.approx(3, rel=0.1)


def test_they_run_when_named_only() -> None:
    table = load_gtzan("rh")
    names = [task.learner.name for task in make_tasks([table])]
    assert names == ["student", "perceptron", "svm_linear", "svm_rbf"]
    wanted = ["ranked", *(baseline.name for baseline in OPTIONAL_BASELINES)]
    tasks = make_tasks([table], learners=wanted, baselines=False, baseline_rows=50)
    assert [task.learner.name for task in tasks] == wanted
    rows = {task.learner.name: task.learner.max_rows for task in tasks[1:]}  # type: ignore[attr-defined]
    assert rows.pop("lda") is None  # cheap: it takes all
    assert set(rows.values()) == {50}


def test_a_learner_that_is_none_is_refused_and_one_that_is_named_is_there() -> None:
    table = load_gtzan("rh")
    with pytest.raises(UsageError, match=r"no learner 'lad' \(choose from student, .*svm_rbf\)"):
        make_tasks([table], learners=["lda", "lad"])
    tasks = make_tasks([table], learners=["lda", "svm_rbf"], baselines=False)
    assert [task.learner.name for task in tasks] == ["lda", "svm_rbf"]


@pytest.mark.parametrize("learner", [DiscriminantLearner(), KDA], ids=lambda learner: learner.name)
def test_discriminant_analysis_on_real_descriptors(learner) -> None:
    table = load_gtzan("marsyas_timbral")
    record, _ = run(
        learner,
        table,
        kfold(table, 3),
        vocabulary=GTZAN,
        seed=0,
        command="pytest",
        dataset="gtzan",
    )
    assert (record.learner, record.kind) == (learner.name, "baseline")
    assert record.scores.macro_recall.value > 0.65
    assert record.scores.log_loss.value < 0.6 * record.scores.prior_entropy


def test_a_discriminant_of_no_more_rows_than_genres_is_refused():
    with pytest.raises(DataError, match="4 rows of 4 genres") as caught:
        fitted(DiscriminantLearner(), blobs(8))
    assert "fewer folds" in str(caught.value.remedy)
