"""Two made-up networks at one rate and a model of three made-up genres, from file to page."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from genrescope.backbones.musicnn import MUSICNN
from genrescope.errors import UsageError
from genrescope.explanation.explain import explain
from genrescope.explanation.profile import FILE as PROFILES
from genrescope.inference import collection, rows
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.collection import classify_files
from genrescope.inference.model import GenreModel
from genrescope.inference.options import PredictionOptions
from genrescope.inference.song import classify, song_classifier
from genrescope.inference.storage.packing import pack_tags, unpack_tags
from genrescope.inference.storage.results import FailedSong
from genrescope.similarity.neighbours import FILE as NEIGHBOURS
from genrescope.sources import SOURCES
from toymodel import song, write_toy_model, write_toy_network

GENRES = ("Hum", "Buzz", "R&B/Drone")
MOODS = ("calm", "wild")
TAGS = {"ear": ("loud", "soft", "tinny"), "snout": ("sweet", "sour")}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The model, and its two networks, both at 16,000 Hz, in the user's folder."""
    home = tmp_path / "models"
    monkeypatch.setenv("GENRESCOPE_MODELS", str(home))
    for name, tags in TAGS.items():
        (home / name).mkdir(parents=True)
        table = home / name / "tags.csv"
        table.write_text("name,base_rate,genre\n" + "".join(f"{tag},0.01,\n" for tag in tags))
        network = replace(
            MUSICNN,
            **{"name": name, "title": f"what the {name} finds", "embedding": 5},
            **{"graph": f"{name}.onnx", "weights": f"{name}.weights", "tag_table": str(table)},
        )
        monkeypatch.setitem(SOURCES, name, network)
        write_toy_network(home / name, network)
    write_toy_model(
        home / "pair",
        inputs=("snout", "ear"),
        genres=GENRES,
        vocabulary=None,
        heads={"moods": MOODS},
        level=-20.0,
    )
    rng = np.random.default_rng(1)
    np.savez(
        home / "pair" / PROFILES,
        genres=[*GENRES] * 6,
        ssd=rng.random((18, 168)),
        rh=rng.random((18, 60)),
    )
    np.savez(
        home / "pair" / NEIGHBOURS,
        ids=["a", "b", "c"],
        genres=["hum", "Buzz; Hum", "r&b/drone"],
        embedding=rng.normal(size=(3, 3)).astype(np.float16),
    )
    return home / "pair"


@pytest.fixture(autouse=True)
def _here(monkeypatch) -> None:
    """Files are classified in this process: no other one has the made-up networks."""

    def map_here(work, items, **_):
        return ((item, work(item)) for item in items)

    monkeypatch.setattr(collection, "map_files", map_here)


@pytest.fixture
def clip(tmp_path) -> Path:
    soundfile.write(tmp_path / "song.flac", song(9, 44100), 44100)
    return tmp_path / "song.flac"


def test_each_source_has_its_own_vector_and_tags(folder, clip):
    classifier = song_classifier(folder)
    inner = classifier.samples_classifier
    samples, rate = soundfile.read(clip, dtype="float32")
    parts = inner.clip(samples, rate)
    vectors = inner.vectors(parts)

    assert {name: part.rate for name, part in parts.items()} == {"snout": 16000, "ear": 16000}
    assert parts["snout"] is parts["ear"]
    assert {name: vector.shape for name, vector in vectors.items()} == {"ear": (8,), "snout": (7,)}
    tags = classifier.classify(clip).prediction.tags
    assert {name: tuple(found) for name, found in tags.items()} == TAGS
    for name, found in tags.items():
        np.testing.assert_allclose(list(found.values()), vectors[name][5:], atol=1e-4)
        assert unpack_tags(pack_tags(tags))[name] == pytest.approx(found, abs=1e-3)


def test_classify_in_either_vocabulary(folder, clip, tmp_path):
    [row] = classify_files([clip], folder, results=tmp_path / "results.jsonl")
    [again] = classify_files([clip], folder, results=tmp_path / "results.jsonl")
    card = GenreModel.load(folder).card
    moods = PredictionOptions(card, vocabulary="moods", threshold=0.0)

    assert row.prediction.genres == again.prediction.genres == GENRES
    assert moods.apply(row.prediction).genre in MOODS
    np.testing.assert_array_equal(
        moods.apply(row.prediction).probabilities, moods.apply(again.prediction).probabilities
    )
    assert classify(clip, model=folder).best == row.prediction.best
    with pytest.raises(UsageError, match="cannot be mapped to library"):
        PredictionOptions(card, vocabulary="library")


