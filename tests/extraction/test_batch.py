from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from children import child
from genrescope.audio.collect import collect
from genrescope.audio.excerpt import Excerpt
from genrescope.data.store.reader import open_store
from genrescope.descriptors import Settings
from genrescope.errors import DataError, UsageError
from genrescope.extraction.batch import extract_files
from genrescope.extraction.journal import Journal
from genrescope.extraction.merge import merge_shards
from genrescope.extraction.request import Request
from genrescope.extraction.single import extract, extract_song
from genrescope.extraction.songs import Shard

REQUEST = Request(("rh", "jmir_lpc", "jmir_spectral"))
GOOD = ["a/1.wav", "a/2.flac", "b/3.wav", "b/5 cut.wav"]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, byte by byte."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def run(music: Path, output: Path, request: Request = REQUEST, **options):
    found = collect([music])
    return extract_files(
        found.files, output, request, root=music, problems=found.problems, jobs=1, **options
    )


def test_a_folder_of_good_and_bad_files_becomes_tables_and_lists(music, tmp_path):
    summary = run(music, tmp_path / "out")

    assert summary.songs == 7
    assert summary.failed == 2
    assert summary.rows == {"rh": 4, "jmir_lpc": 5, "jmir_spectral": 5}
    lpc, rh = (open_store(tmp_path / "out" / name) for name in ("jmir_lpc", "rh"))
    assert rh.ids.tolist() == GOOD
    assert lpc.ids.tolist() == sorted([*GOOD, "b/4 short.wav"])
    assert lpc.provenance["settings"] == {"like": "default", "dtype": "float32", "masking": True}
    assert lpc.provenance["extractor"].startswith("genrescope descriptors")
    for name, vector in zip(rh.ids, rh.read(), strict=True):
        # A worker has one numeric thread, this process more: sums in another order.
        expected = extract(music / name, sets=["rh"])["rh"]
        np.testing.assert_allclose(vector, expected, rtol=1e-5)
    assert [row[0] for row in rows(tmp_path / "out" / "failures.csv")] == [
        *("file", "b/6 text.mp3", "b/7 empty.ogg")
    ]
    assert rows(tmp_path / "out" / "failures.csv")[2][1] == "the file is empty"
    [_, short, cut] = rows(tmp_path / "out" / "notes.csv")
    assert short == ["b/4 short.wav", "3.00 s is too short for rh: 5.94 s needed"]
    assert cut[0] == "b/5 cut.wav"
    assert "truncated" in cut[1]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("extraction.json", "failures.csv", "jmir_lpc", "jmir_spectral", "notes.csv", "rh")
    ]


def test_the_tables_do_not_depend_on_the_order_or_the_number_of_workers(music, tmp_path):
    found = collect([music]).files
    extract_files(found, tmp_path / "one", REQUEST, root=music, jobs=1)
    extract_files(found[::-1], tmp_path / "two", REQUEST, root=music, jobs=2)

    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_what_vanishes_before_it_is_read_is_a_failure(music, tmp_path):
    found = collect([music]).files
    (music / "a" / "1.wav").unlink()
    summary = extract_files(found, tmp_path / "out", REQUEST, root=music, jobs=1)

    assert summary.failed == 3
    assert rows(tmp_path / "out" / "failures.csv")[1][:2] == ["a/1.wav", "no such file"]


def test_what_was_named_but_is_not_there_is_a_failure(song, tmp_path):
    path = song("x.wav")
    found = collect([path, path.parent / "gone.wav"])
    extract_files(
        found.files, tmp_path / "out", REQUEST, root=path.parent, problems=found.problems, jobs=1
    )

    assert [row[0] for row in rows(tmp_path / "out" / "failures.csv")] == ["file", "gone.wav"]


def test_nothing_to_extract_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="nothing to extract"):
        extract_files([], tmp_path / "out", REQUEST)


