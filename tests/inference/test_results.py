from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from genrescope.audio.excerpt import Excerpt
from genrescope.backbones.musicnn import MUSICNN
from genrescope.errors import DataError, UsageError
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.model import GenreModel
from genrescope.inference.prediction import Prediction
from genrescope.inference.storage.results import FailedSong, ResultsFile
from toymodel import GENRES, write_toy_model

EXCERPT = Excerpt.middle(30.0)


@pytest.fixture
def model(tmp_path: Path) -> GenreModel:
    write_toy_model(tmp_path / "toy", threshold=0.3)
    return GenreModel.load(tmp_path / "toy")


@pytest.fixture
def songs(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.wav" for number in range(4)]
    for path in paths:
        path.write_bytes(b"sound" * 100)
    return paths


def row(path: Path, seed: int = 1) -> ClassifiedSong:
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(10))
    tags = {"musicnn": dict(zip(MUSICNN.tag_names, rng.random(50).tolist(), strict=True))}
    heads = {"topMAGD": rng.dirichlet(np.ones(13))}
    prediction = Prediction(GENRES, shares, 0.3, 0.875, tags=tags, heads=heads)
    return ClassifiedSong(path, prediction, 30.0, 200.5, 0.25, ("truncated: a, b",))


def test_rows_come_back_whole(model, songs, tmp_path):
    path = tmp_path / "out" / "results.jsonl"
    written = [row(song, seed) for seed, song in enumerate(songs[:3])]
    with ResultsFile(path, model, EXCERPT) as results:
        assert all(results.find(song) is None for song in songs)
        for item in written:
            results.append(item)

    with ResultsFile(path, model, EXCERPT) as results:
        assert len(results) == 3
        assert results.find(songs[3]) is None
        for item in written:
            found = results.find(item.path)
            np.testing.assert_array_equal(
                found.prediction.probabilities, item.prediction.probabilities
            )
            assert found.prediction.genres == GENRES
            assert (found.prediction.threshold, found.prediction.music) == (0.3, 0.875)
            assert found.prediction.tags["musicnn"] == pytest.approx(
                item.prediction.tags["musicnn"], abs=5e-4
            )
            np.testing.assert_array_equal(
                found.prediction.heads["topMAGD"], item.prediction.heads["topMAGD"]
            )
            assert (found.analysed_s, found.duration, found.elapsed_s) == (30.0, 200.5, 0.25)
            assert (found.path, found.notes) == (item.path, item.notes)


def test_lines_of_earlier_versions_are_read(model, songs, tmp_path):
    path = tmp_path / "results.jsonl"
    with ResultsFile(path, model, EXCERPT) as results:
        results.append(row(songs[0]))
    header, line = path.read_text().splitlines()
    old = json.loads(line)
    old["tags"] = [round(0.01 * place, 4) for place in range(50)]
    del old["heads"]
    path.write_text(f"{header}\n{json.dumps(old)}\n")

    with ResultsFile(path, model, EXCERPT) as results:
        found = results.find(songs[0]).prediction
    assert found.tags["musicnn"]["pop"] == 0.01
    assert list(found.tags["musicnn"]) == list(MUSICNN.tag_names)
    assert dict(found.heads) == {}


@pytest.mark.parametrize("lost", [1, 30, 300])
def test_a_torn_last_line_is_cut_off_and_written_again(model, songs, tmp_path, lost):
    path = tmp_path / "results.jsonl"
    with ResultsFile(path, model, EXCERPT) as results:
        results.append(row(songs[0]))
        results.append(row(songs[1]))
    whole = path.read_bytes()
    path.write_bytes(whole[:-lost])

    with ResultsFile(path, model, EXCERPT) as results:
        assert results.find(songs[0]) is not None
        assert results.find(songs[1]) is None
        results.append(row(songs[1]))
    assert path.read_bytes() == whole


@pytest.mark.parametrize("kept", [0, 1, 40])
def test_a_torn_header_is_begun_again(model, songs, tmp_path, kept):
    path = tmp_path / "results.jsonl"
    with ResultsFile(path, model, EXCERPT):
        whole = path.read_bytes()
    path.write_bytes(whole[:kept])
    with ResultsFile(path, model, EXCERPT):
        pass
    assert path.read_bytes() == whole


