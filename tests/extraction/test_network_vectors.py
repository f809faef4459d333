"""Vectors of pretrained networks among the sets, and vectors as a model takes them."""

from __future__ import annotations

import numpy as np
import pytest

from genrescope import classify, extract, load_model
from genrescope.audio.load import load_audio
from genrescope.backbones.backbone import Network
from genrescope.backbones.family import BACKBONES
from genrescope.data.store.reader import open_store
from genrescope.errors import AudioError, UsageError
from genrescope.extraction.batch import extract_files
from genrescope.extraction.merge import merge_shards
from genrescope.extraction.request import Request
from genrescope.extraction.single import extract_song
from genrescope.extraction.songs import Shard
from genrescope.extraction.writers import write_table
from toymodel import write_toy_model, write_toy_network

MUSICNN = BACKBONES["musicnn"]


@pytest.fixture
def networks(models):
    write_toy_network(models / "musicnn")
    write_toy_model(models / "mixed", inputs=("musicnn", "ssd", "marsyas_timbral"))
    return models


def test_a_network_is_a_set_beside_others(song, networks):
    path = song("x.wav", rate=44100, channels=2)
    network = Network.load(MUSICNN, networks / "musicnn")

    found = extract(path, ["rh", "musicnn"])

    assert list(found) == ["rh", "musicnn"]
    assert found["rh"].tolist() == extract(path, ["rh"])["rh"].tolist()
    expected = network.describe(load_audio(path, rate=MUSICNN.rate).samples)
    assert found["musicnn"].tolist() == expected.astype(float).tolist()
    assert len(expected) == len(MUSICNN.columns)
    samples = load_audio(path, rate=None).samples
    assert extract(samples, ["musicnn"], rate=44100)["musicnn"] == pytest.approx(expected)


def test_a_clip_too_short_for_a_descriptor_has_a_networks_vector(song, networks):
    found = extract_song(song("short.wav", seconds=3), Request(("ssd", "musicnn")))
    assert list(found.vectors) == ["musicnn"]
    assert found.notes == ("3.00 s is too short for ssd: 5.94 s needed",)


def test_many_songs_are_tables_with_the_names_of_embedding_and_tags(song, networks, tmp_path):
    path = song("x.wav")

    request = Request(("musicnn", "rh"))
    summary = extract_files([path], tmp_path / "out", request, jobs=1)

    assert summary.rows == {"musicnn": 1, "rh": 1}
    assert extract_files([path], tmp_path / "out", request, jobs=1) == summary  # not done again
    assert request.provenance()["networks"] == {"musicnn": MUSICNN.origin.sha256}
    table = open_store(tmp_path / "out/musicnn")
    assert table.read()[0] == pytest.approx(extract(path, ["musicnn"])["musicnn"], rel=1e-5)
    write_table(table, tmp_path / "musicnn.csv", "csv")
    head = (tmp_path / "musicnn.csv").read_text().splitlines()[0].split(",")
    assert (head[:2], head[-1]) == (["id", "embedding 1"], MUSICNN.tag_names[-1])


def test_shards_with_a_network_are_joined(song, networks, tmp_path):
    paths, request = [song("x.wav"), song("y.wav")], Request(("musicnn",))
    for number in (1, 2):
        extract_files(paths, tmp_path / "out", request, shard=Shard(number, 2), jobs=1)
    assert merge_shards(tmp_path / "out").rows == {"musicnn": 2}


def test_a_network_that_is_not_here_is_an_error_with_a_remedy(song, models):
    with pytest.raises(UsageError, match=r"needs audioset .*genrescope models add audioset"):
        extract(song("x.wav"), ["rh", "audioset"])


@pytest.mark.parametrize("model", ["toy", "mixed"])
def test_what_extract_gives_a_model_predicts_as_the_song(song, networks, model):
    path = song("x.wav", rate=44100, channels=2)

    vectors = extract(path, model=model)
    predicted = load_model(model).predict(vectors).prediction()

    assert predicted.probabilities.tolist() == classify(path, model=model).probabilities.tolist()
    samples = load_audio(path, rate=None).samples
    again = load_model(model).predict(extract(samples, rate=44100, model=model))
    assert again.probabilities == pytest.approx(
        classify(samples, 44100, model).probabilities[None], abs=1e-6
    )


def test_stores_for_a_model_are_rows_that_it_predicts(song, networks, tmp_path):
    path = song("x.wav", channels=2)
    extract_files([path], tmp_path / "out", Request.of(model="mixed"), jobs=1)
    model = load_model("mixed")

    rows = {name: open_store(tmp_path / "out" / name).read() for name in model.card.inputs}

    expected = classify(path, model="mixed").probabilities
    found = model.predict(rows).probabilities  # of other threads, so of another rounding
    assert found == pytest.approx(expected[None], abs=1e-5)


def test_a_model_and_sets_are_two_ways(song, networks):
    with pytest.raises(UsageError, match="a model brings its feature sets"):
        extract(song("x.wav"), ["rh"], model="toy")


def test_silence_cannot_be_brought_to_the_level_of_a_model(networks):
    with pytest.raises(AudioError, match="silent"):
        extract(np.zeros(8 * 22050), rate=22050, model="toy")
