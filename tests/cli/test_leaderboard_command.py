"""`genrescope benchmark compare` and `leaderboard`, and the script that makes docs/results.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import leaderboard as script
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


def test_wrong_files_are_told_in_a_line(benchmark_command: Run, tmp_path: Path) -> None:
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
    "songs": (*script.GENRESCOPE, "gtzan", "--sets", "rh", *QUICK),
    "files": (*script.TUWIEN, "--sets", "zcrs", *QUICK),
}


@pytest.fixture(scope="module")
def work(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the script ran both commands."""
    folder = tmp_path_factory.mktemp("leaderboard") / "work"
    script.prepare(folder, shared)
    script.run(SCRIPT_RUNS, folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPT_RUNS)
def test_the_script_runs_each_command_once(work: Path, name: str) -> None:
    def made() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in (work / name / "records").iterdir()}

    before = made()
    assert len(before) == 1
    script.run({name: SCRIPT_RUNS[name]}, work)
    assert made() == before  # read, not made again


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


def test_sections_that_were_not_made_again_stay(tmp_path: Path) -> None:
    write_result(tmp_path / "a")
    page, scores = tmp_path / "results.md", tmp_path / "scores.json"
    scores.write_text(
        json.dumps({"sections": [{"dataset": name, "protocol": "p"} for name in ("gtzan", "msd")]})
    )
    earlier = (
        "# Results\n\nold\n\n- student: as published\n- baseline: other\n"
        "\n## gtzan: stratified 5-fold\n\nold songs\n\n## msd: p\n\nkept rows\n"
    )
    script.write([tmp_path / "a"], page, scores, earlier)
    text = page.read_text(encoding="utf-8")
    titles = [line for line in text.splitlines() if line.startswith("## ")]
    assert titles == [
        *("## gtzan: stratified 5-fold", "## Bundled models on GTZAN: the corpus left out"),
        "## msd: p",
    ]
    assert "old songs" not in text
    assert text.endswith("## msd: p\n\nkept rows\n")
    assert text.index("- baseline: other") < text.index(titles[0])
    kept = [item["dataset"] for item in json.loads(scores.read_text())["sections"]]
    assert kept == ["gtzan", "gtzan", "msd"]  # the protocols of gtzan differ
