from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
from typer.testing import CliRunner

from children import child
from genrescope.cli.app import app
from genrescope.errors import AudioError, UsageError
from genrescope.inference.card import GRAPH
from genrescope.inference.song import SongClassifier, load_model
from genrescope.taxonomy.vocabulary import TOP_MAGD
from toymodel import GENRES, write_toy_model

pytestmark = pytest.mark.usefixtures("models")


def classify(*arguments: object, code: int = 0) -> tuple[str, str]:
    """What the command writes to standard output and standard error."""
    done = CliRunner().invoke(
        app, ["classify", "-m", "toy", "-j", "1", *map(str, arguments)], catch_exceptions=True
    )
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code
    return done.stdout, done.stderr


def as_json(*arguments: object, code: int = 0) -> list[dict]:
    return [json.loads(line) for line in classify("--json", *arguments, code=code)[0].splitlines()]


def test_a_table_has_a_line_for_each_song(library):
    out, err = classify(library, code=3)
    heading, *lines = out.splitlines()
    found = {line.split()[0]: line for line in lines if line}
    first = SongClassifier(load_model("toy")).classify(library / "a" / "1.wav").prediction
    _, (second, other), (third, _) = first.top(3)

    assert heading.split() == ["song", "genre", "confidence", "also", "took"]
    assert first.best in found["a/1.wav"]
    assert (
        f"{100 * first.confidence:.0f} %  {second} {100 * first.music * other:.0f} %, {third}"
        in (found["a/1.wav"])
    )
    assert "█" * round(10 * first.confidence) + "░" in found["a/1.wav"]
    assert "unknown" in found["silent.wav"]
    assert "░" not in found["silent.wav"]
    assert "  silent" in lines
    assert "  short: 3.00 s, repeated to fill 5.94 s" in lines
    assert found["text.mp3"].endswith("failed: not an audio file (leave it out)")
    assert lines[-1].startswith("5 songs: ")
    assert err == ""


def test_json_lines_have_it_all(library):
    rows = {Path(row["path"]).name: row for row in as_json(library, "--top", 2, code=3)}
    expected = SongClassifier(load_model("toy")).classify(library / "a" / "2.flac")

    assert len(rows) == 5
    assert rows["2.flac"]["genre"] == expected.prediction.best
    assert rows["2.flac"]["confidence"] == pytest.approx(expected.prediction.confidence, abs=1e-4)
    assert [item["genre"] for item in rows["2.flac"]["top"]] == [
        genre for genre, _ in expected.prediction.top(2)
    ]
    assert rows["2.flac"]["notes"] == ["resampled 44100 -> 22050 Hz"]
    assert (rows["2.flac"]["seconds"], rows["2.flac"]["duration"]) == (7.0, 7.0)
    assert (rows["silent.wav"]["genre"], rows["silent.wav"]["music"]) == ("unknown", 0.0)
    assert rows["text.mp3"] == {
        "path": str(library / "text.mp3"),
        "failure": "not an audio file",
        "remedy": "leave it out",
    }


def test_csv_has_a_column_for_each_genre(library):
    out, _ = classify("--csv", "--top", 2, library, code=3)
    rows = {Path(row["path"]).name: row for row in csv.DictReader(out.splitlines())}
    [expected] = as_json("--top", 2, library / "a" / "1.wav")

    assert rows["1.wav"]["genre"] == expected["genre"]
    assert rows["1.wav"]["genre_2"] == expected["top"][1]["genre"]
    assert float(rows["1.wav"]["probability_2"]) == expected["top"][1]["probability"]
    assert rows["silent.wav"]["notes"] == "silent"
    assert rows["text.mp3"]["failure"] == "not an audio file"


def test_names_that_are_no_text_are_written_as_they_are(library):
    odd = Path(os.fsdecode(os.fsencode(library) + b"/caf\xe9.wav"))
    odd.write_bytes((library / "a" / "1.wav").read_bytes())
    command = [sys.executable, "-m", "genrescope", "classify", "-m", "toy", odd]

    assert b"caf\\xe9.wav  " in subprocess.run(command, capture_output=True, check=True).stdout
    done = subprocess.run([*command, "--csv"], capture_output=True, check=True)
    assert os.fsencode(odd) + b"," in done.stdout
    done = subprocess.run([*command, "--json"], capture_output=True, check=True)
    assert json.loads(done.stdout)["path"] == str(odd)


def test_below_the_threshold_the_genre_is_unknown(library):
    song = library / "a" / "1.wav"
    [row] = as_json(song)
    assert row["genre"] in GENRES
    [strict] = as_json(song, "--threshold", row["confidence"] + 0.01)
    times = {name: strict[name] for name in ("elapsed_s", "took")}
    reason = {"genre": "unknown", "reason": strict["reason"]}
    assert strict == row | reason | times
    assert strict["reason"].startswith("unsure: ")

    out, _ = classify(song, "--threshold", row["confidence"] + 0.01)
    assert f"{row['top'][0]['genre']} {100 * row['confidence']:.0f} %" in out  # named after all


