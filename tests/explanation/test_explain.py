from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from genrescope.backbones.musicnn import TAGS
from genrescope.errors import DataError
from genrescope.explanation.explain import explain
from genrescope.explanation.salient_tags import USUAL, remarkable_tags
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


def test_everything_that_a_model_can_tell(models, clip):
    prediction = SongClassifier(load_model("toy")).classify(clip).prediction
    own, best = prediction.embedding, prediction.best
    other = next(genre for genre in GENRES if genre != best)
    keep_neighbours(
        models / "toy", np.stack([-own, own, own * 2, own + 3]), [other, best, best, other]
    )
    found = explain(clip, "toy")

    assert found.song.prediction.best == found.pulls.best == best
    assert [item.name for item in found.pulls.aspects] != []
    assert [item.genre for item in found.neighbours][:2] == [best, best]
    assert found.neighbours[0].similarity == pytest.approx(1, abs=1e-3)
    assert found.neighbours[-1].similarity == pytest.approx(-1, abs=1e-3)
    assert found.alike == 0.5
    assert found.character.loudness.shape == (1, 24)
    content = json.loads(json.dumps(found.as_json()))
    assert content["genre"] == found.song.prediction.genre
    assert [item["name"] for item in content["why"]["inputs"]] == [
        item.name for item in found.pulls.inputs
    ]
    assert len(content["neighbours"]) == 4


def test_a_model_of_one_input_tells_what_it_can(models, clip):
    write_toy_model(models / "bare", inputs=["rh"], extras=False)
    found = explain(clip, "bare")

    assert (found.pulls, found.tags, found.neighbours, found.alike) == (None, (), (), None)
    assert found.typical is not None
    assert found.as_json()["why"] is None


def test_genres_without_typical_songs_and_songs_without_sound(models, clip, tmp_path):
    write_toy_model(models / "own", genres=["Folk", "Latin"], vocabulary=None)
    assert explain(clip, "own").typical is None

    soundfile.write(tmp_path / "silent.wav", np.zeros(22050 * 8), 22050)
    silent = explain(tmp_path / "silent.wav", "toy")
    assert (silent.character, silent.typical, silent.pulls, silent.neighbours) == (None,) * 3 + (
        (),
    )
    soundfile.write(tmp_path / "short.wav", song(3), 22050)
    assert explain(tmp_path / "short.wav", "toy").character is None


def test_damaged_neighbours_are_said(tmp_path):
    (tmp_path / FILE).write_bytes(b"PK no archive")
    with pytest.raises(DataError, match=f"{FILE}: not the songs of a model"):
        nearest_training_songs(tmp_path, np.ones(3), 2)
    other = tmp_path / "other"
    other.mkdir()
    np.savez(other / FILE, ids=["a"], embedding=np.ones((1, 3)), genres=["x", "y"])
    with pytest.raises(DataError, match="2 genres of 1 songs"):
        nearest_training_songs(other, np.ones(3), 2)


def test_tags_are_told_by_how_unusual_they_are():
    assert tuple(USUAL) == TAGS
    usual = dict(USUAL)
    assert remarkable_tags(usual) == ()
    assert remarkable_tags({}) == ()
    heard = usual | {"jazz": 0.6, "oldies": 0.3, "rock": 0.16, "happy": 0.04}
    found = remarkable_tags(heard)

    assert [tag.name for tag in found] == ["jazz", "oldies"]
    assert found[0].share == 0.6
    assert len(remarkable_tags(dict.fromkeys(TAGS, 0.9), count=3)) == 3
    assert remarkable_tags(usual | {"jazz": 1.0})[0].name == "jazz"
