"""`genrescope benchmark compare` and `leaderboard`, and the script that makes docs/results.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import leaderboard as script
import leaderboard_runs as runs
from genrescope.evaluation.paired import compare
from genrescope.evaluation.predictions import Predictions
from genrescope.taxonomy.vocabulary import GTZAN
from smallrecords import COUNTS, write_result

Run = Callable[..., tuple[int, str, str]]


def test_compare_prints_the_paired_bootstrap(benchmark_command: Run, tmp_path: Path) -> None:
    write_result(tmp_path, "rp", skill=1)
    write_result(tmp_path, "rh", skill=2, seed=1)
    files = [tmp_path / "predictions" / f"{name}-perceptron.npz" for name in ("rh", "rp")]
    code, out, _ = benchmark_command("compare", *files, "--resamples", 200, "--seed", 3)
    assert code == 0
    assert out.startswith("A: rh-perceptron\nB: rp-perceptron\n")
    found = compare(*map(Predictions.load, files), resamples=200, seed=3)
    lines = {line.strip().split("  ")[0]: line for line in out.splitlines()}
    for name in ("macro_recall", "accuracy", "calibration_error"):
        for value in (found[name].a, found[name].b, 100 * found[name].not_better / 100):
            assert f" {100 * value:.1f}" in lines[name.replace("_", " ")]
    assert f"{found['macro_recall'].value * 100:+.1f}" in lines["macro recall"]
    assert f"{found['log_loss'].value:+.3f}".replace("-", "−") in lines["log loss"]


def test_compare_names_files_of_equal_stems_by_their_paths(
    benchmark_command: Run, tmp_path: Path
) -> None:
    files = [tmp_path / name / "predictions" / "rp-perceptron.npz" for name in "ab"]
    for file in files:
        write_result(file.parents[1])
    _, out, _ = benchmark_command("compare", *files, "--resamples", 2)
    assert out.startswith(f"A: {files[0]}\nB: {files[1]}\n")


def test_leaderboard_is_written_with_its_own_command(
    benchmark_command: Run, tmp_path: Path
) -> None:
    write_result(tmp_path / "a")
    page = tmp_path / "docs" / "results.md"
    code, out, _ = benchmark_command("leaderboard", tmp_path / "a", "-o", page)
    assert code == 0
    assert str(page) in out
    text = page.read_text(encoding="utf-8")
    assert f"genrescope benchmark leaderboard {tmp_path / 'a'} -o {page}" in text
    assert "## gtzan: stratified 5-fold" in text


def test_leaderboard_is_written_where_the_user_stands(
    benchmark_command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_result(tmp_path / "a")
    monkeypatch.chdir(tmp_path)
    assert benchmark_command("leaderboard", "a")[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "leaderboard.md"]


def test_wrong_files_are_reported_in_a_line(benchmark_command: Run, tmp_path: Path) -> None:
    write_result(tmp_path)
    write_result(tmp_path, "rh", repeats=2)
    files = [tmp_path / "predictions" / f"{name}-perceptron.npz" for name in ("rp", "rh", "ssd")]
    for arguments, words in (
        (("compare", files[0], files[1]), "repeated differently"),
        (("compare", files[0], files[2]), "ssd-perceptron.npz"),
        (("leaderboard", tmp_path / "nowhere", "-o", tmp_path / "x.md"), "no records"),
    ):
        code, _, err = benchmark_command(*arguments)
        assert code == 3
        assert words in err
        assert "Traceback" not in err
    assert not (tmp_path / "x.md").exists()


QUICK = ("--protocol", "fault-filtered", "--learners", "lda", "--no-baselines")
SCRIPT_RUNS = {
    "songs": (*runs.GENRESCOPE, "gtzan", "--sets", "rh", *QUICK),
    "files": (*runs.TUWIEN, "--sets", "zcrs", *QUICK),
}


@pytest.fixture(scope="module")
def work(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the script ran both commands."""
    folder = tmp_path_factory.mktemp("leaderboard") / "work"
    training = folder.with_name("training")
    write_student(training / "distil/students/allmusic.npz", shared)
    runs.prepare(folder, shared, training)
    for name, arguments in SCRIPT_RUNS.items():
        runs.run(name, arguments, folder)
    return folder


def write_student(path: Path, shared: Path) -> None:
    """Tags of every clip, changed ones first, as the number of the clip's row in the embeddings."""
    with np.load(shared / "data/embeddings/embeddings.npz", allow_pickle=False) as archive:
        ids = archive["ids"]
    tags = np.repeat(np.arange(len(ids), dtype=np.float16)[::-1, None], 577, axis=1)
    forms = np.repeat(["changed", "clean"], len(ids))
    path.parent.mkdir(parents=True)
    codes = np.zeros((2 * len(ids), 128), np.float32)
    tags = np.concatenate([-tags, tags])
    np.savez(path, ids=np.tile(ids[::-1], 2), forms=forms, codes=codes, tags=tags)


