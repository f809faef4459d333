"""`genrescope learn` on a library of tagged songs, as a person gives it."""

from __future__ import annotations

import csv
import hashlib
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest
import soundfile

from children import child, wait_until
from genrescope.backbones.family import FOLDER_VARIABLE
from toymodel import write_toy_model

pytest.importorskip("mutagen")
from mutagen.flac import FLAC

SONGS = 24


def write_songs(folder: Path) -> None:
    """Tones and noises by artists of two songs each; labels in genre and grouping, and folders."""
    rng, time = np.random.default_rng(0), np.arange(22050) / 22050
    for number in range(SONGS):
        noise, kind = rng.normal(0, 0.3, len(time)), number // 2 % 2
        tone = np.sin(2 * np.pi * rng.uniform(200, 260) * time)
        path = folder / ("tones" if kind else "noises") / f"{number}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.3 * (tone if kind else noise) + 0.01 * noise, 22050)
        tags = FLAC(path)
        tags["artist"], tags["genre"] = f"Artist {number // 2}", "Warm-up" if kind else "Peak Time"
        if number == 2:
            tags["genre"] = ["warm up"]
        tags["grouping"] = "quiet" if kind else "loud"
        tags.save()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a library and a model, that is also the user's."""
    write_toy_model(tmp_path / "models" / "toy", inputs=("ssd",))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    write_songs(tmp_path / "music")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hashes(folder: Path) -> dict[Path, str]:
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def classified(home: Path) -> int:
    """How many results the library's index has."""
    try:
        (path,) = (home / "home").rglob("libraries/*.sqlite")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return int(database.execute("SELECT count(*) FROM results").fetchone()[0])
    except (ValueError, sqlite3.Error):
        return 0


@pytest.mark.slow
def test_learned_corrected_and_used(home: Path, command):
    before = hashes(home / "music")
    options = ("music", "-m", "toy", "--jobs", "1", "--suspects", "suspects.csv", "--keep-songs")
    code, shown, error = command("learn", *options)
    assert (code, error) == (0, "")
    assert "mine: 24 songs of 2 labels" in shown
    assert "taken for Warm-up: warm up" in shown
    with Path("suspects.csv").open(encoding="utf-8", newline="") as file:
        assert {row["label"] for row in csv.DictReader(file)} == {"Warm-up", "Peak Time"}

    moved = home / "music" / "moved.flac"
    assert command("learn", "--correct", "music/tones/2.flac=Slow; Quiet").returncode == 0
    shutil.move(home / "music/tones/2.flac", moved)
    code, shown, _ = command("learn", "music", "-m", "toy", "--jobs", "1")
    assert (code, "left out: Slow: 1 songs, 8 are needed" in shown) == (0, True)
    shutil.move(moved, home / "music/tones/2.flac")

    shutil.copytree(home / "models/mine", home / "elsewhere")
    for model in ("mine", "elsewhere"):
        done = command("classify", "music/noises/0.flac", "-m", model, "--csv", "--jobs", "1")
        assert (done.returncode, "Peak Time" in done.stdout) == (0, True)
    assert "Warm-up" in command("explain", "music/tones/3.flac", "-m", "elsewhere").stdout
    assert "Warm-up, unknown" in command("models", "show", "mine").stdout
    assert command("library", "scan", "music", "--classify", "-m", "mine").returncode == 0
    assert command("tag", "music", "--output", "plan.csv").returncode == 0
    assert hashes(home / "music") == before


@pytest.mark.slow
def test_from_groupings_folders_and_playlists(home: Path, command):
    (home / "music" / "evening.m3u").write_text("\n".join(f"tones/{n}.flac" for n in range(2, 24)))
    (home / "music" / "party.m3u8").write_text("\n".join(f"noises/{n}.flac" for n in range(24)))
    for field, labels in (
        ("grouping", ("loud", "quiet")),
        ("folder", ("noises", "tones")),
        ("playlist", ("evening", "party")),
    ):
        done = command("learn", "music", "-m", "toy", "--jobs", "1", "--field", field)
        assert (done.returncode, done.stderr) == (0, "")
        assert all(label in done.stdout for label in labels)
    assert command("learn", "music", "--field", "colour").returncode == 2


@pytest.mark.slow
def test_killed_midway_it_goes_on(home: Path, command):
    command_line = (sys.executable, "-m", "genrescope", "learn", "music", "-m", "toy", "-j", "1")
    with child(command_line, stdout=PIPE, stderr=PIPE) as running:
        wait_until(lambda: classified(home) >= 3)
        running.kill()
    assert 3 <= (kept := classified(home)) < SONGS, kept
    assert command("learn", "music", "-m", "toy", "--jobs", "1").returncode == 0
    assert classified(home) == SONGS


def test_nothing_to_learn_from(home: Path, command):
    done = command("learn")
    assert (done.returncode, "name your library's folder" in done.stderr) == (2, True)
    assert "no file with a label" in command("learn", "--correct", "x.flac=Jazz").stderr


def test_songs_without_labels_are_refused(home: Path, command):
    shutil.copy(home / "music/tones/2.flac", home / "untagged.flac")
    FLAC(home / "untagged.flac").delete()
    shutil.rmtree(home / "music")
    (home / "music").mkdir()
    shutil.move(home / "untagged.flac", home / "music")
    done = command("learn", "music", "-m", "toy", "--jobs", "1")
    assert done.returncode == 3
    assert "0 labels with 8 songs of 3 artists or more (label more songs" in done.stderr
