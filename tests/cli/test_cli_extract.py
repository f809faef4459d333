from __future__ import annotations

import contextlib
import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from children import child, wait_until
from genrescope.audio.excerpt import Excerpt
from genrescope.cli.app import main
from genrescope.cli.songs.extract import parse_excerpt
from genrescope.data.formats.featurefile import read_table
from genrescope.data.store.reader import open_store
from genrescope.errors import UsageError
from genrescope.extraction.single import extract
from genrescope.featuresets import EXTRA_SETS

SETS = ("--sets", "jmir_lpc,rh", "--jobs", "1")
EXTRA = tuple(EXTRA_SETS)


def genrescope(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "genrescope", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **options)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    for name in ("a/1.wav", "a/2.wav", "b/3.wav"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = np.random.default_rng(5).integers(-900, 900, 22050 * 7, dtype=np.int16)
        soundfile.write(path, samples, 22050)
    return folder


def test_a_folder_goes_into_a_store(music, tmp_path):
    done = genrescope("extract", music, "-o", tmp_path / "out", *SETS)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"3 of 3 songs are in {tmp_path / 'out'}\n"
    assert open_store(tmp_path / "out" / "rh").ids.tolist() == ["a/1.wav", "a/2.wav", "b/3.wav"]


@pytest.mark.parametrize("format_", ["store", "arff"])
def test_the_extra_sets_come_by_name_and_back_from_the_files(music, tmp_path, format_):
    song, out = music / "a" / "1.wav", tmp_path / "out"
    done = genrescope("extract", song, "-o", out, "--sets", ",".join(EXTRA), "--format", format_)

    assert (done.returncode, done.stderr) == (0, "")
    for name, vector in extract(song, sets=EXTRA).items():
        path = out / (name if format_ == "store" else f"{name}.{format_}")
        table = open_store(path) if format_ == "store" else read_table(path)
        assert (table.feature_set, table.ids.tolist()) == (name, ["1.wav"])
        # A worker computes on one thread, this process on several: the last digits may differ.
        np.testing.assert_allclose(table.read()[0], vector, rtol=1e-4, atol=1e-6)
    shown = genrescope("data", "info", path).stdout
    assert f"{name} ({EXTRA_SETS[name].title})" in shown
    assert EXTRA_SETS[name].columns[0] in shown


def test_what_fails_is_listed_and_sets_the_exit_status(music, tmp_path):
    (music / "b" / "4.mp3").write_text("no sound")
    done = genrescope("extract", music, music / "gone.wav", "-o", tmp_path / "out", *SETS)

    assert done.returncode == 3
    assert done.stdout.startswith("3 of 5 songs")
    assert "2 failed: see" in done.stderr
    with (tmp_path / "out" / "failures.csv").open() as file:
        assert [row[0] for row in csv.reader(file)] == ["file", "b/4.mp3", "gone.wav"]


def test_a_list_on_standard_input_and_names_below_a_root(music, tmp_path):
    names = "\n".join(str(path) for path in sorted((music / "a").iterdir()))
    done = genrescope(
        *("extract", "-", "-o", tmp_path / "out", *SETS, "--root", music, "--format", "csv"),
        input=names,
    )

    assert done.returncode == 0
    with (tmp_path / "out" / "rh.csv").open() as file:
        assert [row[0] for row in csv.reader(file)] == ["id", "a/1.wav", "a/2.wav"]


def test_settings_reach_the_tables(music, tmp_path):
    options = ("--like", "2012", "--masking", "--precision", "float64", "--excerpt", "windows:1x6")
    genrescope("extract", music, "-o", tmp_path / "out", *SETS, *options)

    provenance = open_store(tmp_path / "out" / "rh").provenance
    assert provenance["settings"] == {"like": "2012", "dtype": "float64", "masking": True}
    assert provenance["excerpt"] == {"seconds": 6.0, "count": 1}


def test_shards_and_their_merger(music, tmp_path):
    for part in ("1/2", "2/2"):
        done = genrescope("extract", music, "-o", tmp_path / "out", *SETS, "--shard", part)
        assert done.returncode == 0
    done = genrescope("extract", "--merge", "-o", tmp_path / "out")

    assert done.stdout == f"3 of 3 songs are in {tmp_path / 'out'}\n"
    assert len(open_store(tmp_path / "out" / "jmir_lpc")) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "out"), "no files are named"),
        (("music", "-o", "out", "--sets", "rhythm"), "no feature set 'rhythm'"),
        (("music", "-o", "out", "--format", "xls"), "no format 'xls'"),
        (("music", "-o", "out", "--like", "mp3"), "no like 'mp3'"),
        (("music", "-o", "out", "--precision", "float16"), "no dtype 'float16'"),
        (("music", "-o", "out", "--excerpt", "first:10"), "no excerpt 'first:10'"),
        (("music", "-o", "out", "--engine", "spark"), "no engine 'spark'"),
        (("music", "-o", "out", "--shard", "3/2"), "no shard 3/2"),
        (("music", "-o", "out", "--jobs", "0"), "0 jobs are too few"),
        (("music/none", "-o", "out", "--merge"), "no shards here"),
    ],
)
def test_wrong_use_is_reported_in_a_line(music, arguments, message, monkeypatch, capsys):
    monkeypatch.chdir(music.parent)
    monkeypatch.setattr(sys, "argv", ["genrescope", "extract", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    printed = capsys.readouterr()

    assert left.value.code == 2
    assert printed.err.startswith("genrescope: ")
    assert message in printed.err
    assert len(printed.err.splitlines()) == 1
    assert printed.out == ""


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        ("whole", Excerpt.whole()),
        ("middle:30", Excerpt.middle(30)),
        ("middle:7.5", Excerpt.middle(7.5)),
        ("windows:3x10", Excerpt.windows(3, 10)),
    ],
)
def test_excerpts_are_read(text, excerpt):
    assert parse_excerpt(text) == excerpt


@pytest.mark.parametrize("text", ["", "middle", "middle:", "middle:x", "windows:3", "windows:0x1"])
def test_excerpts_that_are_none_are_refused(text):
    with pytest.raises(UsageError):
        parse_excerpt(text)


def test_an_interrupt_prints_how_to_go_on(music, tmp_path):
    command = [sys.executable, "-m", "genrescope", "extract", str(music), "-o", str(tmp_path / "o")]
    with child([*command, *SETS], stderr=subprocess.PIPE, text=True) as process:
        wait_until((tmp_path / "o" / ".journal").exists)
        process.send_signal(signal.SIGINT)
        _, printed = process.communicate(timeout=120)

    assert process.returncode == 130
    assert printed == "interrupted; the same command goes on where it stopped\n"
    assert genrescope(*command[3:], *SETS).returncode == 0


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_on_a_terminal_it_shows_how_far_it_is(music, tmp_path):
    here, there = os.openpty()
    command = [sys.executable, "-m", "genrescope", "extract", str(music), "-o", str(tmp_path / "o")]
    with child([*command, *SETS], stderr=there, stdout=there) as process:
        os.close(there)
        shown = b""
        with contextlib.suppress(OSError):  # how the end of a terminal shows
            while part := os.read(here, 1 << 16):
                shown += part
        assert process.wait() == 0

    assert b"Extracting" in shown
    assert b"3/3" in shown
