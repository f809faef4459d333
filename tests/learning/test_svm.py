"""The SVM baselines: predictions are scikit-learn's, probabilities are calibrated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.svm import SVC

from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.data.corpora.tuwien_gtzan import load_tuwien_gtzan
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError
from genrescope.evaluation import protocols
from genrescope.evaluation.learner import TrainingRequest
from genrescope.evaluation.runner import run
from genrescope.learning.baselines.svm import SVM_LINEAR, Scale, SvmLearner
from genrescope.taxonomy.vocabulary import GTZAN, Vocabulary

VOCABULARY = Vocabulary("four", ("blues", "jazz", "pop", "rock"))


SPREAD = 2.5


def blobs(rows: int = 200, genres: int = 4, spread: float = SPREAD) -> FeatureTable:
    rng = np.random.default_rng(0)
    genre = rng.integers(genres, size=rows)
    vectors = np.eye(4)[genre] * 4 + rng.normal(size=(rows, 4)) * spread
    return FeatureTable(
        "test",
        np.array([f"song{i}" for i in range(rows)]),
        (vectors * [1, 10, 100, 1000] + [0, 5, -7, 1e4]).astype(np.float32),
        labels=np.array(VOCABULARY.genres)[genre],
    )


def fitted(table: FeatureTable, learner: SvmLearner):
    rows = np.arange(len(table))
    return learner.fit(TrainingRequest(table, rows, VOCABULARY, 0, "all"))


@pytest.mark.parametrize("kernel", ["linear", "rbf"])
@pytest.mark.parametrize("genres", [2, 4])
def test_predictions_are_those_of_the_machine(kernel: str, genres: int) -> None:
    table = blobs(genres=genres)
    probabilities = fitted(table, SvmLearner(kernel, balanced=False)).probabilities(
        table, np.arange(len(table))
    )
    values = table.read().astype(np.float64)
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    expected = SVC(kernel=kernel, break_ties=genres > 2).fit(values, table.labels).predict(values)
    assert np.array(VOCABULARY.genres)[probabilities.argmax(axis=1)].tolist() == expected.tolist()


def test_range_scaling_maps_training_values_to_the_unit_interval() -> None:
    values = blobs().read()
    scaled = Scale.of(values, "range")(values)
    assert scaled.min(axis=0).tolist() == pytest.approx([0] * 4)
    assert scaled.max(axis=0).tolist() == pytest.approx([1] * 4)


def test_constant_values_do_no_harm() -> None:
    table = blobs()
    table.source[:, 1] = 3.0
    without = replace(table, source=np.delete(table.source, 1, axis=1))
    rows = np.arange(len(table))
    np.testing.assert_allclose(
        fitted(table, SvmLearner("linear")).probabilities(table, rows),
        fitted(without, SvmLearner("linear")).probabilities(without, rows),
        atol=1e-6,
    )


def test_probabilities_are_near_those_of_bayes_rule() -> None:
    """The classes are Gaussian, so Bayes' rule gives what the vectors add to the prior."""
    table = blobs(600)
    train, test = np.arange(400), np.arange(400, 600)
    classifier = SvmLearner("rbf").fit(TrainingRequest(table, train, VOCABULARY, 0, "one"))
    probabilities = classifier.probabilities(table, test)
    assert np.allclose(probabilities.sum(axis=1), 1)
    truth = [VOCABULARY.index(label) for label in table.labels[test]]
    vectors = (table.read()[test] - [0, 5, -7, 1e4]) / [1, 10, 100, 1000]
    distances = ((vectors[:, None] - 4 * np.eye(4)) ** 2).sum(axis=2)
    best = softmax(-distances / (2 * SPREAD**2), axis=1)
    loss, least = (-np.log(one[np.arange(200), truth]).mean() for one in (probabilities, best))
    assert 2 / 3 < (np.log(4) - loss) / (np.log(4) - least) <= 1.05


def test_genres_that_were_not_trained_on_get_nothing() -> None:
    table = blobs(genres=3)
    probabilities = fitted(table, SvmLearner("rbf")).probabilities(table, np.arange(9))
    assert (probabilities[:, 3] == 0).all()
    assert np.allclose(probabilities.sum(axis=1), 1)


def test_everything_seen_is_owned_up_to() -> None:
    table = blobs(100)
    train = np.arange(0, 100, 2)
    classifier = SvmLearner("linear").fit(TrainingRequest(table, train, VOCABULARY, 0, "one"))
    assert classifier.trained_ids == set(table.ids[train].tolist())


def test_a_sample_is_stratified_and_bounds_the_rows() -> None:
    table = blobs(400)
    classifier = fitted(table, SvmLearner("linear", max_rows=100))
    labels = table.labels[np.isin(table.ids, list(classifier.trained_ids))]
    shares = np.unique(table.labels, return_counts=True)[1] / 4
    assert np.abs(np.unique(labels, return_counts=True)[1] - shares).max() <= 1
    assert len(labels) == pytest.approx(100, abs=2)


def test_balancing_helps_the_rare_genre() -> None:
    table = blobs(400)
    rare = np.flatnonzero(table.labels == "rock")
    table = table.take(np.setdiff1d(np.arange(400), rare[8:]))
    predictions = [
        fitted(table, SvmLearner("rbf", balanced=balanced))
        .probabilities(table, np.arange(len(table)))
        .argmax(axis=1)
        for balanced in (False, True)
    ]
    truly = table.labels == "rock"
    assert (predictions[1][truly] == 3).sum() > (predictions[0][truly] == 3).sum()


def test_faults_of_the_data_are_named() -> None:
    table = blobs(40)
    table.source[7, 2] = np.nan
    with pytest.raises(DataError, match=r"1 vectors of 'test' .* the first is song7"):
        fitted(table, SvmLearner("linear"))
    with pytest.raises(DataError, match="one genre to learn from, two are needed"):
        fitted(blobs(40, genres=1), SvmLearner("linear"))
    classifier = fitted(blobs(40), SvmLearner("linear"))
    with pytest.raises(DataError, match="song7"):
        classifier.probabilities(table, np.arange(40))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "published"), [("rh", 45.5), ("ssd", 73.2)])
def test_the_published_accuracy_is_reached(shared: Path, name: str, published: float) -> None:
    table = load_tuwien_gtzan(shared / "data" / "gtzan_tuwien_arff", name)
    record, _ = run(
        SVM_LINEAR,
        table,
        protocols.kfold(table, 10),
        vocabulary=GTZAN,
        seed=0,
        command="pytest",
        dataset="gtzan",
    )
    assert 100 * record.scores.accuracy.value == pytest.approx(published, abs=2.5)


def test_real_descriptors_under_a_real_protocol() -> None:
    table = load_gtzan("marsyas_timbral")
    record, predictions = run(
        SvmLearner("rbf"),
        table,
        protocols.kfold(table, 5),
        vocabulary=GTZAN,
        seed=0,
        command="pytest",
        dataset="gtzan",
    )
    assert (record.learner, record.kind) == ("svm_rbf", "baseline")
    assert record.scores.macro_recall.value > 0.65
    assert record.scores.log_loss.value < 0.5 * record.scores.prior_entropy
    assert len(predictions.ids) == len(table)
    assert "scikit-learn" in record.versions