def test_a_prior_moves_the_prediction(library):
    song = library / "a" / "1.wav"
    [row] = as_json(song, "--top", 10)
    rare = row["top"][-1]["genre"]
    [moved] = as_json(song, "--prior", f"{rare}=99.99%", "--top", 10)
    shares = {item["genre"]: item["probability"] for item in moved["top"]}

    assert shares[rare] > row["top"][-1]["probability"]
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)


def test_an_estimated_prior_is_printed_and_used(library):
    before = {row["path"]: row for row in as_json(library, code=3)}
    out, err = classify("--json", "--estimate-prior", library, code=3)
    after = {row["path"]: row for row in map(json.loads, out.splitlines())}

    assert err.startswith("estimated shares: ")
    assert before.keys() == after.keys()
    song = str(library / "a" / "1.wav")
    assert before[song]["top"] != after[song]["top"]


def test_predictions_in_another_vocabulary(library, tmp_path):
    song = library / "a" / "1.wav"
    [row] = as_json(song, "--top", 10)
    mapping = tmp_path / "mine.csv"
    mapping.write_text(f"{row['top'][0]['genre']},Kitchen\n*,Elsewhere\n")
    out, err = classify("--json", song, "--vocabulary", "topmagd")

    assert json.loads(out)["top"][0]["genre"] in (*TOP_MAGD.genres, "unknown")
    assert err.startswith("toy never predicts: ")
    assert "New Age" in err
    [mine] = as_json(song, "--vocabulary", mapping)
    assert mine["genre"] == "Kitchen"
    assert mine["top"][0]["probability"] == row["top"][0]["probability"]


def test_a_timeline_has_a_line_for_each_window():
    song = Path(__file__).parent.parent / "data/reference/audio/band_44100_stereo_50s.flac"
    out, _ = classify(song, "--timeline")
    heading, *lines = out.splitlines()

    assert heading.split() == ["time", "genre", "confidence", "also"]
    assert [line[:13] for line in lines] == ["00:00 - 00:30", "00:10 - 00:40", "00:20 - 00:50"]
    rows = as_json(song, "--timeline")
    assert [row["start"] for row in rows] == [0, 10, 20]
    assert rows[0]["genre"] in lines[0]
    out, _ = classify(song, "--timeline", "--csv")
    assert len(out.splitlines()) == 4


def test_no_other_genre_of_a_song_is_shown_as_likelier_than_its_confidence(library):
    out, _ = classify(library, "--threshold", 1, code=3)
    shown = [list(map(int, re.findall(r"(\d+) %", line))) for line in out.splitlines()]
    lines = [percents for percents in shown if len(percents) > 1]
    assert len(lines) == 3
    assert all(confidence == max(percents) for confidence, *percents in lines)


def test_results_are_kept_and_shown_again(library, tmp_path):
    results = tmp_path / "results.jsonl"
    first = as_json(library, "--results", results, code=3)
    again = as_json(library, "--results", results, code=3)
    assert sorted(row["path"] for row in first) == sorted(row["path"] for row in again)
    songs = {row["path"]: row for row in first if "genre" in row}
    assert all(songs[row["path"]] == row for row in again if "genre" in row)  # `took` and all
    # Options are applied to what is kept.
    strict = as_json(library, "--results", results, "--threshold", 1.0, code=3)
    assert {row["genre"] for row in strict if "genre" in row} == {"unknown"}


def test_agreement_with_tags_is_printed_where_there_are_any(library):
    mutagen = pytest.importorskip("mutagen")
    song = library / "a" / "2.flac"
    [row] = as_json(song)
    tagged = mutagen.File(song)
    tagged["genre"] = row["genre"]
    tagged.save()

    assert classify(song)[0].splitlines()[-1] == "agrees with the tags of 1 of 1 files (100 %)"
    _, err = classify(song, "--json")
    assert err == "agrees with the tags of 1 of 1 files (100 %)\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--json", "--csv"], "--json and --csv do not go together"),
        (["--prior", "rock=1", "--estimate-prior"], "--prior and --estimate-prior"),
        (["--timeline", "--excerpt", "whole"], "--timeline and --excerpt"),
        (["--timeline"], "a timeline of 5 songs"),
        (["--model", "none"], "no model 'none'"),
        (["--excerpt", "end:3"], "no excerpt 'end:3'"),
        (["--vocabulary", "mine"], "no vocabulary 'mine'"),
        (["--prior", "polka=0.5"], "'polka' is not a genre"),
        (["--engine", "clouds"], "no engine 'clouds'"),
    ],
)
def test_wrong_use_is_reported(library, arguments, message):
    with pytest.raises(UsageError, match=message):
        classify(library, *arguments)


