"""A person's own labels: chosen, learned, assessed, written as a model, and predicted by it."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest

from genrescope.errors import DataError, UsageError
from genrescope.inference.card import DescribedModel
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import UNKNOWN, Prediction
from genrescope.learning.own.chance import distinguished
from genrescope.learning.own.columns import Columns
from genrescope.learning.own.familiar import Limit, Surroundings
from genrescope.learning.own.fitting import fit_labels, macro_recall, without_others
from genrescope.learning.own.folder import folder_of
from genrescope.learning.own.heads import RECIPES
from genrescope.learning.own.labelled import LabelledSongs, choose_labels
from genrescope.learning.own.learn import LearnedModel, PredictedSong, learn_songs
from genrescope.learning.own.suspects import suspects
from genrescope.sources import tag_probabilities
from toymodel import write_toy_model, write_toy_network

LABELS = ("Deep House", "Warm-up", "peak time")
SONGS = 90


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models: musicnn's double, and a general model upon it of two vocabularies."""
    folder = tmp_path_factory.mktemp("models")
    write_toy_network(folder / "musicnn")
    write_toy_model(folder / "toy", inputs=("ssd", "musicnn"), heads={"topMAGD": ("a", "b", "c")})
    return folder


@pytest.fixture(scope="module")
def vectors() -> dict[str, np.ndarray]:
    """Of songs whose label, the row's number modulo three, moves the descriptors."""
    rng, label = np.random.default_rng(0), np.arange(SONGS) % 3
    ssd = rng.normal(0, 1, (SONGS, 168)) + label[:, None] * np.linspace(0, 3, 168)
    tags = rng.uniform(0, 1, (SONGS, 250))
    return {"ssd": ssd.astype(np.float32), "musicnn": tags.astype(np.float32)}


@pytest.fixture(scope="module")
def predictions(home: Path, vectors: dict[str, np.ndarray]) -> list[Prediction]:
    batch = GenreModel.load(home / "toy").predict(vectors)
    return [
        batch.prediction(row, tag_probabilities({"musicnn": vectors["musicnn"][row]}))
        for row in range(SONGS)
    ]


def labelled(predictions: list[Prediction], words: list[tuple[str, ...]]) -> list[PredictedSong]:
    return [
        PredictedSong(f"{row}.flac", words[row], f"artist {row // 2}", prediction)
        for row, prediction in enumerate(predictions)
    ]


@pytest.fixture(scope="module")
def learned(home: Path, predictions: list[Prediction]) -> LearnedModel:
    words = [(LABELS[row % 3],) for row in range(SONGS)]
    base = DescribedModel.read(home / "toy")
    return learn_songs(labelled(predictions, words), base, home / "mine", keep_songs=True)


def test_spellings_are_joined_and_rare_labels_left_out():
    words = [["Hip-Hop"], ["hip hop"], ["Hip-Hop", "rare"], ["Jazz"], ["jazz "], ["Jazz"], []]
    groups = ["a", "b", "c", "a", "b", "c", "d"]
    songs = choose_labels(words, groups, least_songs=3, least_groups=2)
    assert songs.labels == ("Hip-Hop", "Jazz")
    assert songs.spellings == {"hip hop": "Hip-Hop", "jazz": "Jazz"}
    assert songs.left_out == {"rare": "1 songs, 3 are needed"}
    assert songs.positions.tolist() == [0, 1, 2, 3, 4, 5]
    assert songs.has.tolist() == [[True, False]] * 3 + [[False, True]] * 3


def test_labels_of_one_artist_are_left_out():
    words = [["x"]] * 4 + [["y"]] * 4 + [["z"]] * 4
    groups = ["one"] * 4 + list("abcd") + list("efgh")
    songs = choose_labels(words, groups, least_songs=3, least_groups=2)
    assert songs.labels == ("y", "z")
    assert songs.left_out == {"x": "songs of 1 artists, 2 are needed"}
    with pytest.raises(DataError, match="1 labels with 4 songs"):
        choose_labels(words[:8], groups[:8], least_songs=4, least_groups=2)


def test_shares_count_a_song_once():
    songs = choose_labels([["a"], ["a", "b"], ["b"], ["a"]], least_songs=1, least_groups=1)
    assert songs.shares.tolist() == [5 / 8, 3 / 8]


