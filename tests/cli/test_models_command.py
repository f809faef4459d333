from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from genrescope.backbones import family
from genrescope.backbones.audioset import AUDIOSET
from genrescope.calibration.coverage import Coverage
from genrescope.calibration.temperature import Calibration
from genrescope.cli.app import app
from genrescope.errors import UsageError
from genrescope.inference.heads import EACH, Head
from toymodel import write_toy_model
from unruly_server import Served, serving


def models_command(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["models", *arguments], terminal_width=200)
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_each_model_is_listed_and_a_broken_one_too(models: Path):
    write_toy_model(models / "small", inputs=("rp",), genres=("jazz", "rock"))
    (models / "toy" / "model.json").write_text("{}")
    lines = {line.split()[0]: line for line in models_command("list").splitlines() if line}

    assert lines["small"].split() == ["small", "2", "nothing", "0.0", "A", "toy"]
    assert lines["audioset"].split()[1:5] == ["no", "MIT", "fetch", "4"]
    assert "cannot be used" in lines["toy"]


def test_a_card_is_shown_to_the_last_word(models: Path):
    write_toy_model(
        models / "whole",
        threshold=0.35,
        coverage=(Coverage(0.2, 1.0, 0.61), Coverage(0.35, 0.8, 0.725)),
        card={
            "data": ["a thousand songs", "and their copies"],
            "scores": {"macro_recall": {"value": 0.81234, "low": 0.79}, "songs": 1000},
            "licence": "MIT",
        },
    )
    out = models_command("show", "whole", "--all")
    lines = [line.split(maxsplit=1) for line in out.splitlines()]
    shown = {words[0]: words[1].strip() for words in lines if len(words) == 2}

    assert "35 %: less confidence is unknown" in out
    assert shown["whole"] == "A toy"
    assert shown["data"] == "a thousand songs, and their copies"
    assert shown["scores"] == "macro recall, value: 0.8123"
    assert shown["songs:"] == "1000"
    assert shown["licence"] == "MIT"
    assert shown["35"].split() == ["%", "80", "%", "72", "%"]


def test_of_a_model_of_several_genres_a_song_each_genre_has_its_share_of_songs(models: Path):
    card = write_toy_model(models / "several", genres=("jazz", "rock"))
    genres = ("jazz", "rock", "no jazz", "no rock")
    prior = (0.3 / 2, 0.9 / 2, 0.7 / 2, 0.1 / 2)
    head = Head(genres, prior, Calibration(1.0, (0.0,) * 4), vocabulary=EACH, least=(0.4, 0.25))
    replace(card, heads={EACH: head}).write(models / "several")
    lines = models_command("show", "several", "--all").splitlines()
    shown = [" ".join(line.split()) for line in lines]

    assert "several jazz from 40 %, rock from 25 %" in shown
    assert "of all songs jazz 30 %, rock 90 %" in shown
    assert sum(line.startswith("threshold") for line in shown) == 1  # of the genres
    assert "no jazz" not in " ".join(shown)


def test_a_card_begins_with_what_a_collector_needs(models: Path):
    left_out = {"songs": 200, "right": 0.735, "named": 0.6, "right of the named": 0.9}
    scores = {"GTZAN": {"temperature": 1.2, "corpus left out": {"ballroom": left_out}}}
    write_toy_model(models / "whole", threshold=0.35, card={"scores": scores, "command": "train"})
    out = " ".join(models_command("show", "whole").split())
    assert "genres blues, classical" in out
    assert "right on ballroom 74 % of 200 songs, with ballroom left out of training" in out
    assert "names a genre of 60 %, right of these 90 %" in out
    assert "unknown what it is less than 35 % sure of" in out
    assert "needs nothing else" in out
    assert "train" not in out.replace("training", "")
    assert "--all shows" in out


def test_all_genres_are_listed_with_model_and_vocabulary(models: Path):
    write_toy_model(models / "mine", genres=("warm up", "peak time"), vocabulary=None)
    found = json.loads(CliRunner().invoke(app, ["genres", "--json"]).stdout)
    known = {(item["vocabulary"], len(item["genres"])): item for item in found}
    assert known["library", 17]["genres"]["hip-hop"] == "Hip-Hop"
    assert {"full", "descriptors"} <= set(known["library", 17]["models"])
    assert "toy" in known["GTZAN", 10]["models"]
    assert known["mine", 2]["genres"] == {"warm up": "warm up", "peak time": "peak time"}
    shown = CliRunner().invoke(app, ["genres", "-m", "mine"]).stdout
    assert "warm up, peak time" in shown
    assert "library" not in shown.splitlines()[0]


def test_a_card_is_given_as_it_is(models: Path):
    written = json.loads((models / "toy" / "model.json").read_text())
    assert json.loads(models_command("show", "toy", "--json")) == written
    assert json.loads(models_command("show", str(models / "toy"), "--json")) == written


def test_a_model_that_is_not_there_is_wrong_use(models: Path):
    with pytest.raises(UsageError, match="no model 'tay'"):
        models_command("show", "tay")


def test_all_that_can_be_had_is_added_and_the_others_are_named(shared, models, monkeypatch):
    file = AUDIOSET.origin.file
    with serving({f"/{file}": Served((shared / "data/weights" / file).read_bytes())}) as base:
        here = replace(AUDIOSET, origin=replace(AUDIOSET.origin, url=f"{base}{file}"))
        gone = replace(AUDIOSET, name="gone", origin=replace(here.origin, url=f"{base}gone"))
        monkeypatch.setattr(family, "BACKBONES", {"gone": gone, "audioset": here})
        done = CliRunner().invoke(app, ["models", "add"])

    assert done.exit_code == 3
    assert done.stdout == f"{models / 'audioset'}: ready\n"
    assert "gone: " in done.stderr
    assert "404" in done.stderr
    with pytest.raises(UsageError, match="one file for all networks"):
        models_command("add", "--file", "x.pt")
