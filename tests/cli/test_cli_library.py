"""The commands on libraries, as a person gives them."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from children import child, wait_until
from genrescope.backbones.family import FOLDER_VARIABLE
from songfiles import write_song
from toymodel import write_toy_model

pytest.importorskip("mutagen")
from genrescope.library.tagging.tagfile import read_tags, write_field


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a library and a model, that is also the user's."""
    write_toy_model(tmp_path / "models" / "toy")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    album = tmp_path / "music" / "Artist" / "Album"
    album.mkdir(parents=True)
    for number, suffix in enumerate((".mp3", ".flac", ".ogg")):
        song = write_song(album / f"{number} song{suffix}", number, 2.0)
        write_field(song, "genre", ("Alternative",) if number == 0 else ())
    return tmp_path


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, command):
    """Give a command, in this process; (exit code, standard output, standard error)."""
    monkeypatch.chdir(home)
    return command


def genres(home: Path) -> list[tuple[str, ...]]:
    return [read_tags(path).genres for path in sorted(home.glob("music/Artist/Album/*"))]


@pytest.mark.slow
def test_from_scan_to_tags_and_back(home: Path, run):
    done = run("library", "scan", "music", "--classify", "-m", "toy", "--jobs", "1")
    assert done == (0, "3 new\n3 sounds classified\n", "")
    assert list((home / "home").rglob("libraries/*.sqlite"))
    code, shown, error = run("tag", "music", "--output", "plan.csv")
    assert (code, error) == (0, "")
    assert "Artist/Album/" in shown
    assert "none → " in shown
    assert "2 of 3 files to be changed, 1 kept as they are, 0 left to you" in shown
    assert genres(home) == [("Alternative",), (), ()]
    with (home / "plan.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["new"] = "My genre; Another"
    with (home / "plan.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows[:1])
    assert "genrescope tag music --plan plan.csv --apply" in shown
    code, _, error = run("tag", "--plan", "plan.csv", "--apply")  # here is not the library
    assert code == 2
    assert "name the library's folder" in error
    done = run("tag", "music", "--plan", "plan.csv", "--apply")
    assert done[0] == 0, done
    assert done[1].startswith("1 written")
    assert genres(home) == [("Alternative",), ("My genre", "Another"), ()]
    status = run("library", "status", "music")[1]
    assert "3 files" in status
    assert "My genre" in status
    assert run("library", "scan", "music")[1] == "3 unchanged\n"
    code, shown, error = run("undo", "nothing.mp3")
    assert (code, shown) == (2, "")
    assert error.startswith("genrescope: nothing.mp3: nothing that run ")
    assert run("undo")[0] == 0
    assert genres(home) == [("Alternative",), (), ()]
    assert "My genre" not in run("library", "status", "music")[1]
    assert "2 of 3 files to be changed, 1 kept" in run("tag", "music")[1]
    done = run("tag", "music", "--output", "plan.csv/there")
    assert done[0] == 3
    assert "plan.csv/there: cannot be written" in done[2]


@pytest.mark.slow
def test_a_replaced_song_is_passed_over_and_classified_again(home: Path, run):
    run("library", "scan", "music", "--classify", "-m", "toy", "--jobs", "1")
    run("tag", "music", "--output", "plan.csv", "--threshold", "0")
    other = write_song(home / "other.flac", 9, 2.0)
    replaced = home / "music" / "Artist" / "Album" / "1 song.flac"
    shutil.copy(other, replaced)
    done = run("tag", "music", "--plan", "plan.csv", "--apply", "-m", "toy", "--verify", "full")
    assert done[0] == 3
    assert done[1].startswith("1 written, 1 refused")
    assert "1 song.flac: its sound is not the one that the plan is of" in done[2]
    assert "1 replaced songs classified again" in done[2]
    assert replaced.read_bytes() == other.read_bytes()
    assert "1 of 3 files to be changed" in run("tag", "music", "--threshold", "0")[1]


@pytest.mark.slow
def test_one_album_or_song_finds_the_index_upward(home: Path, run):
    run("library", "scan", "music", "--classify", "-m", "toy", "--jobs", "1")
    write_song(home / "music" / "single.flac", 7, 2.0)
    run("library", "scan", "music", "--classify", "-m", "toy", "--jobs", "1")
    album = Path("music", "Artist", "Album")
    assert "2 of 3 files to be changed" in run("tag", album, "--threshold", "0")[1]
    assert "3 files" in run("library", "status", album)[1]
    done = run("tag", album / "1 song.flac", "--threshold", "0", "--apply")
    assert done[1].startswith("1 written"), done
    assert [bool(values) for values in genres(home)] == [True, True, False]
    assert run("library", "export", album / "2 song.ogg", "--json", "one.json")[0] == 0
    assert "Artist/Album/2 song.ogg" in (home / "one.json").read_text()
    assert len((home / "one.json").read_text().splitlines()) == 1
    for words in ((), ("music",)):
        done = run("similar", album / "1 song.flac", *words)
        assert done.returncode == 0, done
        assert done.stdout.endswith("compared with 3 songs\n")
    assert "compared with 3 songs" in run("similar", "music/single.flac", album, "-n", "1")[1]
    shutil.move(home / "models", home / "gone")  # nothing is analysed again
    assert run("similar", album / "1 song.flac")[0] == 0


@pytest.mark.slow
def test_exports(home: Path, run):
    run("library", "scan", "music", "--classify", "-m", "toy", "--jobs", "1")
    words = ["--m3u", "lists", "--csv", "table.csv", "--json", "table.json"]
    done = run("library", "export", "music", *words)
    assert done[0] == 0, done
    assert len((home / "table.json").read_text().splitlines()) == 3
    (home / "music" / "@eaDir").mkdir()
    shutil.copy(home / "music/Artist/Album/1 song.flac", home / "music" / "@eaDir")
    shutil.copy(home / "music/Artist/Album/1 song.flac", home / "music" / "copy.flac")
    line = "1 left out as hidden (@eaDir 1): --hidden takes them in\n"
    assert run("library", "scan", "music") == (0, "1 new, 3 unchanged\n", line)
    assert "copies of others, by their sound: 1" in run("library", "status", "music")[1]
    shown = run("library", "export", "music", "--m3u", "none", "--threshold", "1")[1]
    assert shown == "in no playlist: 4 unknown\n"
    shown = run("library", "export", "music", "--m3u", "l", "--threshold", "1", "--unknown")[1]
    assert shown == "unknown: 4 songs\ncopies of other songs, by their sound: 1\n"
    assert len(list((home / "lists").glob("*.m3u8"))) >= 1


def test_what_is_wrong_is_reported(home: Path, run):
    code, _, error = run("tag", "music")
    assert code == 2
    assert "genrescope library scan DIR --classify" in error
    (home / "music" / "text.mp3").write_text("no music")
    (home / "music" / "broken.mp3").symlink_to("nothing")
    problem = "broken.mp3: the link cannot be followed: No such file or directory\n"
    assert run("library", "scan", "music") == (3, "4 new\n", problem)
    assert "text.mp3: tags: " in run("library", "status", "music")[1]
    for words in (
        ("library", "scan", "nowhere"),
        ("library", "export", "music"),
        ("tag", "music", "--replace", "--append"),
        ("tag", "music", "--plan", "nothing.csv"),
        ("tag", "music", "--field", "mood"),
    ):
        assert run(*words)[0] == 2, words


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to another process")
def test_a_watch_takes_in_a_song_tags_it_and_ends_cleanly(home: Path):
    words = ["library", "watch", "music", "--tag", "-m", "toy", "--threshold", "0"]
    command = [sys.executable, "-m", "genrescope", *words, "--interval", "0.2", "--jobs", "1"]
    shown = home / "shown"
    with (
        shown.open("w") as file,
        child(command, cwd=home, stdout=file, stderr=PIPE, text=True) as watch,
    ):
        wait_until(lambda: "written" in shown.read_text(), seconds=250)
        watch.send_signal(signal.SIGINT)
        _, err = watch.communicate(timeout=300)
    out = shown.read_text().splitlines(keepends=True)
    assert all(genres(home)), (out, err)
    assert genres(home)[0] == ("Alternative",)
    assert watch.returncode == 0
    assert err.endswith("stopped\n")
    assert out[:2] == ["3 new\n", "3 sounds classified\n"]
    assert out[2].startswith("2 written")


def test_duplicates_are_listed_as_table_json_and_csv(home: Path, run):
    song = home / "music/Artist/Album/1 song.flac"
    shutil.copy(song, home / "music" / "copy.flac")
    assert run("library", "scan", "music")[0] == 0
    code, shown, error = run("library", "duplicates", "music")
    assert (code, error) == (0, "")
    assert [line.split()[0] for line in shown.splitlines()[:2]] == ["best", "identical"]
    assert "found more than once: 1; copies beside the best: 1" in shown
    code, shown, error = run("library", "duplicates", "music", "--json", "--csv", "table.csv")
    assert (code, error) == (0, "written: table.csv\n")
    [group] = json.loads(shown)["groups"]
    assert [row["path"] for row in group] == ["Artist/Album/1 song.flac", "copy.flac"]
    assert group[1] | {"path": ""} == {
        "path": "",
        "version": 1,
        "relation": "identical",
        "seconds": 2.0,
        "seconds_shorter": 0.0,
        "format": "FLAC",
        "lossless": True,
        "kilobits": group[0]["kilobits"],
    }
    with (home / "table.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["group"] for row in rows] == ["1", "1"]
    assert [row["relation"] for row in rows] == ["best copy", "identical"]
    assert sorted(path.name for path in home.rglob("*.flac")) == ["1 song.flac", "copy.flac"]


def test_a_library_that_was_never_scanned_is_not_called_free_of_duplicates(home: Path, run):
    code, shown, error = run("library", "duplicates", "music")
    assert (code, shown) == (2, "")
    assert "was not scanned so far (genrescope library scan DIR)" in error


def test_outliers_are_listed_as_table_json_and_csv(home: Path, run):
    assert run("library", "scan", "music", "--classify", "-m", "toy", "--jobs", "1")[0] == 0
    code, shown, error = run("library", "outliers", "music", "--threshold", "0", "--json")
    assert (code, error) == (0, "")
    rows = json.loads(shown)
    assert [row["path"] for row in rows] == ["Artist/Album/0 song.mp3"]
    assert rows[0]["contradicts"] == ["tag rock"]
    assert run("library", "outliers", "music", "--csv", "table.csv") == (
        0,
        "written: table.csv\n",
        "",
    )
    assert (home / "table.csv").read_text(encoding="utf-8").startswith("path,artist,album,title,")
    code, shown, error = run("library", "outliers", "music")
    assert (code, error) == (0, "")
    assert shown.endswith("songs that contradict tag, album or artist: 1\n")


@pytest.mark.parametrize(
    "arguments",
    [
        *(("library", "export", "music", f"--{form}") for form in ("csv", "json", "parquet")),
        *(("library", name, "music", "--csv") for name in ("duplicates", "outliers")),
        ("tag", "music", "--output"),
    ],
)
def test_no_table_takes_the_place_of_a_song(home: Path, run, arguments) -> None:
    (song, *_) = sorted(path for path in (home / "music").rglob("*.*") if path.is_file())
    before = song.read_bytes()
    code, _, error = run(*arguments, song)
    assert (code, song.read_bytes()) == (2, before)
    assert error == f"genrescope: {song}: a song's name for what is no song (name another)\n"
