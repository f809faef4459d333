from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from genrescope.backbones.musicnn import MUSICNN
from genrescope.errors import DataError
from genrescope.explanation.explain import explain
from genrescope.inference.salient_tags import salient_tags
from genrescope.inference.song import SongClassifier, load_model
from genrescope.similarity.neighbours import FILE, nearest_training_songs
from toymodel import GENRES, song, write_toy_model


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "song.wav", song(8), 22050)
    return tmp_path / "song.wav"


def keep_neighbours(folder: Path, embedding: np.ndarray, genres: list[str]) -> None:
    ids = [f"{genre}.{number:05d}" for number, genre in enumerate(genres)]
    np.savez(folder / FILE, ids=ids, genres=genres, embedding=embedding.astype(np.float16))


def test_everything_that_a_model_can_explain(models, clip):
    prediction = SongClassifier(load_model("toy")).classify(clip).prediction
    own, best = prediction.embedding, prediction.best
    other = next(genre for genre in GENRES if genre != best)
    keep_neighbours(
        models / "toy", np.stack([-own, own, own * 2, own + 3]), [other, best, best, other]
    )
    found = explain(clip, "toy")

    assert found.song.prediction.best == found.attributions.genre == best
    assert [item.name for item in found.attributions.groups] != []
    assert [item.genre for item in found.neighbours][:2] == [best, best]
    assert found.neighbours[0].similarity == pytest.approx(1, abs=1e-3)
    assert found.neighbours[-1].similarity == pytest.approx(-1, abs=1e-3)
    assert found.alike == 0.5
    assert found.profile.loudness.shape == (1, 24)
    content = json.loads(json.dumps(found.as_json()))
    assert content["genre"] == found.song.prediction.genre
    assert [item["name"] for item in content["attribution"]["inputs"]] == [
        item.name for item in found.attributions.inputs
    ]
    assert len(content["neighbours"]) == 4


def test_a_model_of_one_input_explains_what_it_can(models, clip):
    write_toy_model(models / "bare", inputs=["rh"], extras=False)
    found = explain(clip, "bare")

    assert (found.attributions, found.tags, found.neighbours, found.alike) == (None, (), (), None)
    assert found.typical is not None
    assert found.as_json()["attribution"] is None


def test_genres_without_typical_songs_and_songs_without_sound(models, clip, tmp_path):
    write_toy_model(models / "own", genres=["Folk", "Latin"], vocabulary=None)
    assert explain(clip, "own").typical is None

    soundfile.write(tmp_path / "silent.wav", np.zeros(22050 * 8), 22050)
    silent = explain(tmp_path / "silent.wav", "toy")
    assert (silent.profile, silent.typical, silent.attributions, silent.neighbours) == (
        None,
    ) * 3 + ((),)
    soundfile.write(tmp_path / "short.wav", song(3), 22050)
    assert explain(tmp_path / "short.wav", "toy").profile is None


def test_damaged_neighbours_are_an_error(tmp_path):
    (tmp_path / FILE).write_bytes(b"PK no archive")
    with pytest.raises(DataError, match=f"{FILE}: not the songs of a model"):
        nearest_training_songs(tmp_path, np.ones(3), 2)
    other = tmp_path / "other"
    other.mkdir()
    np.savez(other / FILE, ids=["a"], embedding=np.ones((1, 3)), genres=["x", "y"])
    with pytest.raises(DataError, match="2 genres of 1 songs"):
        nearest_training_songs(other, np.ones(3), 2)


def test_tags_are_named_by_how_surprising_they_are():
    usual = {tag.name: tag.base_rate for tag in MUSICNN.tags}
    assert salient_tags({"musicnn": usual}) == ()
    assert salient_tags({}) == ()
    tags = usual | {"jazz": 0.6, "oldies": 0.3, "rock": 0.16, "happy": 0.04}
    found = salient_tags({"musicnn": tags})

    assert [(tag.source, tag.name) for tag in found] == [("musicnn", "jazz"), ("musicnn", "oldies")]
    assert (found[0].probability, found[0].base_rate) == (0.6, 0.1221)
    assert len(salient_tags({"musicnn": dict.fromkeys(usual, 0.9)}, count=3)) == 3
    assert salient_tags({"musicnn": usual | {"jazz": 1.0}})[0].name == "jazz"
