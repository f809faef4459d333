"""Models are fitted with linear algebra on one thread, and afterwards all is as it was."""

from __future__ import annotations

import numpy as np
import sklearn.linear_model  # noqa: F401  # loads the libraries whose threads are counted
from threadpoolctl import threadpool_info, threadpool_limits

from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable
from genrescope.evaluation.runner import run_split
from genrescope.evaluation.threads import on_one_thread
from genrescope.learning.baselines.discriminant import LDA
from genrescope.taxonomy.vocabulary import GTZAN


def numbers() -> set[int]:
    """Threads of the libraries of linear algebra that are loaded."""
    return {library["num_threads"] for library in threadpool_info()}


@on_one_thread
def inside(values: list[int], *, add: int) -> tuple[list[int], set[int]]:
    """Arguments as they came, and the threads."""
    return [value + add for value in values], numbers()


def test_a_function_runs_on_one_thread_and_gives_what_it_gave():
    with threadpool_limits(2):
        assert inside([1, 2], add=3) == ([4, 5], {1})
        assert numbers() == {2}
    assert inside.__name__ == "inside"


def test_a_learner_is_fitted_and_predicts_on_one_thread():
    seen: list[set[int]] = []

    class Counting:
        name, kind = "counting", "baseline"

        def fit(self, request):
            seen.append(numbers())
            return LDA.fit(request)

    labels = np.array(["blues", "jazz"])[np.arange(20) % 2]
    matrix = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    table = FeatureTable("made", np.array([f"{n}" for n in range(20)]), matrix, labels=labels)
    genres = GTZAN.restricted_to({"blues", "jazz"})
    split = Split("only", np.arange(14), np.arange(14, 20))
    with threadpool_limits(2):
        found = run_split(Counting(), table, split, vocabulary=genres, seed=0)
    assert seen == [{1}]
    assert found.probabilities.shape == (6, 2)
