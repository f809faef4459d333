"""`genrescope explain` and `genrescope similar`."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from genrescope.cli.app import app
from genrescope.errors import DataError, UsageError
from toymodel import write_toy_model

pytestmark = pytest.mark.usefixtures("models")


def run(*arguments: object, code: int = 0) -> tuple[str, str]:
    """What a command writes to standard output and standard error."""
    done = CliRunner().invoke(app, [*map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code
    return done.stdout, done.stderr


def test_explain_prints_why_and_draws(library, tmp_path):
    picture = tmp_path / "why.png"
    out, _ = run("explain", library / "a" / "1.wav", "-m", "toy", "-o", picture)

    assert out.startswith("1.wav: ")
    assert "loudness of each band, and swings" in out
    assert "beat of all bands together" in out
    assert "│" in out
    assert out.rstrip().endswith("why.png")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_explain_of_a_model_that_can_explain_little(library, models):
    write_toy_model(models / "bare", inputs=["rh"], extras=False)
    out, _ = run("explain", library / "a" / "1.wav", "-m", "bare")
    silent, _ = run("explain", library / "silent.wav", "-m", "toy")

    assert "measures" not in out
    assert silent.split("\n")[0] == "silent.wav: unknown: there is nothing to classify"
    assert silent.split()[-1] == "silent"


def test_explain_as_json_is_json_only(library, tmp_path):
    song = library / "a" / "1.wav"
    out, err = run("explain", song, "-m", "toy", "--json", "-o", tmp_path / "x.svg")

    assert json.loads(out)["why"]["inputs"][0]["measures"]
    assert err.strip().endswith("x.svg")


def test_explain_refuses_before_it_analyses(library, tmp_path):
    clip = library / "a" / "1.wav"
    with pytest.raises(UsageError, match="no picture of this kind"):
        run("explain", tmp_path / "gone.wav", "-o", "x.gif")
    with pytest.raises(DataError, match="cannot be written"):
        run("explain", clip, "-m", "toy", "-o", clip / "x.png")


def test_similar_lists_the_nearest(library, tmp_path):
    song = library / "a" / "1.wav"
    (library / "copy.wav").write_bytes(song.read_bytes())
    options = ("-m", "toy", "-j", 1, "--results", tmp_path / "index.jsonl")
    out, err = run("similar", song, library, *options, code=3)
    first, *_, last = out.splitlines()

    assert first.split()[0] == "1.00"
    assert first.endswith("copy.wav  same sound")
    assert last == "compared with 3 songs"
    assert "text.mp3: not an audio file" in err
    assert "silent.wav: it is silent" in err


def test_similar_as_json(library):
    song = library / "a" / "1.wav"
    out, _ = run("similar", song, library / "a", library / "gone", "-m", "toy", "--json", code=3)
    content = json.loads(out)

    assert content["compared"] == 1
    assert [item["path"] for item in content["similar"]] == [str(library / "a" / "2.flac")]
    assert -1 <= content["similar"][0]["similarity"] <= 1
    assert "gone" in content["failed"][0]["path"]