def test_folds_divide_no_artist():
    rng = np.random.default_rng(0)
    words = [
        rng.choice(["a", "b", "c", "d"], rng.integers(1, 3), False).tolist() for _ in range(80)
    ]
    groups = [f"artist {number}" for number in rng.integers(20, size=80)]
    songs = choose_labels(words, groups, least_songs=2, least_groups=2)
    folds = songs.folds(5)
    assert sorted(np.concatenate([fold.test for fold in folds]).tolist()) == list(range(80))
    for fold in folds:
        assert not set(songs.groups[fold.train]) & set(songs.groups[fold.test])


def test_folds_where_the_commonest_labels_are_of_one_artist():
    has = np.eye(3, dtype=bool)[[0, 0, 0, 1, 1, 1, 2, 2, 2]]
    groups = np.array(["x"] * 3 + list("abcdef"))
    songs = LabelledSongs(np.arange(9).astype(np.str_), ("a", "b", "c"), has, groups, np.arange(9))
    folds = songs.folds(3)
    assert sorted(np.concatenate([fold.test for fold in folds]).tolist()) == list(range(9))
    assert sum(bool(set(fold.test) & {0, 1, 2}) for fold in folds) == 1


def test_another_label_of_a_song_is_no_mistake():
    has = np.array([[True, True, False], [False, False, True]])
    probabilities = np.array([[0.6, 0.3, 0.1], [0.5, 0.0, 0.5]])
    left = without_others(probabilities, has)
    assert left.argmax(axis=1).tolist() == [0, 1, 0]
    assert np.allclose(left[:2], [[6 / 7, 0, 1 / 7], [0, 3 / 4, 1 / 4]])
    assert macro_recall(np.log(np.maximum(probabilities, 1e-9)), has) == pytest.approx(2 / 3)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_head_finds_both_labels_of_a_song(recipe: str):
    rng = np.random.default_rng(1)
    has = np.zeros((120, 4), bool)
    has[np.arange(120), np.arange(120) % 3] = True
    has[::6, 1] = True  # of the first label and the second
    x = (has @ np.eye(4, 20) * 2 + rng.normal(0, 0.2, (120, 20))).astype(np.float32)
    scores = RECIPES[recipe](x, has).scores(x)
    assert scores.shape == (120, 4)
    assert (scores[:, 3] < scores[:, :3].min(axis=1)).all()  # of which there is no song
    both = np.argsort(-scores[::6], axis=1)[:, :2]
    assert (np.sort(both, axis=1) == [0, 1]).mean() > 0.9


def test_many_labels_of_few_songs_are_fitted_without_a_warning():
    has = np.eye(40, dtype=bool)[np.arange(60) % 40]
    x = np.random.default_rng(0).normal(0, 1, (60, 30)).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert RECIPES["logistic"](x, has).scores(x).shape == (60, 40)


def test_surprise_of_a_gaussian_is_half_the_squared_distance():
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (4000, 3)).astype(np.float32)
    near = Surroundings.of(x, np.ones((4000, 1), bool))
    far = np.array([[3, 0, 0], [0, 0, 0]], np.float32)
    assert near.surprise(far) == pytest.approx([4.5, 0], abs=0.3)
    limit = Limit.of(near.surprise(x))
    assert limit.probability(np.array([limit.middle])) == pytest.approx([0.5])
    assert (limit.probability(near.surprise(x)) > 0.5).mean() == pytest.approx(0.01, abs=0.002)


def test_labels_at_chance_are_not_learned():
    rng, has = np.random.default_rng(3), np.eye(3, dtype=bool)[np.arange(150) % 3]
    names = np.arange(150).astype(np.str_)
    songs = LabelledSongs(names, ("a", "b", "c"), has, names, np.arange(150))
    logs = np.log(rng.dirichlet(np.ones(3), 150))
    assert not distinguished(logs, songs).any()
    right = np.log(0.3 * np.exp(logs) + 0.7 * has)
    assert distinguished(right, songs).all()


def test_exchanged_labels_are_the_first_suspects():
    has = np.eye(3, dtype=bool)[np.arange(30) % 3]
    names = np.arange(30).astype(np.str_)
    probabilities = 0.7 * has + 0.1
    has[[0, 1]] = has[[1, 0]]
    songs = LabelledSongs(names, ("a", "b", "c"), has, names, np.arange(30))
    first, second, third, *_ = suspects(probabilities, songs)
    assert {first.song, second.song} == {"0", "1"}
    assert (first.label, first.predicted) == ("b", "a")
    assert third.probability > third.predicted_probability


