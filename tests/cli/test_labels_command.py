"""Styles, moods, voices and instruments at the command line, on real songs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from genrescope.cli.app import app
from genrescope.inference.labels.label import KINDS, label_names
from genrescope.inference.prediction import Prediction
from genrescope.inference.song import classify


def run(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(map(str, arguments)), env={"COLUMNS": "80"})
    assert done.exit_code == code, done.output
    return done.stdout


@pytest.fixture(scope="module")
def song(shared: Path) -> Path:
    return next((shared / "data/gtzan_audio").glob("metal.*"))


@pytest.fixture(scope="module")
def found(song: Path) -> Prediction:
    return classify(song, model="descriptors")


def test_labels_stand_below_a_song(song: Path, found: Prediction) -> None:
    assert found.labels
    lines = run("classify", song, "-m", "descriptors", "-j", 1, "--everything").splitlines()
    by_kind = [
        ", ".join(label.name for label in found.labels if label.kind == kind) for kind in KINDS
    ]
    assert "  " + "; ".join(filter(None, by_kind)) in lines


def test_only_the_wanted_kinds_stand_there(song: Path, found: Prediction) -> None:
    bare = run("classify", song, "-m", "descriptors", "-j", 1)
    styles = run("classify", song, "-m", "descriptors", "-j", 1, "--styles")
    names = [label.name for label in found.labels if label.kind == "style"]
    assert f"  {', '.join(names)}" in styles.splitlines()
    assert len(styles.splitlines()) == len(bare.splitlines()) + 1


def test_json_and_csv_have_labels(song: Path, found: Prediction) -> None:
    row = json.loads(run("classify", song, "-m", "descriptors", "-j", 1, "--json"))
    assert row["labels"] == [label.as_json() for label in found.labels]
    sure = [label.as_json() for label in found.all_labels if label.sure]
    assert row["sure_labels"] == sure
    assert len(sure) > len(row["labels"])
    table = run("classify", song, "-m", "descriptors", "-j", 1, "--csv")
    (line,) = csv.DictReader(io.StringIO(table))
    styles = [label.name for label in found.labels if label.kind == "style"]
    assert line["styles"] == "; ".join(styles)


def test_an_explanation_has_the_tags_of_labels(song: Path, found: Prediction) -> None:
    row = json.loads(run("explain", song, "-m", "descriptors", "--json"))
    assert [item["name"] for item in row["label_tags"]] == [label.name for label in found.labels]
    assert all(tag["source"].startswith("student_") for tag in row["label_tags"][0]["tags"])
    text = run("explain", song, "-m", "descriptors")
    assert "tags as descriptors predict them" in " ".join(text.split())
    assert "The networks' tags for it" not in text


def test_jams_have_an_annotation_a_kind(song: Path, found: Prediction, tmp_path: Path) -> None:
    run("classify", song, "-m", "descriptors", "-j", 1, "--jams", tmp_path)
    content = json.loads(next(tmp_path.glob("*.jams")).read_text())
    genres, *others = content["annotations"]
    assert genres["sandbox"] == {}
    values = [(item["sandbox"]["kind"], row["value"]) for item in others for row in item["data"]]
    assert values == [(label.kind, label.name) for label in found.labels]


def test_labels_are_listed_with_how_well_each_is_recognised() -> None:
    lines = run("genres", "--labels", "-m", "full").splitlines()
    assert lines[0] == f"full: {len(label_names())} labels"
    assert max(map(len, lines)) <= 80
    assert any("AUC" in line and line.startswith("style      jazz") for line in lines)
    assert any(line.endswith("not checked") for line in lines)
    rows = json.loads(run("genres", "--labels", "-m", "full", "--json"))
    assert [row["name"] for row in rows] == [label.name for label in label_names()]


def test_a_label_that_is_not_there_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    table = tmp_path / "t.csv"
    done = CliRunner().invoke(
        app, ["library", "export", str(folder), "--csv", str(table), "--style", "tecno"]
    )
    assert done.exception is not None
    assert "did you mean 'techno'" in str(done.exception) + done.output + done.stderr
    assert not table.exists()
