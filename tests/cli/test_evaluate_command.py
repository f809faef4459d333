from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from genrescope.inference.song import SongClassifier, load_model
from toymodel import GENRES, song

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


def predictions(folder) -> dict:
    """The toy model's prediction of each song, by the classifier itself."""
    classifier = SongClassifier(load_model("toy"))
    found = {path: classifier.classify(path).prediction for path in folder.rglob("*.wav")}
    return {path.stem: prediction for path, prediction in found.items()}


def test_folders_are_labels(command, sorted_songs, tmp_path):
    written = tmp_path / "scores.json"
    done = command(
        *("evaluate", sorted_songs, "--model", "toy", "--threshold", 0.3, "-j", 1),
        *("--json", written, "--results", tmp_path / "results.jsonl"),
    )
    expected = predictions(sorted_songs)
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
    best = predictions(sorted_songs)["5"].best
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
    assert (
        found["scores"]["accuracy"]["value"] >= 0.5
    )  # the first one's prediction is among its genres


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--groups", "artist"), "--groups without --labels"),
        (("--model", "nothing"), "nothing"),
        (("--vocabulary", "nothing"), "no vocabulary 'nothing'"),
    ],
)
def test_wrong_use_is_reported(command, sorted_songs, options, message):
    done = command("evaluate", sorted_songs, *options)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_folder_that_is_not_there(command, tmp_path):
    done = command("evaluate", tmp_path / "gone")
    assert (done.returncode, "no such folder" in done.stderr) == (2, True)


def test_probabilities_from_elsewhere_are_scored_as_the_models_own(command, sorted_songs, tmp_path):
    own, other = tmp_path / "own.json", tmp_path / "other.json"
    arguments = ("evaluate", sorted_songs, "--threshold", 0)
    command(*arguments, "-m", "toy", "-j", 1, "--json", own)
    lines = ["path," + ",".join(f"p({genre})" for genre in GENRES)]
    for name, prediction in predictions(sorted_songs).items():
        path = next(sorted_songs.rglob(f"{name}.wav")).relative_to(sorted_songs)
        if prediction.confidence:
            lines.append(
                f"{path}," + ",".join(f"{value:.9g}" for value in prediction.probabilities)
            )
    (tmp_path / "made.csv").write_text("\n".join(lines) + "\n")
    page = tmp_path / "page.html"
    done = command(
        *arguments, "--predictions", tmp_path / "made.csv", "--json", other, "--report", page
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("made: 4 songs of 2 genres\n")
    one, two = (json.loads(path.read_text())["scores"] for path in (own, other))
    assert one.keys() == two.keys()
    for name in ("macro_recall", "accuracy", "log_loss", "calibration_error"):
        assert two[name]["value"] == pytest.approx(one[name]["value"], abs=1e-6)
    assert one["confusion"] == two["confusion"]
    text = page.read_text()
    assert "<h1>made on songs of one&#39;s own</h1>" in text
    assert "labels that name no genre of the model: Polka 1" in text
    assert "src=" not in text
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_predictions_from_elsewhere_need_no_audio(command, tmp_path):
    labels, made = tmp_path / "labels.csv", tmp_path / "made.csv"
    labels.write_text(
        "path,genre\na/1.mp3,Jazz\na/2.mp3,jazz\nb/3.mp3,Rock\nb/4.mp3,Polka\n5,Rock\n"
    )
    made.write_text(
        "path,genre\na/1.mp3,jazz\na/2.mp3,rock\nb/3.mp3,Rock\nb/4.mp3,jazz\n5.mp3,unknown\n"
    )
    done = command(
        *("evaluate", "--predictions", made, "--labels", labels, "--json", tmp_path / "scores.json")
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "scores.json").read_text())
    # Jazz one of two, rock one of one, polka, which was never predicted, none.
    assert found["scores"]["macro_recall"]["value"] == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert found["scores"]["accuracy"]["value"] == pytest.approx(2 / 4)
    assert found["scores"]["log_loss"]["value"] is None
    assert "calibration" not in done.stdout
    assert "no prediction: 5.mp3: unknown" in done.stdout


def test_predictions_and_a_model_are_two_things(command, tmp_path):
    done = command("evaluate", tmp_path, "--predictions", "made.csv", "--model", "toy")
    assert done.returncode == 2
    assert "do not go together" in done.stderr
    done = command("evaluate", "--predictions", "made.csv")
    assert (done.returncode, "predictions without labels" in done.stderr) == (2, True)


@pytest.mark.parametrize("option", ["--json", "--report"])
def test_no_song_and_no_input_is_overwritten(command, tmp_path, option):
    labels, song_ = tmp_path / "labels.csv", tmp_path / "a.wav"
    labels.write_text("a.wav,jazz\n")
    soundfile.write(song_, song(1), 22050)
    before = song_.read_bytes()
    arguments = ("evaluate", tmp_path, "--labels", labels, "--model", "toy", option)
    done = command(*arguments, song_)
    assert (done.returncode, song_.read_bytes()) == (2, before)
    assert f"{song_}: a song's name for what is no song" in done.stderr
    done = command(*arguments, tmp_path / "." / "labels.csv")
    assert (done.returncode, labels.read_text()) == (2, "a.wav,jazz\n")
    assert f"{option} would overwrite --labels" in done.stderr