def test_a_song_with_one_label_that_fits_stands_behind_one_with_none():
    has = np.array([[True, True, False], [True, False, False], [False, False, True]])
    probabilities = np.array([[0.04, 0.9, 0.06], [0.3, 0.2, 0.5], [0.1, 0.1, 0.8]])
    names = np.array(["half", "wrong", "right"])
    songs = LabelledSongs(names, ("a", "b", "c"), has, names, np.arange(3))
    order = [(item.song, item.label) for item in suspects(probabilities, songs)]
    assert order == [("wrong", "a"), ("half", "a"), ("right", "c"), ("half", "b")]


def test_sure_predictions_are_ranked_beyond_their_rounding():
    has = np.eye(3, dtype=bool)[[0, 0, 1, 2]]
    probabilities = np.array(
        [[1e-4, 1 - 2e-4, 1e-4], [1e-9, 1.0, 1e-9], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]
    )
    names = np.arange(4).astype(np.str_)
    songs = LabelledSongs(names, ("a", "b", "c"), has, names, np.arange(4))
    assert [item.song for item in suspects(probabilities, songs)][:2] == ["1", "0"]


def test_labels_are_learned_and_assessed(learned: LearnedModel):
    found = learned.assessment
    assert set(learned.card.genres) == {*LABELS, UNKNOWN}
    assert found.scores.macro_recall.low > 1 / 3
    assert found.general is None
    assert set(found.unmapped) == set(LABELS)
    assert list(found.curve) == [round(SONGS / 4), round(SONGS / 2), SONGS]
    assert learned.card.card["scores"]["macro_recall"]["value"] == found.scores.macro_recall.value


def test_the_graph_computes_what_was_fitted(
    learned: LearnedModel, home: Path, predictions: list[Prediction], vectors: dict[str, np.ndarray]
):
    base = DescribedModel.read(home / "toy")
    columns, found = Columns.of(base.card, predictions), learned.assessment
    rows = columns.rows(predictions)
    fitted = fit_labels(rows[found.rows], found.songs, columns.weights)
    unlike = found.limit.probability(fitted.surprise(rows))[:, None]
    known = found.point.calibration.apply(fitted.logs(rows)) * (1 - unlike)
    batch = learned.load().predict(vectors)
    assert np.abs(batch.probabilities - np.hstack([known, unlike])).max() < 1e-4
    assert batch.embedding is not None
    assert np.allclose(batch.embedding, [item.embedding for item in predictions])


def test_what_is_unlike_all_songs_is_unknown(learned: LearnedModel, vectors: dict[str, np.ndarray]):
    far = {"ssd": vectors["ssd"][:3] * 1000, "musicnn": vectors["musicnn"][:3]}
    batch = learned.load().predict(far)
    assert {batch.prediction(row).best for row in range(3)} == {UNKNOWN}
    assert batch.prediction(0).genre == UNKNOWN


def test_a_folder_moved_elsewhere_is_the_same_model(
    learned: LearnedModel, tmp_path: Path, vectors: dict[str, np.ndarray]
):
    shutil.copytree(learned.folder, tmp_path / "other")
    assert sorted(path.name for path in (tmp_path / "other").iterdir()) == [
        *("model.json", "model.onnx", "neighbours.npz")
    ]
    moved = GenreModel.load(tmp_path / "other").predict(vectors)
    assert np.array_equal(moved.probabilities, learned.load().predict(vectors).probabilities)


def test_labels_at_random_are_not_learned(home: Path, predictions: list[Prediction]):
    rng = np.random.default_rng(5)
    words = [(LABELS[label],) for label in rng.integers(3, size=SONGS)]
    base = DescribedModel.read(home / "toy")
    with pytest.raises(DataError, match="nothing was learned"):
        learn_songs(labelled(predictions, words), base, home / "none")
    assert not (home / "none").exists()


def test_predictions_of_another_model_are_refused(home: Path, predictions: list[Prediction]):
    write_toy_model(home / "other", inputs=("ssd",))
    columns = Columns(DescribedModel.read(home / "other").card, 10)
    with pytest.raises(UsageError, match="classify the songs again"):
        columns.rows(predictions)


@pytest.mark.parametrize("name", ["full", "a/b", "..", ""])
def test_names_that_no_model_can_have(name: str):
    with pytest.raises(UsageError, match="no name for a model"):
        folder_of(name)