@pytest.mark.slow
def test_predicted_tags_are_those_of_the_unchanged_clips(work: Path, shared: Path) -> None:
    with np.load(shared / "data/embeddings/embeddings.npz", allow_pickle=False) as archive:
        row_of = {str(name): row for row, name in enumerate(archive["ids"])}
    with np.load(work / runs.VECTORS, allow_pickle=False) as vectors:
        wanted = [row_of[str(name)] for name in vectors["ids"]]
        for name, tags in (("student_audioset", 527), ("student_musicnn", 50)):
            assert vectors[name].shape == (753, tags)
            assert vectors[name].min(axis=1).tolist() == wanted
            assert vectors[name].max(axis=1).tolist() == wanted


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPT_RUNS)
def test_the_script_runs_each_command_once(work: Path, name: str) -> None:
    def made() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in (work / name / "records").iterdir()}

    before, seconds = made(), runs.seconds_of(work / name)
    assert len(before) == 1
    assert seconds["processor"] > 0
    assert seconds["wall"] > 0
    runs.run(name, SCRIPT_RUNS[name], work)
    assert made() == before  # read, not made again
    assert runs.seconds_of(work / name) == seconds  # nor does reading count


@pytest.mark.slow
def test_the_script_writes_page_and_scores(shared: Path, work: Path, tmp_path: Path) -> None:
    page, result = tmp_path / "results.md", tmp_path / "leaderboard.json"
    script.write([work / name for name in SCRIPT_RUNS], page, result)
    text = page.read_text(encoding="utf-8")
    assert script.COMMAND in text
    assert "tuwien --root DIR/data/gtzan_tuwien_arff --sets zcrs" in text
    for place in (shared, work, tmp_path):
        assert str(place) not in text + result.read_text()  # no path of this machine
    sections = json.loads(result.read_text())["sections"]
    assert [len(section["results"]) for section in sections] == [1, 1]
    assert sections[1]["dataset"] == "GTZAN, TU Wien's files, nine genres"
    best = sections[0]["results"][0]
    value, low, high = best["macro recall"]
    assert low <= value <= high
    assert f"{100 * value:.1f} [{100 * low:.0f}, " in text


def test_songs_are_shown_as_the_best_learner_classified_them(
    benchmark_command: Run, tmp_path: Path
) -> None:
    write_result(tmp_path, learner="perceptron", skill=3.0)
    write_result(tmp_path, learner="student", skill=0.0)
    code, out, _ = benchmark_command("songs", tmp_path)
    again = benchmark_command("songs", tmp_path)[1]
    other = benchmark_command("songs", tmp_path, "--seed", 1)[1]
    lines = [line.split() for line in out.splitlines()]

    assert code == 0
    assert (again == out, other == out) == (True, False)
    assert [line[2] for line in lines[1:10]] == [
        genre for genre, count in zip(GTZAN.genres, COUNTS, strict=True) if count
    ]
    assert lines[-1][:2] == ["by", "rp-perceptron,"]
    code, _, error = benchmark_command("songs", tmp_path / "records")
    assert (code, "no predictions of a benchmark" in error) == (2, True)


EARLIER = """# Results

old

- student: as published
- baseline: other

## msd: p

rows of msd

## gtzan: stratified 5-fold

old songs

## files: q

rows of files
"""


@pytest.mark.parametrize("keep", [True, False])
def test_every_section_keeps_its_place_and_new_ones_come_last(tmp_path: Path, keep: bool) -> None:
    write_result(tmp_path / "a")
    write_result(tmp_path / "a", "rh", protocol="new protocol")
    (tmp_path / "a" / runs.SECONDS).write_text('{"processor": 2.5, "wall": 3.0}')
    page, scores = tmp_path / "results.md", tmp_path / "scores.json"
    page.write_text(EARLIER)
    known = [("msd", "p"), ("gtzan", "stratified 5-fold"), ("files", "q")]
    before = {"b": {"processor": 1.0, "wall": 1.0}}
    sections = [{"dataset": one, "protocol": protocol} for one, protocol in known]
    scores.write_text(json.dumps({"seconds": before, "sections": sections}))
    script.write([tmp_path / "a"], page, scores, keep)
    text, found = page.read_text(encoding="utf-8"), json.loads(scores.read_text())
    titles = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    made = ["gtzan: new protocol", "Bundled models on GTZAN: the corpus left out"]
    stay = ["msd: p", "gtzan: stratified 5-fold", "files: q"]
    assert titles == [*(stay if keep else stay[1:2]), *made]
    assert [f"{item['dataset']}: {item['protocol']}" for item in found["sections"]] == titles[:-1]
    assert found["seconds"] == {**(before if keep else {}), "a": {"processor": 2.5, "wall": 3.0}}
    assert "old songs" not in text
    assert ("rows of msd\n\n## gtzan" in text, "- baseline: other\n" in text) == (keep, keep)
    assert (text.count("- student: "), text.count("- improved: ")) == (keep, 1)
    script.write([tmp_path / "a"], page, scores, keep=True)
    assert page.read_text(encoding="utf-8") == text


def test_runs_on_the_same_songs_share_their_members(tmp_path: Path) -> None:
    runs.share_members(tmp_path / "wide", tmp_path / "wide")
    assert not (tmp_path / "wide").exists()
    for _ in range(2):  # an interrupted run goes on
        runs.share_members(tmp_path / "narrow", tmp_path / "wide")
    (tmp_path / "narrow" / "members" / "one.npz").write_bytes(b"trained")
    assert (tmp_path / "wide" / "members" / "one.npz").read_bytes() == b"trained"
    assert {*runs.COMMON} <= {*runs.RUNS}