@pytest.mark.parametrize("format_", ["npz", "csv", "arff", "parquet"])
def test_other_formats_hold_what_the_store_holds(song, tmp_path, format_):
    path = song("x.wav")
    extract_files([path], tmp_path / "store", REQUEST, jobs=1)
    extract_files([path], tmp_path / "other", REQUEST, jobs=1, format_=format_)

    assert sorted(path.name for path in (tmp_path / "other").iterdir()) == sorted(
        ["extraction.json", "failures.csv", "notes.csv", *(f"{s}.{format_}" for s in REQUEST.sets)]
    )
    if format_ == "npz":
        with np.load(tmp_path / "other" / "rh.npz") as archive:
            np.testing.assert_array_equal(
                archive["matrix"], open_store(tmp_path / "store" / "rh").read()
            )


def test_a_finished_run_is_not_done_again(song, tmp_path):
    path = song("x.wav")
    first = extract_files([path], tmp_path / "out", REQUEST, root=path.parent, jobs=1)
    path.unlink()

    assert extract_files([path], tmp_path / "out", REQUEST, root=path.parent, jobs=1) == first


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"request": Request(("rp",))}, "sets is"),
        ({"request": Request(REQUEST.sets, Settings("msd"))}, "like is default there and msd here"),
        ({"request": Request(REQUEST.sets, excerpt=Excerpt.whole())}, "seconds is 30.0 there"),
        ({"format_": "csv"}, "format is store there and csv here"),
        ({"more": True}, "its songs are others"),
    ],
)
def test_a_finished_run_of_another_kind_is_left_alone(song, tmp_path, options, message):
    files = [song("x.wav")]
    extract_files(files, tmp_path / "out", REQUEST, jobs=1)
    before = contents(tmp_path / "out")
    if options.pop("more", False):
        files.append(song("y.wav"))

    with pytest.raises(UsageError, match=message):
        extract_files(files, tmp_path / "out", **{"request": REQUEST, "jobs": 1} | options)

    assert contents(tmp_path / "out") == before


def test_an_interrupted_run_of_another_kind_is_left_alone(song, tmp_path):
    path = song("x.wav")
    (tmp_path / "out").mkdir()
    plan = {"provenance": REQUEST.provenance(), "sets": ["rp"], "shard": None}
    Journal(tmp_path / "out" / ".journal", plan).__exit__(None, None, None)

    with pytest.raises(UsageError, match=r"\.journal: the folder holds another extraction"):
        extract_files([path], tmp_path / "out", REQUEST, jobs=1)


