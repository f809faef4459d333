from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from children import child, wait_until
from genrescope.engine import map_files
from genrescope.errors import DataError, UsageError
from genrescope.inference import collection
from genrescope.inference.card import GRAPH
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.collection import classify_files
from genrescope.inference.song import SongClassifier, load_model
from genrescope.inference.storage.results import FailedSong
from toymodel import song


@pytest.fixture
def music(tmp_path: Path) -> list[Path]:
    """Four songs and a text."""
    paths = [tmp_path / f"{number}.wav" for number in range(4)]
    for number, path in enumerate(paths):
        soundfile.write(path, song(7, seed=number), 22050)
    (tmp_path / "text.mp3").write_text("no sound")
    return [*paths, tmp_path / "text.mp3"]


def by_name(rows) -> dict[str, ClassifiedSong | FailedSong]:
    return {row.path.name: row for row in rows}


def test_every_file_has_its_row_and_a_bad_one_stops_nothing(models, music, tmp_path):
    rows = by_name(classify_files([*music, tmp_path / "gone.wav"], "toy", jobs=2))
    single = SongClassifier(load_model("toy"))

    assert len(rows) == 6
    for path in music[:4]:
        np.testing.assert_array_equal(
            rows[path.name].prediction.probabilities,
            single.classify(path).prediction.probabilities,
        )
    assert rows["text.mp3"].reason == "not an audio file"
    assert rows["gone.wav"] == FailedSong(tmp_path / "gone.wav", "no such file", "check the name")


def test_a_single_file_is_a_row_too(models, music):
    [row] = classify_files(music[:1], "toy")
    [failure] = classify_files(music[4:], "toy")

    assert row.prediction.confidence > 0
    assert failure.reason == "not an audio file"


def test_what_is_kept_is_not_done_again(models, music, tmp_path, monkeypatch):
    results = tmp_path / "results.jsonl"
    first = by_name(classify_files(music, "toy", results=results, jobs=1))
    tried = []

    def map_tried(function, items, **options):
        tried.extend(items)
        return map_files(function, items, **options)

    monkeypatch.setattr(collection, "map_files", map_tried)
    again = by_name(classify_files(music, "toy", results=results))

    assert tried == [tmp_path / "text.mp3"]  # what failed is tried again
    for name in ("0.wav", "1.wav", "2.wav", "3.wav"):
        assert again[name].as_json() == first[name].as_json()


def test_another_model_is_refused(models, music, tmp_path):
    results = tmp_path / "results.jsonl"
    list(classify_files(music[:1], "toy", results=results))
    graph = models / "toy" / GRAPH
    (models / "other").mkdir()
    (models / "other" / GRAPH).write_bytes(graph.read_bytes())
    card = (models / "toy" / "model.json").read_text().replace('"toy"', '"other"')
    (models / "other" / "model.json").write_text(card)

    with pytest.raises(UsageError, match="model is toy there and other here"):
        list(classify_files(music[:1], "other", results=results))


def test_a_model_that_is_damaged_is_an_error_before_any_file(models, music):
    (models / "toy" / GRAPH).write_bytes(b"nothing")
    with pytest.raises(DataError, match="not a model's graph"):
        next(classify_files(music, models / "toy"))


@pytest.mark.slow
def test_a_killed_run_goes_on(models, tmp_path):
    """The process is killed in the midst; the next run classifies only what is left."""
    music = [tmp_path / "music" / f"{number:02}.wav" for number in range(30)]
    music[0].parent.mkdir()
    for number, path in enumerate(music):
        soundfile.write(path, song(7, seed=number), 22050)
    results = tmp_path / "results.jsonl"
    command = [sys.executable, "-m", "genrescope", "classify", str(tmp_path / "music")]
    command += ["--model", "toy", "--results", str(results), "--jobs", "1"]
    with child(command, stdout=subprocess.DEVNULL):
        wait_until(lambda: results.exists() and results.read_bytes().count(b"\n") >= 6)
    whole, _, _ = results.read_bytes().rpartition(b"\n")
    kept = [json.loads(line)["path"] for line in whole.splitlines()[1:]]

    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)

    assert 5 <= len(kept) < 30
    assert len(done.stdout.splitlines()) == 30
    lines = [json.loads(line) for line in results.read_text().splitlines()[1:]]
    assert sorted(line["path"] for line in lines) == [str(path) for path in music]