def test_nothing_to_classify_is_wrong_use(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="nothing to classify"):
        classify(tmp_path / "empty")


def test_a_timeline_of_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(AudioError, match="no such file"):
        classify(tmp_path / "gone.mp3", "--timeline")


def test_a_model_that_needs_the_backbone_has_a_remedy(library, models):
    write_toy_model(models / "deep", inputs=("musicnn", "ssd"))
    with pytest.raises(UsageError, match="needs musicnn") as caught:
        classify(library, "-m", "deep")
    assert caught.value.remedy == "genrescope models add musicnn"


@pytest.mark.parametrize("form", [[], ["--csv"], ["--timeline"]])
@pytest.mark.parametrize(
    ("inputs", "message"),
    [(["musicnn"], "the model deep needs musicnn"), (["rh"], "not a model's")],
)
def test_what_prevents_every_prediction_comes_without_a_heading(
    command, library, models, form, inputs, message
):
    write_toy_model(models / "deep", inputs=inputs)
    if inputs == ["rh"]:
        (models / "deep" / GRAPH).write_bytes(b"damaged")
    song, other = library / "a" / "1.wav", library / "gone.wav"
    done = command(
        "classify", "-m", "deep", *form, song, *([] if "--timeline" in form else [other])
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert message in done.stderr


HEAVY = ("keras", "tensorflow", "jax", "sklearn", "polars", "matplotlib", "scipy", "onnx")
SCRIPT = """
import sys
from genrescope.cli.app import main
sys.argv = ["genrescope", "classify", *sys.argv[1:]]
try:
    main()
finally:
    print(*sorted({heavy} & sys.modules.keys()), file=sys.stderr)
"""


def test_a_file_that_is_not_there_is_named_whole(library):
    gone = library / f"{'far away ' * 12}.wav"
    out, _ = classify(library / "a" / "1.wav", gone, code=3)
    assert f"{gone.name}  failed: no such file (check the name)" in out


@pytest.mark.skipif(os.name == "nt", reason="no such signal there")
@pytest.mark.parametrize("kept", [True, False])
def test_an_interrupted_run_prints_how_to_go_on(library, kept, tmp_path):
    for number in range(40):
        shutil.copy(library / "a" / "1.wav", library / f"{number}.wav")
    options = ["--results", tmp_path / "results.jsonl"] if kept else []
    command = [sys.executable, "-m", "genrescope", "classify", "-m", "toy", "-j", "1", *options]
    with child([*command, library], stdout=PIPE, stderr=PIPE, text=True) as process:
        process.stdout.readline()  # the heading: the first song is done
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)

    assert process.returncode == 130
    assert ("--results FILE" in err) == (not kept)
    assert err.startswith("interrupted; ")


@pytest.mark.parametrize("options", [[], ["--timeline"], ["--json", "--vocabulary", "topMAGD"]])
def test_nothing_heavy_is_imported(library, options):
    command = [sys.executable, "-c", SCRIPT.format(heavy=set(HEAVY))]
    song = str(library / "a" / "1.wav")
    done = subprocess.run([*command, "-m", "toy", song, *options], capture_output=True, text=True)

    assert done.returncode == 0
    assert done.stdout
    assert done.stderr.splitlines()[-1] == ""


@pytest.mark.skipif(os.name == "nt", reason="no such terminal there")
@pytest.mark.parametrize("width", [120, 60])
def test_on_a_terminal_lines_fit_and_are_coloured(library, width):
    import fcntl
    import pty
    import struct
    import termios

    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    long = library / "a" / f"{'long name ' * 12}.wav"
    (library / "a" / "1.wav").rename(long)
    command = [sys.executable, "-m", "genrescope", "classify", "-m", "toy", str(long)]
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("COLUMNS", None)
    with child(command, stdout=follower, env=environment) as process:
        os.close(follower)
        written = b""
        while chunk := _read(leader):
            written += chunk
        process.wait()
    os.close(leader)
    lines = written.decode().replace("\r", "").splitlines()

    assert process.returncode == 0
    assert "\x1b[32m" in written.decode()
    assert "…" in lines[1]
    for line in lines[:2]:
        assert len(_plain(line)) <= width


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # how Linux reports that the other end is closed
        return b""


def _plain(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line)


@pytest.mark.parametrize(
    "option",
    [("--threshold", "nan"), ("--timeout", "nan"), ("--timeout", "inf"), ("--timeout", "0")],
)
def test_numbers_that_are_none_are_wrong_use(library, option):
    _, err = classify(library, *option, code=2)
    assert f"Invalid value for '{option[0]}'" in err


def test_more_genres_than_there_are_are_all(library):
    rows = as_json(library, "--top", 10**12, code=3)
    assert max(len(row.get("top", ())) for row in rows) == len(GENRES)
