"""Training: learns, is seeded, validates within TRAIN, resumes. Runs with any Keras backend."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from children import child
from genrescope.data.table import FeatureTable
from genrescope.errors import DataError, LeakError
from genrescope.evaluation.learner import TrainingRequest
from genrescope.evaluation.protocols import kfold
from genrescope.evaluation.runner import evaluate_classifier, run
from genrescope.learning.learner import NetworkLearner
from genrescope.learning.networks import Network, Recipe, find_network
from genrescope.learning.training import History, Trainer, TrainingSet
from genrescope.taxonomy.vocabulary import Vocabulary

ABC = Vocabulary("GTZAN", ("blues", "classical", "country"))


def blobs(rows: int = 240, seed: int = 0) -> FeatureTable:
    """Three genres that lie apart in jMIR LPC's 20 dimensions, one of them rare."""
    rng = np.random.default_rng(seed)
    classes = np.where(np.arange(rows) % 8 == 0, 2, np.arange(rows) % 2)
    centres = np.zeros((3, 20))
    centres[np.arange(3), np.arange(3)] = 4
    matrix = (centres[classes] + rng.normal(size=(rows, 20))).astype(np.float32)
    return FeatureTable(
        "jmir_lpc",
        np.array([f"song{i:04d}" for i in range(rows)]),
        matrix,
        labels=np.array(ABC.genres)[classes],
    )


def short(epochs: int = 6) -> Network:
    network = find_network("perceptron", "jmir_lpc")
    return replace(network, recipe=replace(network.recipe, epochs=epochs, min_steps=0))


def fit(table: FeatureTable, seed: int = 0, network: Network | None = None):
    learner = NetworkLearner(network or short())
    rows = np.arange(len(table))
    return learner.fit(TrainingRequest(table, rows[rows % 4 != 3], ABC, seed, "fixed"))


def test_network_learns_what_can_be_learnt() -> None:
    table = blobs()
    record, _ = run(
        NetworkLearner(short(25)),
        table,
        kfold(table, 3),
        vocabulary=ABC,
        seed=0,
        command="",
        dataset="blobs",
    )
    assert record.scores.macro_recall.value > 0.95
    assert record.scores.log_loss.value < 0.3
    assert len(record.histories) == 3


def test_same_seed_same_network_and_other_seed_another() -> None:
    table = blobs()
    first, again, other = fit(table), fit(table), fit(table, seed=1)
    rows = np.arange(len(table))
    np.testing.assert_array_equal(
        first.probabilities(table, rows), again.probabilities(table, rows)
    )
    assert not np.allclose(first.probabilities(table, rows), other.probabilities(table, rows))


def test_a_trained_network_keeps_its_weights_when_its_trainer_trains_another() -> None:
    table = blobs()
    learner, rows = NetworkLearner(short()), np.arange(len(table))
    first = learner.fit(TrainingRequest(table, rows[:120], ABC, 0, "a"))
    before = first.probabilities(table, rows)
    learner.fit(TrainingRequest(table, rows[120:], ABC, 0, "b"))
    np.testing.assert_array_equal(first.probabilities(table, rows), before)


def test_training_reads_no_row_outside_its_part() -> None:
    table = blobs()
    outside = np.arange(len(table)) % 4 == 3
    changed = replace(table, source=np.where(outside[:, None], 1e9, table.source).astype("f4"))
    rows = np.flatnonzero(~outside)
    np.testing.assert_array_equal(
        fit(table).probabilities(table, rows), fit(changed).probabilities(table, rows)
    )


def test_trained_ids_cover_validation_and_evaluation_on_them_is_refused() -> None:
    table = blobs()
    trained = fit(table)
    assert len(trained.trained_ids) == 180
    with pytest.raises(LeakError, match="trained on 180 of the 240"):
        evaluate_classifier(trained, table, vocabulary=ABC)


def test_weights_balance_genres() -> None:
    table = blobs()
    classes = np.array([ABC.index(label) for label in table.labels])
    data = TrainingSet(table, np.arange(240), np.arange(0), classes, 3)
    weights = data.weights(np.arange(240))
    totals = [weights[classes == genre].sum() for genre in range(3)]
    np.testing.assert_allclose(totals, 80, rtol=1e-5)


def test_training_loss_is_the_mean_over_the_epoch() -> None:
    # At a vanishing learning rate the weights stay, so both losses are those of the same network.
    network = find_network("student", "jmir_mfcc")
    network = replace(network, recipe=Recipe(epochs=2, learning_rate=1e-12, min_steps=0))
    table = blobs()
    table = replace(table, feature_set="jmir_mfcc", source=np.pad(table.source, ((0, 0), (0, 6))))
    classes = np.array([ABC.index(label) for label in table.labels])
    data = TrainingSet(table, np.arange(180), np.arange(180), classes, 3)
    history = Trainer(network, 3).train(data, seed=0)
    np.testing.assert_allclose(history.columns["loss"], history.columns["val_loss"], rtol=1e-5)


def test_history_keeps_the_latest_epoch_within_one_standard_error() -> None:
    history = History()
    for loss, error in [(1.0, 0.1), (0.5, 0.1), (0.58, 0.2), (0.7, 0.2), (0.61, 0.2)]:
        history.add({"val_loss": loss, "val_loss_error": error})
    assert history.best_epoch == 2
    assert not history.should_stop(3)
    assert history.should_stop(2)


def test_non_finite_vector_is_named() -> None:
    table = blobs()
    table.source[7, 3] = np.nan
    with pytest.raises(DataError, match="song0007"):
        NetworkLearner(short()).fit(TrainingRequest(table, np.arange(100), ABC, 0, "fixed"))


TRAIN = """
import sys
from pathlib import Path
sys.path[:0] = [{tests!r}, str(Path({tests!r}).parent)]
import numpy as np
from test_training import ABC, blobs, short
from genrescope.evaluation.learner import TrainingRequest
from genrescope.learning import training
from genrescope.learning.learner import NetworkLearner
training.CHECKPOINT_SECONDS = 0.0
report = lambda at: print("epoch", at.done, flush=True)
learner = NetworkLearner(short(16), checkpoints=Path({folder!r}), progress=report)
learner.fit(TrainingRequest(blobs(), np.arange(100), ABC, 3, "fixed"))
"""


@pytest.mark.slow
def test_killed_training_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    script = TRAIN.format(tests=str(Path(__file__).parent), folder=str(tmp_path))
    with child([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        for line in killed.stdout:
            if line.strip() == "epoch 6":
                killed.send_signal(signal.SIGKILL)
                break
        assert killed.wait() == -signal.SIGKILL
    assert [path.name for path in tmp_path.glob("*.npz")] == ["jmir_lpc-perceptron-fixed.npz"]

    epochs: list[int] = []

    def train(checkpoints: Path | None) -> list[np.ndarray]:
        learner = NetworkLearner(short(16), checkpoints, lambda at: epochs.append(int(at.done)))
        rows = np.arange(100)
        return learner.fit(TrainingRequest(blobs(), rows, ABC, 3, "fixed")).weights

    resumed = train(tmp_path)
    assert epochs[0] >= 6  # it did not start again
    assert epochs[-1] == 16
    for after, whole in zip(resumed, train(None), strict=True):
        np.testing.assert_allclose(after, whole, rtol=1e-5, atol=1e-6)
    assert not list(tmp_path.iterdir())  # the checkpoint is cleared away
