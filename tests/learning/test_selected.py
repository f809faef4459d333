"""The choice among combiners is made on training rows, and is the right one where one is plain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from genrescope.calibration.temperature import log_softmax
from genrescope.learning.ensembles.selected import SelectedCombiner
from genrescope.learning.ensembles.stacking import GeometricMean, MetaModel, WeightedGeometricMean

GENRES = 4


@dataclass(frozen=True)
class Only:
    """Takes one member."""

    member: int

    @property
    def name(self) -> str:
        return f"only {self.member}"

    def fit(self, logs: np.ndarray, truth: np.ndarray, _: object = None, /) -> MetaModel:
        return lambda new: np.exp(new[self.member])


@dataclass(frozen=True)
class ByHeart:
    """Is right on the rows it was fitted to, and is sure of the wrong genre of all others."""

    name: str = "overfitted"

    def fit(self, logs: np.ndarray, truth: np.ndarray, _: object = None, /) -> MetaModel:
        seen = {tuple(row): genre for row, genre in zip(logs[0].tolist(), truth, strict=True)}

        def predict(new: np.ndarray) -> np.ndarray:
            known = [seen.get(tuple(row)) for row in new[0].tolist()]
            wrong = new[0].argmin(axis=1)
            return np.eye(GENRES)[np.where(np.equal(known, None), wrong, known).astype(int)]

        return predict


def logs_of(strengths: list[float], rows: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = np.arange(rows) % GENRES
    noise = rng.normal(size=(len(strengths), rows, GENRES))
    known = np.array(strengths)[:, None, None] * np.eye(GENRES)[truth]
    return log_softmax((known + noise).reshape(-1, GENRES)).reshape(noise.shape), truth


@pytest.mark.parametrize("best", [0, 1, 2])
def test_the_best_member_is_chosen(best: int) -> None:
    strengths = [0.5, 0.5, 0.5]
    strengths[best] = 3.0
    logs, truth = logs_of(strengths, 200)
    chosen = SelectedCombiner(candidates=tuple(Only(member) for member in range(3))).fit(
        logs, truth
    )
    assert chosen.name == f"only {best}"
    np.testing.assert_allclose(chosen(logs), np.exp(logs[best]))


def test_rows_that_a_candidate_was_fitted_to_do_not_count_for_it() -> None:
    logs, truth = logs_of([2.0], 200)
    chosen = SelectedCombiner(candidates=(ByHeart(), GeometricMean())).fit(logs, truth)
    assert chosen.name == "average"
    assert chosen.losses["overfitted"] > 5


def test_every_genre_counts_the_same() -> None:
    # One candidate is right about the common genre only, the other about the rare ones.
    truth = np.repeat([0, 1, 2, 3], [400, 20, 20, 20])
    right = np.eye(GENRES)[truth] * 4
    logs = np.stack([right, right])
    logs[0][truth > 0] = 0
    logs[1][truth == 0] = 0
    candidates = (Only(0), Only(1))
    assert SelectedCombiner(candidates=candidates).fit(log_softmax(logs), truth).name == "only 1"


def test_a_sample_of_many_rows_is_compared_and_all_are_fitted() -> None:
    logs, truth = logs_of([1.0, 2.0], 4000)
    sampled = SelectedCombiner(candidates=(GeometricMean(), WeightedGeometricMean()), rows=500).fit(
        logs, truth
    )
    assert sampled.name == "weighted"
    np.testing.assert_allclose(sampled(logs), WeightedGeometricMean().fit(logs, truth)(logs))


def test_rows_of_a_group_are_not_predicted_by_what_was_fitted_to_it() -> None:
    """Ten rows a group with the same predictions: overfitting pays unless kept apart."""
    logs, truth = logs_of([2.0], 40)
    groups = np.repeat(np.arange(40), 10).astype(str)
    logs, truth = np.repeat(logs, 10, axis=1), np.repeat(truth, 10)
    candidates = (ByHeart(), GeometricMean())
    assert SelectedCombiner(candidates=candidates).fit(logs, truth).name == "overfitted"
    assert SelectedCombiner(candidates=candidates).fit(logs, truth, groups).name == "average"
