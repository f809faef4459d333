from __future__ import annotations

import numpy as np
import onnx
import pytest

from genrescope.calibration.temperature import Calibration
from genrescope.errors import DataError, UsageError
from genrescope.inference.card import GRAPH
from genrescope.inference.model import GenreModel
from toymodel import GENRES, write_toy_model


def vectors(n: int = 5, seed: int = 2) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"ssd": rng.gamma(2, 3, (n, 168)), "rh": rng.gamma(2, 3, (n, 60))}


def weights(folder) -> dict[str, np.ndarray]:
    graph = onnx.load(folder / GRAPH).graph
    return {item.name: onnx.numpy_helper.to_array(item) for item in graph.initializer}


def log_softmax(logits: np.ndarray) -> np.ndarray:
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def test_the_predictions_are_those_of_the_formula(tmp_path):
    """The same network in NumPy, and temperature and biases by hand."""
    bias = np.linspace(-1, 1, 10)
    write_toy_model(tmp_path, calibration=Calibration(2.0, tuple(bias)))
    inputs, known = vectors(), weights(tmp_path)
    members = np.stack(
        [log_softmax(np.log1p(inputs[name]) @ known[f"{name}_w"]) for name in ("ssd", "rh")], axis=1
    )
    scores = log_softmax(members.mean(axis=1))
    expected = np.exp(log_softmax(scores / 2 + bias))

    found = GenreModel.load(tmp_path).predict(inputs)

    np.testing.assert_allclose(found.probabilities, expected, atol=1e-5)
    np.testing.assert_allclose(found.members, members, atol=1e-4)
    np.testing.assert_allclose(found.embedding, np.log1p(inputs["ssd"]) @ known["ssd_w"], atol=1e-3)
    np.testing.assert_allclose(
        found.music, 1 / (1 + np.exp(-np.log1p(inputs["ssd"]).sum(axis=1) / 10)), atol=1e-6
    )
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=1e-12)


def test_one_row_is_a_prediction(tmp_path):
    write_toy_model(tmp_path, threshold=0.25)
    found = GenreModel.load(tmp_path).predict(vectors())
    prediction = found.prediction(3, {"rock": 0.5})

    assert len(found) == 5
    assert prediction.genres == GENRES
    assert prediction.best == GENRES[np.argmax(found.probabilities[3])]
    assert prediction.threshold == 0.25
    assert prediction.confidence == found.music[3] * found.probabilities[3].max()
    assert prediction.tags == {"rock": 0.5}
    assert prediction.embedding.shape == (10,)
    assert prediction.members.shape == (2, 10)


def test_without_extras_all_is_music_and_there_are_no_members(tmp_path):
    write_toy_model(tmp_path, extras=False)
    found = GenreModel.load(tmp_path).predict(vectors())

    assert found.music.tolist() == [1.0] * 5
    assert found.embedding is None
    assert found.members is None
    assert found.prediction(0).music == 1.0


def test_songs_do_not_change_each_other(tmp_path):
    write_toy_model(tmp_path)
    model = GenreModel.load(tmp_path)
    together = model.predict(vectors()).probabilities
    alone = [
        model.predict({name: rows[[row]] for name, rows in vectors().items()}).probabilities[0]
        for row in range(5)
    ]
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"rh": None}, UsageError, "the model needs rh"),
        ({"rh": np.ones((5, 61))}, UsageError, r"rh of shape \(5, 61\)"),
        ({"rh": np.ones(61)}, UsageError, r"rh of shape \(1, 61\)"),
        ({"rh": np.ones(60)}, UsageError, "different numbers of songs"),
        ({"rh": np.ones((4, 60))}, UsageError, "different numbers of songs"),
        ({"rh": np.full((5, 60), np.nan)}, DataError, "rh holds values that are not finite"),
        ({"rh": np.full((5, 60), 1e300)}, DataError, "rh holds values that are not finite"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(tmp_path, change, error, message):
    write_toy_model(tmp_path)
    inputs = {name: rows for name, rows in (vectors() | change).items() if rows is not None}
    with pytest.raises(error, match=message):
        GenreModel.load(tmp_path).predict(inputs)


def test_a_damaged_graph_is_named(tmp_path):
    write_toy_model(tmp_path)
    graph = tmp_path / GRAPH
    graph.write_bytes(graph.read_bytes()[:1000])
    with pytest.raises(DataError, match="not a model's graph") as caught:
        GenreModel.load(tmp_path)
    assert caught.value.place == str(graph)


@pytest.mark.parametrize(
    ("other", "message"),
    [({"inputs": ("ssd",)}, "takes"), ({"genres": GENRES[:4]}, "its card names 4 genres")],
)
def test_a_graph_of_another_card_is_refused(tmp_path, other, message):
    write_toy_model(tmp_path / "a")
    write_toy_model(tmp_path / "b", **other)
    (tmp_path / "b" / GRAPH).write_bytes((tmp_path / "a" / GRAPH).read_bytes())
    with pytest.raises(DataError, match=message):
        GenreModel.load(tmp_path / "b")


def test_the_digest_is_that_of_the_model(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_toy_model(tmp_path / name, seed=seed)
        card = (tmp_path / name / "model.json").read_text().replace(f'"{name}"', '"same"')
        (tmp_path / name / "model.json").write_text(card)
        graph = onnx.load(tmp_path / name / GRAPH)
        graph.graph.name = "same"
        onnx.save(graph, tmp_path / name / GRAPH)
    first, again, other = (GenreModel.load(tmp_path / name).digest for name in "abc")

    assert first == again != other
