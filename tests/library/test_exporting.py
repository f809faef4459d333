"""Exports: read back by the programs they are for."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from knowledge import add_song, card, make_index, prediction

from genrescope.audio.playlist import read_playlist
from genrescope.backbones.family import BACKBONES
from genrescope.library.index.exporting import FORMATS, StoredPredictions, write_playlists
from genrescope.library.index.models import indexed_model
from genrescope.library.index.status import status

ODD = os.fsdecode(b"b/caf\xe9.mp3")


@pytest.fixture
def index(tmp_path: Path):
    with make_index(tmp_path) as opened:
        add_song(opened, "a/1, one.mp3", prediction(rock=0.9), genres=("Alt; Rock", "Pop"))
        add_song(opened, ODD, prediction(rock=0.6))
        add_song(opened, "b/2.mp3", prediction(jazz=0.8), album="Blue")
        add_song(opened, "b/3.mp3", prediction(jazz=0.3))
        add_song(opened, "b/new.mp3")
        yield opened


def test_a_playlist_a_genre_names_the_files(index, tmp_path: Path):
    folder = tmp_path / "lists"
    written = write_playlists(index, StoredPredictions(indexed_model(index)), folder)
    assert written.songs == {"Jazz": 1, "Rock": 2}
    assert dict(written.left_out) == {"unknown": 1, "not classified yet": 1}
    assert written.copies == 0
    (index.root / "a").mkdir()
    (index.root / "b").mkdir()
    for name in ("a/1, one.mp3", ODD, "b/2.mp3"):
        (index.root / name).touch()
    listed = {path.stem: list(read_playlist(path)) for path in folder.iterdir()}
    assert set(listed) == {"Jazz", "Rock"}
    assert [path.resolve() for path in listed["Jazz"]] == [index.root / "b/2.mp3"]
    assert {path.resolve() for path in listed["Rock"]} == {
        index.root / "a/1, one.mp3",
        index.root / ODD,
    }


def test_playlists_follow_threshold_and_vocabulary(index, tmp_path: Path):
    mapping = tmp_path / "mine.csv"
    mapping.write_text("jazz,Jazz/Blues: old\n*,unknown\n")
    predictions = StoredPredictions(indexed_model(index), 0.2, mapping)
    assert write_playlists(index, predictions, tmp_path / "lists").songs == {"Jazz/Blues: old": 1}
    assert [path.name for path in (tmp_path / "lists").iterdir()] == ["Jazz_Blues_ old.m3u8"]


def test_a_playlist_of_the_unknown_and_copies_are_counted(index, tmp_path: Path):
    with index.transaction():
        query = "UPDATE files SET audio = (SELECT audio FROM files WHERE path = ?) WHERE path = ?"
        index.database.execute(query, (b"b/2.mp3", b"b/new.mp3"))
    written = write_playlists(
        index, StoredPredictions(indexed_model(index)), tmp_path / "lists", unknown=True
    )
    assert written.songs == {"Jazz": 2, "Rock": 2, "unknown": 1}
    assert (dict(written.left_out), written.copies) == ({}, 1)
    assert b"3.mp3" in (tmp_path / "lists" / "unknown.m3u8").read_bytes()
    assert status(index).copies == 1


def test_tables_agree(index, tmp_path: Path):
    pl = pytest.importorskip("polars")
    predictions = StoredPredictions(indexed_model(index))
    for kind, write in FORMATS.items():
        write(index, predictions, tmp_path / f"table.{kind}")
    with (tmp_path / "table.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    lines = [json.loads(line) for line in (tmp_path / "table.json").open()]
    frame = pl.read_parquet(tmp_path / "table.parquet").to_dicts()
    assert lines == frame
    paths = ["a/1, one.mp3", "b/2.mp3", "b/3.mp3", "b/caf%E9.mp3", "b/new.mp3"]
    assert [row["path"] for row in table] == [row["path"] for row in lines] == paths
    assert [row["genre"] for row in lines] == ["rock", "jazz", "unknown", "rock", None]
    assert table[0]["tagged"] == r"Alt\; Rock; Pop"
    assert lines[0]["tagged"] == ["Alt; Rock", "Pop"]
    assert (table[1]["p(jazz)"], lines[1]["probabilities"]["p(jazz)"]) == ("0.8", 0.8)
    assert (table[1]["album"], table[1]["notes"], table[4]["confidence"]) == ("Blue", "short", "")


def test_tags_of_networks_are_exported_when_they_are_wanted(tmp_path: Path):
    pl = pytest.importorskip("polars")
    network = BACKBONES["musicnn"]
    tags = {"musicnn": dict.fromkeys(network.tag_names, 0.25) | {"rock": 0.5}}
    of_network = replace(card(), inputs={"musicnn": network.dims})
    with make_index(tmp_path) as index:
        add_song(index, "a.mp3", replace(prediction(rock=0.9), tags=tags), card=of_network)
        add_song(index, "silent.mp3", prediction(), card=of_network)
        for kind, write in FORMATS.items():
            write(
                index,
                StoredPredictions(indexed_model(index), tags=True),
                tmp_path / f"table.{kind}",
            )
    lines = [json.loads(line) for line in (tmp_path / "table.json").open()]
    expected = {f"musicnn: {name}": value for name, value in tags["musicnn"].items()}
    assert [line["network_tags"] for line in lines] == [expected, None]
    with (tmp_path / "table.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["musicnn: rock"] for row in table] == ["0.5", ""]
    assert pl.read_parquet(tmp_path / "table.parquet").to_dicts()[0]["network_tags"] == expected


@pytest.mark.parametrize("kind", FORMATS)
def test_a_library_that_no_model_classified_is_exported(tmp_path: Path, kind):
    with make_index(tmp_path) as index:
        add_song(index, "a.mp3", genres=("Rock",))
        FORMATS[kind](index, StoredPredictions(None), tmp_path / "table")
    assert b"a.mp3" in (tmp_path / "table").read_bytes()


def test_an_export_that_fails_leaves_the_old_one(index, tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    bad = StoredPredictions(indexed_model(index), vocabulary=tmp_path / "nothing.csv")
    with pytest.raises(Exception, match="nothing"):
        FORMATS["csv"](index, bad, path)
    assert path.read_text() == "old"
    assert not list(tmp_path.glob(".*"))
