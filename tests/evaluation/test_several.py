"""Scores of songs with several genres, beside scikit-learn's and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from genrescope.errors import DataError
from genrescope.evaluation.several import curve_scores, evaluate_several

GENRES = ("a", "b", "c")


@pytest.fixture
def songs():
    rng = np.random.default_rng(3)
    probabilities = rng.dirichlet(np.ones(3), 60).round(2)
    truth = rng.random((60, 3)) < 0.4
    truth[~truth.any(axis=1), 0] = True
    return truth, probabilities, np.array([f"g{n // 3}" for n in range(60)])


def test_precision_and_area_are_those_of_scikit_learn(songs):
    metrics = pytest.importorskip("sklearn.metrics")
    truth, probabilities, groups = songs
    found = evaluate_several(truth, probabilities, GENRES, groups=groups, resamples=20)
    for column, score in enumerate(found.genres):
        one, other = truth[:, column], probabilities[:, column]
        assert score.average_precision == pytest.approx(metrics.average_precision_score(one, other))
        assert score.roc_auc == pytest.approx(metrics.roc_auc_score(one, other))
    assert found.mean_roc_auc.value == pytest.approx(metrics.roc_auc_score(truth, probabilities))
    assert found.groups == 20


def test_weights_count_as_repeated_songs(songs):
    truth, probabilities, _ = songs
    times = np.random.default_rng(4).integers(0, 3, len(truth))
    weighted = curve_scores(probabilities[:, 1], truth[:, 1], times[None].astype(float))
    again = np.repeat(np.arange(len(truth)), times)
    ones = np.ones((1, len(again)))
    repeated = curve_scores(probabilities[again, 1], truth[again, 1], ones)
    assert np.allclose(weighted, repeated)


def test_a_hit_is_any_of_the_songs_genres_and_what_all_have_has_no_curve():
    truth = np.array([[True, True, False], [True, False, False], [True, False, True]])
    probabilities = np.array([[0.2, 0.7, 0.1], [0.1, 0.9, 0.0], [0.5, 0.3, 0.2]])
    found = evaluate_several(truth, probabilities, GENRES, groups=np.array(list("xyz")))
    assert found.hit.value == pytest.approx(2 / 3)
    assert found.hit.low <= found.hit.value <= found.hit.high
    assert found.genres[0].roc_auc is None
    assert found.genres[2].roc_auc == 1.0
    assert [score.songs for score in found.genres] == [3, 1, 1]


def test_songs_without_a_genre_are_refused():
    with pytest.raises(DataError, match="no genre"):
        evaluate_several(
            np.zeros((1, 3), bool), np.full((1, 3), 1 / 3), GENRES, groups=np.array(["x"])
        )
