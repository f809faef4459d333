"""Which genre shares the probabilities of learners assume: even ones, however skewed the training.

The correction to other shares rests on this (`genrescope.benchmark.shift`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from genrescope.benchmark.shift import calibration_of
from genrescope.calibration.temperature import log_probabilities
from genrescope.data.table import FeatureTable
from genrescope.evaluation.learner import Learner, TrainingRequest
from genrescope.learning.baselines.svm import SVM_LINEAR, SVM_RBF
from genrescope.learning.learner import NetworkLearner
from genrescope.learning.networks import find_network
from genrescope.taxonomy.vocabulary import Vocabulary

TWO = Vocabulary("two", ("blues", "classical"))
TRAIN, TEST = (900, 90), (1000, 1000)


def overlapping() -> tuple[FeatureTable, np.ndarray, np.ndarray]:
    """Two genres, two deviations apart; ten to one in training, as many in the test part."""
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1, 0, 1], (*TRAIN, *TEST))
    matrix = rng.normal(size=(len(truth), 20)).astype(np.float32)
    matrix[:, 0] += 2 * truth
    ids = np.array([f"song{i:04d}" for i in range(len(truth))])
    table = FeatureTable("jmir_lpc", ids, matrix, labels=np.array(TWO.genres)[truth])
    return table, np.arange(sum(TRAIN)), np.arange(sum(TRAIN), len(truth))


def network() -> NetworkLearner:
    found = find_network("perceptron", "jmir_lpc")
    return NetworkLearner(replace(found, recipe=replace(found.recipe, epochs=20)))


@pytest.mark.parametrize("learner", [network(), SVM_LINEAR, SVM_RBF], ids=lambda item: item.name)
def test_probabilities_assume_even_shares(learner: Learner) -> None:
    table, train, test = overlapping()
    trained = learner.fit(TrainingRequest(table, train, TWO, 0, "one"))
    found = trained.probabilities(table, test)
    # Of songs of both genres alike, the mean of exact even probabilities is 1/2; of those that
    # assume the training shares it is 0.75.
    assert found[:, 0].mean() == pytest.approx(0.5, abs=0.2)
    calibration = calibration_of(trained)
    assert calibration is not None
    mended = calibration.apply(log_probabilities(found))
    assert mended[:, 0].mean() == pytest.approx(0.5, abs=0.06)
    right = np.repeat([0, 1], TEST)
    losses = [-np.log(p[np.arange(len(right)), right]).mean() for p in (found, mended)]
    assert losses[1] < losses[0] + 0.01