def test_explain(folder, clip):
    found = json.loads(json.dumps(explain(clip, folder).as_json()))

    assert {item["name"] for item in found["attribution"]["inputs"]} == {"ear", "snout"}
    assert {item["description"] for item in found["attribution"]["inputs"]} == {
        "what the ear finds",
        "what the snout finds",
    }
    assert {(tag["source"], tag["tag"]) for tag in found["tags"]} <= {
        (name, tag) for name, tags in TAGS.items() for tag in tags
    }
    assert found["tags"]
    assert found["neighbours_alike"] in (1 / 3, 2 / 3)
    assert explain(clip, folder).typical is not None


def test_index_plan_export_and_browser(folder, clip, tmp_path):
    pytest.importorskip("mutagen")
    from genrescope.library.browsing.browser import Browser
    from genrescope.library.index.database import Index
    from genrescope.library.index.exporting import StoredPredictions, write_csv, write_json
    from genrescope.library.index.models import indexed_model
    from genrescope.library.index.results import classify_library, songs
    from genrescope.library.index.scan import scan
    from genrescope.library.tagging.planning import PlanOptions, make_plan

    root = tmp_path / "music"
    root.mkdir()
    clip.rename(root / "song.flac")
    with Index(root, tmp_path / "index.sqlite") as index:
        scan(index)
        assert classify_library(index, folder).done == 1
        direct = classify(root / "song.flac", model=folder)
        [kept] = [item.prediction for item in songs(index, indexed_model(index))]
        assert kept.genres == GENRES
        assert {name: tuple(found) for name, found in kept.tags.items()} == {
            name: TAGS[name] for name in ("snout", "ear")
        }
        np.testing.assert_allclose(kept.heads["moods"], direct.heads["moods"], atol=1e-6)

        for vocabulary, genres in ((None, GENRES), ("moods", MOODS)):
            [row] = make_plan(index, PlanOptions(threshold=0.0, vocabulary=vocabulary)).rows
            assert row.new[0] in genres
            assert re.match(r"\d+ % sure: \w+", row.why)
        predictions = StoredPredictions(indexed_model(index), 0.0, "moods")
        write_json(index, predictions, tmp_path / "table.json")
        write_csv(index, predictions, tmp_path / "table.csv")
        written = json.loads((tmp_path / "table.json").read_text())
        assert set(written["probabilities"]) == {"p(calm)", "p(wild)"}
        assert written["genre"] in MOODS
        with (tmp_path / "table.csv").open(newline="") as file:
            assert next(csv.DictReader(file))["p(calm)"]
        browser = Browser(index)
        browser.refresh(at_once=True)
        assert browser.genres == GENRES
        assert sum(browser.counts(0.0)[genre] for genre in GENRES) == 1


def test_page(folder, clip):
    pytest.importorskip("fastapi")
    from genrescope.web.session import outcome_as_json
    from genrescope.web.tasks import Classify, Explain

    shown = outcome_as_json(Classify(clip, folder).run())
    why = Explain(clip, folder).run()

    assert {*rows.SONG_KEYS, "probabilities"} <= {*shown}
    assert len(shown["probabilities"]) == len(GENRES)
    assert any("ear suggest" in text.casefold() for text in why["sentences"])


def test_every_row_has_the_keys_of_the_one_schema(folder, clip):
    [row] = classify_files([clip], folder)
    [window] = list(song_classifier(folder).timeline(clip))
    failed = FailedSong(clip, "why", "what to do")

    assert isinstance(row, ClassifiedSong)
    assert tuple(row.as_json()) == (*rows.SONG_KEYS, "music", "seconds", "took")
    assert tuple(window.as_json()) == (*rows.WINDOW_KEYS, "music", "seconds")
    assert tuple(failed.as_json()) == rows.FAILED_KEYS
    assert row.as_json(2)["top"] == [
        {"genre": genre, "probability": round(share, 4)} for genre, share in row.prediction.top(2)
    ]
    assert {*rows.csv_row(row.as_json())} - {*rows.csv_columns(3)} == {"top"}
