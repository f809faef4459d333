"""Predictions in the formats of music research."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from genrescope.inference.classified import ClassifiedSong, WindowPrediction
from genrescope.inference.prediction import Prediction
from genrescope.inference.storage.jams import segments_of, song_jams, write_song, write_timeline

GENRES = ("jazz", "rock", "pop")


def predicted(*shares: float) -> Prediction:
    return Prediction(GENRES, np.array(shares), 0.5)


SONG = ClassifiedSong(Path("a/song.mp3"), predicted(0.7, 0.2, 0.1), 30.0, 187.25, 0.1)
WINDOWS = [
    WindowPrediction(0.0, 30.0, predicted(0.8, 0.1, 0.1)),
    WindowPrediction(10.0, 30.0, predicted(0.6, 0.3, 0.1)),
    WindowPrediction(20.0, 30.0, predicted(0.1, 0.9, 0.0)),
    WindowPrediction(30.0, 30.0, predicted(0.4, 0.3, 0.3)),
]


def test_overlapping_windows_become_segments_that_follow_each_other():
    found = segments_of(WINDOWS)
    assert [(s.start, s.end, s.genre) for s in found] == [
        (0.0, 30.0, "jazz"),
        (30.0, 40.0, "rock"),
        (40.0, 60.0, "unknown"),
    ]
    assert found[0].confidence == pytest.approx(0.7)
    assert segments_of([]) == []


def test_a_song_is_an_annotation_of_open_tags(tmp_path):
    write_song(tmp_path / "song.jams", SONG, "toy", top=2)
    content = json.loads((tmp_path / "song.jams").read_text())
    assert content == song_jams(SONG, "toy", top=2)
    (annotation,) = content["annotations"]
    assert annotation["namespace"] == "tag_open"
    assert annotation["data"] == [
        {"time": 0.0, "duration": 187.25, "value": "jazz", "confidence": 0.7},
        {"time": 0.0, "duration": 187.25, "value": "rock", "confidence": 0.2},
    ]
    assert content["file_metadata"]["duration"] == 187.25
    assert annotation["annotation_metadata"]["annotator"] == {"model": "toy"}


def test_a_timeline_is_open_segments_and_labelled_intervals(tmp_path):
    write_timeline(tmp_path / "song.mp3.jams", Path("song.mp3"), WINDOWS, "toy")
    (annotation,) = json.loads((tmp_path / "song.mp3.jams").read_text())["annotations"]
    assert annotation["namespace"] == "segment_open"
    assert [item["value"] for item in annotation["data"]] == ["jazz", "rock", "unknown"]
    assert sum(item["duration"] for item in annotation["data"]) == annotation["duration"] == 60.0
    lines = (tmp_path / "song.mp3.lab").read_text().splitlines()
    assert lines[0] == "0.000\t30.000\tjazz"


def test_the_jams_package_finds_them_valid(tmp_path):
    jams = pytest.importorskip("jams")  # no dependency: where somebody has it
    write_song(tmp_path / "song.jams", SONG, "toy")
    write_timeline(tmp_path / "time.jams", Path("song.mp3"), WINDOWS, "toy")
    assert jams.load(str(tmp_path / "song.jams"), validate=True, strict=True).validate()
    assert jams.load(str(tmp_path / "time.jams"), validate=True, strict=True).validate()