def test_a_file_that_has_changed_is_not_found(model, songs, tmp_path):
    with ResultsFile(tmp_path / "results.jsonl", model, EXCERPT) as results:
        for song in songs[:3]:
            results.append(row(song))
        songs[0].write_bytes(b"longer" * 100)
        status = songs[1].stat()
        os.utime(songs[1], ns=(status.st_atime_ns, status.st_mtime_ns + 1))

        assert [results.find(song) is not None for song in songs[:3]] == [False, False, True]


def test_what_failed_is_not_found_and_what_comes_last_counts(model, songs, tmp_path):
    with ResultsFile(tmp_path / "results.jsonl", model, EXCERPT) as results:
        results.append(FailedSong(songs[0], "not an audio file", "leave it out"))
        results.append(FailedSong(tmp_path / "gone.wav", "no such file"))
        assert results.find(songs[0]) is None
        assert results.find(tmp_path / "gone.wav") is None

        results.append(row(songs[0]))
        assert results.find(songs[0]) is not None


def test_paths_are_known_however_they_are_written(model, songs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    odd = tmp_path / os.fsdecode(b"caf\xe9 \n.wav")
    odd.touch()
    with ResultsFile(tmp_path / "results.jsonl", model, EXCERPT) as results:
        results.append(row(Path("0.wav")))
        results.append(row(odd))
        assert results.find(tmp_path / "toy" / ".." / "0.wav") is not None
    with ResultsFile(tmp_path / "results.jsonl", model, EXCERPT) as results:
        assert results.find(odd) is not None


def test_another_model_or_excerpt_is_refused(model, songs, tmp_path):
    path = tmp_path / "results.jsonl"
    with ResultsFile(path, model, EXCERPT) as results:
        results.append(row(songs[0]))
    before = path.read_bytes()
    write_toy_model(tmp_path / "new" / "toy", seed=2)

    with pytest.raises(UsageError, match=r"digest is .* there"):
        ResultsFile(path, GenreModel.load(tmp_path / "new" / "toy"), EXCERPT)
    with pytest.raises(UsageError, match="excerpt is middle 30 s there and whole file here"):
        ResultsFile(path, model, Excerpt.whole())
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"path,genre\na,b\n", b"my only diary, no line end"])
def test_another_file_is_left_alone(model, tmp_path, content):
    path = tmp_path / "diary.txt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="not a results file"):
        ResultsFile(path, model, EXCERPT)
    assert path.read_bytes() == content


def test_a_damaged_line_is_named(model, songs, tmp_path):
    path = tmp_path / "results.jsonl"
    with ResultsFile(path, model, EXCERPT) as results:
        results.append(row(songs[0]))
        results.append(row(songs[1]))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], lines[1][:50] + b"\n", lines[2]]))

    with pytest.raises(DataError, match="damaged") as caught:
        ResultsFile(path, model, EXCERPT)
    assert caught.value.place == f"{path}:2"


@pytest.mark.skipif(os.name == "nt", reason="no such lock there")
def test_one_run_at_a_time(model, tmp_path):
    path = tmp_path / "results.jsonl"
    with (
        ResultsFile(path, model, EXCERPT),
        pytest.raises(UsageError, match="another run is writing here"),
    ):
        ResultsFile(path, model, EXCERPT)


def test_a_folder_is_no_results_file(model, tmp_path):
    with pytest.raises(DataError, match="cannot be written"):
        ResultsFile(tmp_path, model, EXCERPT)


def test_without_a_path_nothing_is_kept(model, songs):
    with ResultsFile(None, model, EXCERPT) as results:
        results.append(row(songs[0]))
        assert results.find(songs[0]) is None


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_a_device_is_no_results_file(model):
    with pytest.raises(UsageError, match="/dev/zero: not a regular file"):
        ResultsFile(Path("/dev/zero"), model, EXCERPT)
