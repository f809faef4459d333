"""Labels of results that were stored: in results files and an index, of earlier versions too."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "library"))

from knowledge import add_song, card, make_index, prediction

from genrescope.audio.excerpt import Excerpt
from genrescope.backbones.musicnn import MUSICNN
from genrescope.errors import UsageError
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import Prediction
from genrescope.inference.storage.results import ResultsFile
from genrescope.library.index.exporting import FORMATS, StoredPredictions, write_playlists
from genrescope.library.index.models import indexed_model
from genrescope.library.index.similar import similar_in_index
from toymodel import GENRES, write_toy_model

QUIET = dict.fromkeys(MUSICNN.tag_names, 0.02)
LOUD = QUIET | {"rock": 0.9, "metal": 0.9, "heavy metal": 0.9, "guitar": 0.5}
CARD = replace(card(), inputs={"musicnn": 250})


def named(predicted: Prediction | None) -> list[str]:
    assert predicted is not None
    return [label.name for label in predicted.labels]


def loud(**shares: float) -> Prediction:
    return replace(prediction(**shares), tags={"musicnn": LOUD})


def quiet(**shares: float) -> Prediction:
    return replace(prediction(**shares), tags={"musicnn": QUIET})


def test_what_is_loud_is_heavy_metal_and_what_is_quiet_is_not() -> None:
    assert "heavy metal" in named(loud(metal=0.9))
    assert "heavy metal" not in named(quiet(metal=0.9))


@pytest.mark.parametrize("earlier", [False, True])
def test_rows_of_a_results_file_give_labels(tmp_path: Path, earlier: bool) -> None:
    write_toy_model(tmp_path / "toy")
    model, song = GenreModel.load(tmp_path / "toy"), tmp_path / "song.wav"
    song.write_bytes(b"sound")
    predicted = Prediction(GENRES, np.full(10, 0.1), 0.0, tags={"musicnn": LOUD})
    path = tmp_path / "results.jsonl"
    with ResultsFile(path, model, Excerpt.middle(30)) as results:
        results.append(ClassifiedSong(song, predicted, 30.0, 30.0, 0.1))
    if earlier:  # one network's tags as a list, and no heads
        head, line = path.read_text().splitlines()
        content = json.loads(line) | {"tags": list(LOUD.values())}
        del content["heads"]
        path.write_text(f"{head}\n{json.dumps(content)}\n")
    with ResultsFile(path, model, Excerpt.middle(30)) as results:
        found = results.find(song)
    assert found is not None
    assert named(found.prediction) == named(predicted)
    assert found.as_json()["labels"][0]["kind"] == "style"


@pytest.mark.parametrize("earlier", [False, True])
def test_rows_of_an_index_give_labels(tmp_path: Path, earlier: bool) -> None:
    with make_index(tmp_path) as index:
        add_song(index, "a.mp3", loud(metal=0.9), card=CARD)
        if earlier:
            tags = np.array(list(LOUD.values()), np.float32).tobytes()
            index.database.execute("UPDATE results SET tags = ?, heads = NULL", (tags,))
            index.database.execute("UPDATE models SET facts = NULL")
        ((_, _, labels),) = StoredPredictions(indexed_model(index)).songs(index)
        assert [label.name for label in labels] == named(loud(metal=0.9))


def test_exports_have_labels_and_can_be_limited_to_some(tmp_path: Path) -> None:
    with make_index(tmp_path) as index:
        add_song(index, "loud.mp3", loud(metal=0.9), card=CARD)
        add_song(index, "quiet.mp3", quiet(jazz=0.9), card=CARD)
        add_song(index, "new.mp3")
        model = indexed_model(index)
        for kind in ("csv", "json", "parquet"):
            FORMATS[kind](index, StoredPredictions(model), tmp_path / f"all.{kind}")
        wanted = frozenset({("style", "heavy metal")})
        FORMATS["json"](index, StoredPredictions(model, labels=wanted), tmp_path / "some.json")
        by_style = write_playlists(index, StoredPredictions(model), tmp_path / "lists", by="style")
    rows = [json.loads(line) for line in (tmp_path / "all.json").read_text().splitlines()]
    styles = {row["path"]: row["styles"] for row in rows}
    assert "heavy metal" in styles["loud.mp3"]
    assert "heavy metal" not in styles["quiet.mp3"]
    assert styles["new.mp3"] == []
    (only,) = map(json.loads, (tmp_path / "some.json").read_text().splitlines())
    assert only["path"] == "loud.mp3"
    assert by_style.songs["heavy metal"] == 1
    assert (tmp_path / "lists" / "heavy metal.m3u8").is_file()
    assert by_style.left_out["not classified yet"] == 1


def test_similar_songs_within_a_style(tmp_path: Path) -> None:
    point = np.array([1.0, 0.0], np.float32)
    with make_index(tmp_path) as index:
        for name, predicted in {
            "a": loud(metal=0.9),
            "b": loud(rock=0.9),
            "c": quiet(jazz=0.9),
        }.items():
            add_song(index, f"{name}.mp3", replace(predicted, embedding=point), card=CARD)
        model, song = indexed_model(index), index.root / "a.mp3"
        found = similar_in_index(index, song, model, within_style=True)
        assert found is not None
        assert [item.path.name for item in found.similar] == ["b.mp3"]
        bare = replace(quiet(rock=0.9), embedding=point, tags={})
        add_song(index, "d.mp3", bare, card=CARD)
        with pytest.raises(UsageError, match="no style of it is sure enough"):
            similar_in_index(index, index.root / "d.mp3", model, within_style=True)