SCRIPT = """
import sys
from pathlib import Path
from genrescope.audio.collect import collect
from genrescope.extraction.batch import extract_files
from genrescope.extraction.request import Request

if __name__ == "__main__":
    music, output = map(Path, sys.argv[1:])
    extract_files(
        collect([music]).files, output, Request(("rh", "jmir_lpc", "jmir_spectral")), root=music,
        jobs=2, progress=lambda progress: print(progress.done, flush=True),
    )
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", [signal.SIGKILL, signal.SIGINT])
def test_killed_and_started_again_it_is_as_if_nothing_had_happened(song, music, tmp_path, method):
    for number in range(24):
        song(f"c/{number}.wav")
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    run(music, tmp_path / "whole")
    out = tmp_path / "killed"
    command = [sys.executable, str(script), str(music), str(out)]
    starts = []
    for until in (5, 15):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        with child(command, **pipes) as process:
            starts.append(int(process.stdout.readline()))
            while int(process.stdout.readline()) < until:
                pass
            process.send_signal(method)
            process.communicate()
        assert process.returncode != 0
        assert not (out / "extraction.json").exists()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    assert starts[0] == 0
    assert starts[1] >= 5
    assert contents(out) == contents(tmp_path / "whole")


def test_killed_while_it_writes_the_tables_it_writes_them_again(music, tmp_path, monkeypatch):
    run(music, tmp_path / "whole")
    monkeypatch.setattr("genrescope.extraction.assembly.write_json", _out_of_space)
    with pytest.raises(DataError, match="cannot be written: No space left"):
        run(music, tmp_path / "out")
    assert not (tmp_path / "out" / "extraction.json").exists()
    monkeypatch.undo()
    journal = (tmp_path / "out" / ".journal").stat()

    run(music, tmp_path / "out")

    assert journal.st_size > 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def _out_of_space(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_folder_that_cannot_be_made_is_named(song, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="file/out: cannot be written"):
        extract_files([song("x.wav")], tmp_path / "file" / "out", REQUEST, jobs=1)


def test_a_collection_may_change_while_a_run_is_interrupted(song, tmp_path, monkeypatch):
    """What is gone is left out of the tables, and what is new is done as well."""
    files = [song("a.wav"), song("b.wav")]
    with monkeypatch.context() as patch:
        patch.setattr("genrescope.extraction.batch.finish", _out_of_space)
        with pytest.raises(DataError, match="cannot be written: No space left"):
            extract_files(files, tmp_path / "out", REQUEST, root=files[0].parent, jobs=1)
    later = [files[0], song("c.wav")]
    extract_files(later, tmp_path / "out", REQUEST, root=files[0].parent, jobs=1)

    assert open_store(tmp_path / "out" / "rh").ids.tolist() == ["a.wav", "c.wav"]


def test_shards_joined_are_what_one_run_writes(song, music, tmp_path):
    for number in range(6):
        song(f"c/{number}.wav")
    run(music, tmp_path / "whole")
    parts = [run(music, tmp_path / "out", shard=Shard(number, 3)) for number in (1, 2, 3)]

    merged = merge_shards(tmp_path / "out")

    assert sum(part.songs for part in parts) == merged.songs == 13
    assert all(part.songs for part in parts)
    shards = {name for name in contents(tmp_path / "out") if name.startswith("shard-")}
    assert shards
    joined = {n: c for n, c in contents(tmp_path / "out").items() if n not in shards}
    assert joined == contents(tmp_path / "whole")


def test_shards_without_a_song_do_no_harm(song, tmp_path):
    path = song("x.wav")
    for number in range(1, 5):
        extract_files(
            [path], tmp_path / "out", REQUEST, root=path.parent, jobs=1, shard=Shard(number, 4)
        )

    merge_shards(tmp_path / "out", "csv")

    assert [row[0] for row in rows(tmp_path / "out" / "rh.csv")] == ["id", "x.wav"]


def test_a_shard_that_is_missing_or_of_another_kind_is_named(song, tmp_path):
    path = song("x.wav")
    out = tmp_path / "out"
    with pytest.raises(UsageError, match="no shards here"):
        merge_shards(out)
    extract_files([path], out, REQUEST, jobs=1, shard=Shard(1, 2))
    with pytest.raises(DataError, match="shard-2-of-2: the shard is missing"):
        merge_shards(out)
    extract_files([path], out, Request(("rp",)), jobs=1, shard=Shard(2, 2))
    with pytest.raises(UsageError, match="shard-2-of-2: the folder holds another"):
        merge_shards(out)
    extract_files([path], out, REQUEST, jobs=1, shard=Shard(1, 3))
    with pytest.raises(UsageError, match="different counts"):
        merge_shards(out)
    with pytest.raises(UsageError, match="written as a store"):
        extract_files([path], out, REQUEST, format_="csv", shard=Shard(1, 2))


def test_the_summary_is_what_happened(song, tmp_path):
    summary = extract_files([song("x.wav")], tmp_path / "out", REQUEST, jobs=1)
    content = json.loads((tmp_path / "out" / "extraction.json").read_text())

    assert content["rows"] == dict(summary.rows) == dict.fromkeys(REQUEST.sets, 1)
    (tmp_path / "out" / "extraction.json").write_text("{}")
    with pytest.raises(DataError, match="not the summary of an extraction"):
        extract_files([song("x.wav")], tmp_path / "out", REQUEST, jobs=1)


def test_a_value_beyond_single_precision_is_left_out_and_noted(song, monkeypatch):
    monkeypatch.setattr(
        "genrescope.extraction.single.describe_what_fits",
        lambda *_, **__: ({"rh": np.full(60, 1e39), "jmir_lpc": np.zeros(20)}, []),
    )
    found = extract_song(song("x.wav"), REQUEST)

    assert list(found.vectors) == ["jmir_lpc"]
    assert found.notes == ("a value of rh is too large to be stored",)
