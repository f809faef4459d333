"""Songs of several labels: each label by itself, from scores to the names that are given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genrescope.inference.card import DescribedModel
from genrescope.inference.heads import EACH
from genrescope.inference.model import GenreModel
from genrescope.inference.options import PredictionOptions
from genrescope.inference.prediction import UNKNOWN, Prediction
from genrescope.learning.own.columns import Columns
from genrescope.learning.own.fitting import fit_labels
from genrescope.learning.own.heads import fit_one_vs_rest
from genrescope.learning.own.labelled import choose_labels
from genrescope.learning.own.learn import LearnedModel, PredictedSong, learn_songs
from genrescope.learning.own.several import are_several, fit_each, score_each
from toymodel import write_toy_model

SONGS = 90
WORDS = [("a", "b"), ("b",), ("c",), ("a",), ("b", "c"), ("c",)]


def words(row: int) -> tuple[str, ...]:
    return WORDS[row % 6]


@pytest.fixture(scope="module")
def vectors() -> dict[str, np.ndarray]:
    """Of songs whose labels move a third of the descriptors each."""
    moved = np.array([[label in words(row) for label in "abc"] for row in range(SONGS)])
    noise = np.random.default_rng(0).normal(0, 1, (SONGS, 168))
    return {"ssd": (noise + 2 * np.repeat(moved, 56, axis=1)).astype(np.float32)}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_toy_model(folder / "toy", inputs=("ssd",))
    return folder


@pytest.fixture(scope="module")
def predictions(home: Path, vectors: dict[str, np.ndarray]) -> list[Prediction]:
    batch = GenreModel.load(home / "toy").predict(vectors)
    return [batch.prediction(row) for row in range(SONGS)]


@pytest.fixture(scope="module")
def learned(home: Path, predictions: list[Prediction]) -> LearnedModel:
    songs = [
        PredictedSong(f"{row}.flac", words(row), f"artist {row // 2}", prediction)
        for row, prediction in enumerate(predictions)
    ]
    return learn_songs(songs, DescribedModel.read(home / "toy"), home / "mine")


def test_a_song_is_predicted_all_its_labels():
    rng, has = np.random.default_rng(1), np.zeros((120, 3), bool)
    has[np.arange(120), np.arange(120) % 3] = True
    has[::4, 1] = True
    x = (has @ np.eye(3, 20) * 2 + rng.normal(0, 0.2, (120, 20))).astype(np.float32)
    scores = fit_one_vs_rest(x, has).scores(x)
    each = fit_each(scores, has)
    assert ((each.probabilities(scores) >= each.thresholds) == has).mean() > 0.99


def test_probabilities_come_true():
    rng = np.random.default_rng(2)
    scores = rng.normal(0, 2, (20_000, 2))
    has = rng.uniform(size=scores.shape) < 1 / (1 + np.exp(-(0.7 * scores - 1)))
    each = fit_each(scores, has)
    assert each.slopes == pytest.approx([0.7, 0.7], abs=0.03)
    assert each.biases == pytest.approx([-1, -1], abs=0.06)
    found = each.probabilities(scores)
    for low in np.arange(0, 1, 0.2):
        inside = (found >= low) & (found < low + 0.2)
        assert has[inside].mean() == pytest.approx(found[inside].mean(), abs=0.02)


def test_labels_known_for_certain_are_all_named():
    songs = choose_labels([words(row) for row in range(SONGS)], least_songs=2, least_groups=2)
    found = score_each(np.where(songs.has, 5.0, -5.0), songs)
    assert are_several(songs)
    assert (found.macro_recall, found.macro_f1, found.hit) == (1, 1, 1)
    assert found.named == pytest.approx(songs.has.sum() / SONGS)
    assert found.calibration_error < 0.05
    single = choose_labels([words(row)[:1] for row in range(SONGS)], least_songs=2, least_groups=2)
    assert not are_several(single)


def test_the_graph_has_each_label_and_the_likeliest_keeps_its_probability(
    learned: LearnedModel, home: Path, predictions: list[Prediction], vectors: dict[str, np.ndarray]
):
    found, base = learned.assessment, DescribedModel.read(home / "toy")
    assert found.each is not None
    columns = Columns.of(base.card, predictions)
    rows = columns.rows(predictions)
    fitted = fit_labels(rows[found.rows], found.songs, columns.weights, each=True)
    known = 1 - found.limit.probability(fitted.surprise(rows))[:, None]
    each = found.each.probabilities(fitted.each_scores(rows)) * known
    batch = learned.load().predict(vectors)
    assert np.abs(batch.heads[EACH][:, :3] * 3 - each).max() < 1e-4
    best = np.argmax(each, axis=1)
    there = np.arange(SONGS)
    assert np.abs(batch.probabilities[there, best] - each[there, best]).max() < 1e-4
    assert batch.probabilities.sum(axis=1) == pytest.approx(1)
    unsure = each.sum(axis=1) < 1
    left = batch.probabilities[unsure, 3]
    assert left == pytest.approx(1 - each[unsure].sum(axis=1), abs=1e-4)


def test_all_labels_of_a_song_are_named(learned: LearnedModel, vectors: dict[str, np.ndarray]):
    model, found = learned.load(), learned.assessment
    options = PredictionOptions(model.card)
    batch = model.predict(vectors)
    named = [set(options.named(options.apply(batch.prediction(row)))) for row in range(SONGS)]
    assert np.mean([names == set(words(row)) for row, names in enumerate(named)]) > 0.8
    assert all(UNKNOWN not in names for names in named)
    assert found.several is not None
    assert found.several.calibration_error < 0.15
    assert model.card.heads[EACH].least == pytest.approx(found.each.thresholds)
    assert options.named(options.apply(batch.prediction(0)))[0] == batch.prediction(0).best
