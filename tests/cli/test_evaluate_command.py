from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from genrescope.inference.song import SongClassifier, load_model
from toymodel import song

pytestmark = pytest.mark.usefixtures("models")


@pytest.fixture
def sorted_songs(tmp_path):
    """Songs in folders of genres, a silence, a text, and a song of an unknown genre."""
    folder = tmp_path / "songs"
    for number, name in enumerate(("Hip-Hop/1", "Hip-Hop/2", "JAZZ/x/3", "JAZZ/4", "Polka/5")):
        path = folder / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, song(7, seed=number), 22050)
    soundfile.write(folder / "JAZZ" / "silent.wav", np.zeros(22050), 22050)
    (folder / "JAZZ" / "text.mp3").write_text("no sound")
    soundfile.write(folder / "loose.wav", song(1), 22050)
    return folder


def answers(folder) -> dict:
    """The toy model's answer of each song, by the classifier itself."""
    classifier = SongClassifier(load_model("toy"))
    found = {path: classifier.classify(path).prediction for path in folder.rglob("*.wav")}
    return {path.stem: prediction for path, prediction in found.items()}


def test_folders_are_labels(command, sorted_songs, tmp_path):
    written = tmp_path / "scores.json"
    done = command(
        *("evaluate", sorted_songs, "--model", "toy", "--threshold", 0.3, "-j", 1),
        *("--json", written, "--results", tmp_path / "results.jsonl"),
    )
    expected = answers(sorted_songs)
    truth = {"1": "hiphop", "2": "hiphop", "3": "jazz", "4": "jazz"}
    right = [expected[name].best == genre for name, genre in truth.items()]
    named = [name for name in truth if expected[name].confidence >= 0.3]

    assert done.returncode == 3
    assert done.stdout.startswith("toy: 4 songs of 2 genres\n")
    assert "labels that name no genre of the model: Polka 1\n" in done.stdout
    assert f"songs without a label: 1, {sorted_songs / 'loose.wav'} first\n" in done.stdout
    assert "text.mp3: not an audio file\n" in done.stdout
    assert "silent.wav: silent\n" in done.stdout
    found = json.loads(written.read_text())
    assert found["scores"]["accuracy"]["value"] == np.mean(right)
    assert found["scores"]["macro_recall"]["value"] == np.mean(right)
    assert found["named"] == len(named)
    assert found["right"] == sum(expected[name].best == truth[name] for name in named)
    assert found["unmapped_labels"] == {"Polka": 1}
    again = command(
        *("evaluate", sorted_songs, "--model", "toy", "--threshold", 0.3, "-j", 1),
        *("--results", tmp_path / "results.jsonl"),
    )
    assert again.stdout == done.stdout


def test_a_file_of_labels_with_artists(command, sorted_songs, tmp_path):
    best = answers(sorted_songs)["5"].best
    labels = tmp_path / "labels.csv"
    labels.write_text(f"path,genre,artist\nPolka/5.wav,{best}|Reggae,X\n1,{best.upper()},X\n")
    done = command(
        *("evaluate", sorted_songs, "-m", "toy", "-j", 1, "--labels", labels),
        *("--groups", "artist", "--json", tmp_path / "scores.json"),
    )
    found = json.loads((tmp_path / "scores.json").read_text())
    assert done.returncode == 0
    assert found["groups"] == 1
    assert found["scores"]["rows"] == 2
    assert found["scores"]["accuracy"]["value"] >= 0.5  # the first one's answer is among its genres


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--groups", "artist"), "--groups without --labels"),
        (("--model", "nothing"), "nothing"),
        (("--vocabulary", "nothing"), "no vocabulary 'nothing'"),
    ],
)
def test_wrong_use_is_told(command, sorted_songs, options, message):
    done = command("evaluate", sorted_songs, *options)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_folder_that_is_not_there(command, tmp_path):
    done = command("evaluate", tmp_path / "gone")
    assert (done.returncode, "no such folder" in done.stderr) == (2, True)
