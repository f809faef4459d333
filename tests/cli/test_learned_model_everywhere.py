"""A model of a person's own labels, several a song, in every command as a person would use it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from genrescope.backbones.family import FOLDER_VARIABLE
from toymodel import write_toy_model

pytest.importorskip("mutagen")
from mutagen.flac import FLAC

pytestmark = pytest.mark.slow

SONGS = 24
LABELS = {"tones": ["Warm-up", "Mellow"], "noises": ["Peak Time"]}


def write_songs(folder: Path) -> None:
    """Tones and noises by artists of two songs each, half in one folder and half in another."""
    rng, time = np.random.default_rng(0), np.arange(22050) / 22050
    for number in range(SONGS):
        noise, kind = rng.normal(0, 0.3, len(time)), ("noises", "tones")[number // 2 % 2]
        tone = np.sin(2 * np.pi * rng.uniform(200, 260) * time)
        path = folder / ("first" if number < 12 else "second") / kind / f"{number}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.3 * (tone if kind == "tones" else noise) + 0.01 * noise, 22050)
        tags = FLAC(path)
        tags["artist"], tags["genre"] = f"Artist {number // 2}", LABELS[kind]
        tags.save()


def write_new(path: Path) -> Path:
    """A tone without tags."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng, time = np.random.default_rng(9), np.arange(22050) / 22050
    tone = np.sin(2 * np.pi * 225.2 * time)
    soundfile.write(path, 0.3 * tone + rng.normal(0, 0.003, len(time)), 22050)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with libraries and a model, that is also the user's."""
    write_toy_model(tmp_path / "models" / "toy", inputs=("ssd",))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "GENRESCOPE_JOURNAL"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write_songs(tmp_path / "music")
    return tmp_path


def test_it_is_a_model_like_any_other(home: Path, command):
    first = command("learn", "music/first", "music/second", "-m", "toy", "--jobs", 1)
    assert (first.returncode, first.stderr) == (0, "")
    assert "mine: 24 songs of 3 labels" in first.stdout
    assert "several labels" in first.stdout
    shutil.copytree(home / "models" / "mine", home / "elsewhere")
    shutil.rmtree(home / "models" / "toy")  # the model that it was built on
    new = write_new(home / "new" / "song.flac")

    for model in ("mine", "elsewhere"):
        done = command("classify", new, "--model", model, "--json", "--jobs", 1)
        assert done.returncode == 0
        (row,) = map(json.loads, done.stdout.splitlines())
        assert row["genre"] in LABELS["tones"]
        assert row["confidence"] > 0.5
    assert "Warm-up" in command("explain", new, "--model", "elsewhere").stdout
    shown = command("models", "show", "mine").stdout
    assert "Peak Time from" in shown
    assert "--vocabulary each" not in shown
    (listed,) = json.loads(command("genres", "--json", "-m", "mine").stdout)
    assert sorted(listed["genres"]) == ["Mellow", "Peak Time", "Warm-up", "unknown"]

    folders = command("evaluate", "music/first", "-m", "mine", "-j", 1)
    assert "no label names a genre of the model: noises, tones" in folders.stderr
    labels = home / "labels.csv"
    rows = [f"{path},{'|'.join(LABELS[path.parts[-2]])}" for path in Path("music").rglob("*.flac")]
    labels.write_text("\n".join(["path,genre", *rows]) + "\n")
    done = command("evaluate", "music", "-m", "mine", "-j", 1, "--labels", labels)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_library_is_tagged_exported_and_learned_from_by_it(home: Path, command):
    assert command("learn", "music", "-m", "toy", "--jobs", 1).returncode == 0
    new = write_new(home / "new" / "song.flac")
    assert command("library", "scan", "new", "--classify", "-m", "mine").returncode == 0
    assert command("library", "export", "new", "--json", "out.json").returncode == 0
    (row,) = (json.loads(line) for line in Path("out.json").read_text().splitlines())
    assert row["genre"] in LABELS["tones"]
    assert command("tag", "new", "--top", 3, "--apply").returncode == 0
    assert sorted(FLAC(new)["genre"]) == sorted(LABELS["tones"])

    listed = command("learn", "music", "-m", "mine", "--suggest", 2, "--jobs", 1)
    assert listed.returncode == 0
    first, second = listed.stdout.splitlines()
    assert {Path(first).parent.name, Path(second).parent.name} == {"tones", "noises"}
    assert command("learn", "--correct", f"{first}=Odd").returncode == 0
    again = command("learn", "music", "-m", "mine", "--suggest", 24, "--jobs", 1)
    assert len(again.stdout.splitlines()) == SONGS - 1
    assert first not in again.stdout


def test_beets_takes_it(home: Path, command, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("beets")
    assert command("learn", "music", "-m", "toy", "--jobs", 1).returncode == 0
    song = write_new(home / "new" / "song.flac")
    (home / "config.yaml").write_text(
        f"directory: {home}/new\nlibrary: {home}/library.db\nplugins: genrescope\n"
        "import: {copy: no, write: yes, autotag: no, quiet: yes}\n"
        "genrescope: {model: mine, top: 3}\n"
    )
    monkeypatch.setenv("BEETSDIR", str(home))
    for words in (("import", "-A", str(song.parent)), ("ls", "-f", "$genres")):
        beet = [sys.executable, "-m", "beets", *words]
        done = subprocess.run(beet, capture_output=True, text=True, env=os.environ)
        assert done.returncode == 0, done.stderr
    assert {"Warm-up", "Mellow"} <= {part.strip() for part in done.stdout.split(";")}
