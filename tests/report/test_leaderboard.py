"""The leaderboard's text has what the records and predictions have, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from genrescope.benchmark.published import MSD_2000, published_beside, tuwien_dataset
from genrescope.errors import DataError
from genrescope.evaluation.paired import compare
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.record import write_record
from genrescope.evaluation.scores import Interval
from genrescope.report.leaderboard import RESAMPLES, leaderboard, load_sections
from genrescope.report.markdown import Row, code, table, wrapped
from genrescope.report.wording import percent
from smallrecords import COMMAND, write_result


def page(*folders: Path) -> str:
    return leaderboard(load_sections(folders), "make it")


def tables(text: str) -> list[list[str]]:
    """The tables of a page, as lists of lines."""
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [lines for lines in found if lines]


def cells(line: str) -> list[str]:
    return [cell.strip().strip("*") for cell in line.strip("|").split("|")]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_rows_are_sorted_and_have_what_their_records_have(tmp_path: Path) -> None:
    records = [
        write_result(tmp_path, "rh", "student", "student", skill=1),
        write_result(tmp_path, "ssd", "svm_rbf", "baseline", skill=3, seed=1),
        write_result(tmp_path, "rp", "perceptron", "improved", skill=2, seed=2),
    ]
    head, rule, *rows = tables(page(tmp_path))[0]
    assert cells(head)[:3] == ["set", "model", "kind"]
    assert rule.count(":") == 4  # the numbers are flush right
    assert [cells(row)[0] for row in rows] == ["ssd", "rp", "rh"]
    for row, record in zip(rows, (records[1], records[2], records[0]), strict=True):
        scores = record.scores
        expected = [
            *(record.feature_sets[0], record.learner, record.kind),
            *(
                f"{percent(x.value)} [{percent(x.low, 0)}, {percent(x.high, 0)}]"
                for x in (scores.macro_recall, scores.accuracy)
            ),
            f"{scores.log_loss.value:.3f}",
            percent(scores.calibration_error.value),
            "1",
        ]
        assert cells(row) == expected
    assert rows[0].count("**") == 2 * len(cells(rows[0]))
    assert "*" not in "".join(rows[1:])


def test_it_has_its_command_and_what_the_words_mean(tmp_path: Path) -> None:
    write_result(tmp_path, learner="student", kind="student")
    text = page(tmp_path)
    assert text.startswith("# Results\n\nMade from ")
    assert "\n\n    make it\n\n" in text
    assert "- student: " in text
    assert "- baseline: " not in text  # there is none
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_rows_of_one_command_share_its_number(tmp_path: Path) -> None:
    write_result(tmp_path / "a", "rp", skill=1)
    write_result(tmp_path / "b", "rh", skill=3, command="genrescope benchmark gtzan --sets rh")
    write_result(tmp_path / "b", "ssd", skill=2)
    text = page(tmp_path / "a", tmp_path / "b")
    assert [cells(row)[-1] for row in tables(text)[0][2:]] == ["1", "2", "2"]
    assert f"\n1. `genrescope benchmark gtzan --sets rh`\n2. `{COMMAND}`\n" in text


def test_what_two_folders_report_alike_is_listed_once(tmp_path: Path) -> None:
    write_result(tmp_path / "a", "rp", skill=2, seed=1)
    write_result(tmp_path / "b", "rp", skill=2, seed=1, command="genrescope benchmark again")
    write_result(tmp_path / "b", "rp", "ranked", skill=2, seed=1)
    write_result(tmp_path / "b", "rh", skill=2, seed=1)
    write_result(tmp_path / "c", "rp", skill=2, seed=2)
    (section,) = load_sections([tmp_path / name for name in "abc"])
    assert sorted((r.feature_sets[0], r.learner) for r in section.records) == [
        ("rh", "perceptron"),
        ("rp", "perceptron"),  # of a, and of c with other scores
        ("rp", "perceptron"),
        ("rp", "ranked"),
    ]
    assert "genrescope benchmark again" not in [record.command for record in section.records]


def test_every_data_set_protocol_and_seed_has_its_own_section(tmp_path: Path) -> None:
    write_result(tmp_path / "a", "rp")
    write_result(tmp_path / "a", "rh", protocol="fault-filtered split")
    write_result(tmp_path / "b", "rp", dataset="my songs")
    text = page(tmp_path / "a", tmp_path / "b", tmp_path / "a")
    assert re.findall("(?m)^## (.*)$", text) == [
        *("gtzan: fault-filtered split", "gtzan: stratified 5-fold", "my songs: stratified 5-fold"),
    ]
    record = write_result(tmp_path / "c", "rp")
    write_record(tmp_path / "c" / "records" / "rp-perceptron.json", replace(record, seed=1))
    sections = load_sections([tmp_path / "a", tmp_path / "c"])
    assert [section.first.seed for section in sections] == [0, 0, 1]


def test_rare_and_untested_genres_are_named(tmp_path: Path) -> None:
    write_result(tmp_path, repeats=2, protocol="2 x stratified 5-fold")
    text = flat(page(tmp_path))
    assert "199 songs tested, each 2 times: blues 30, " in text
    assert "No song of rock is tested" in text
    assert "Fewer than 20 songs of disco, jazz: " in text
    assert "The one song of disco is in every resample" in text


def test_comparisons_are_paired_bootstraps_of_the_predictions(tmp_path: Path) -> None:
    write_result(tmp_path, "rh", "student", "student", skill=0.5)
    write_result(tmp_path, "ssd", "svm_rbf", "baseline", skill=2, seed=1)
    write_result(tmp_path, "rp", "perceptron", "improved", skill=1, seed=2)
    write_result(tmp_path, "rp+ssd", "stack", "ensemble", skill=3, seed=3)
    (section,) = load_sections([tmp_path])
    named = [(item.what, item.a.name, item.b.name) for item in section.comparisons]
    assert named == [
        ("best, runner-up", "rp + ssd · stack", "ssd · svm_rbf"),
        ("best network of ours, best student network", "rp · perceptron", "rh · student"),
    ]  # the best ensemble and the best single set are the best and the runner-up
    files = [tmp_path / "predictions" / f"{name}.npz" for name in ("rp-perceptron", "rh-student")]
    found = compare(*map(Predictions.load, files), resamples=RESAMPLES)
    assert section.comparisons[1].macro_recall == found["macro_recall"]
    assert section.comparisons[1].accuracy == found["accuracy"]
    value = f"{100 * found['macro_recall'].value:+.1f} ["
    assert f"rp · perceptron minus rh · student is {value}" in flat(page(tmp_path))

    write_result(tmp_path, "ssd", "perceptron", "improved", skill=2.9, seed=4)
    write_result(tmp_path, "rp+rh", "mean", "ensemble", skill=4, seed=5)
    (section,) = load_sections([tmp_path])
    assert [(item.a.name, item.b.name) for item in section.comparisons] == [
        ("rp + rh · mean", "rp + ssd · stack"),
        ("rp + rh · mean", "ssd · perceptron"),
        ("ssd · perceptron", "rh · student"),
    ]


def test_the_runner_up_is_not_the_best_under_another_name(tmp_path: Path) -> None:
    write_result(tmp_path / "a", "rp+rh", "weighted", "ensemble", skill=3, seed=1)
    write_result(tmp_path / "a", "rp+rh", "chosen", "ensemble", skill=3, seed=1)
    write_result(tmp_path / "a", "rp", skill=2, seed=2)
    (section,) = load_sections([tmp_path / "a"])
    (comparison,) = section.comparisons
    assert comparison.what == "best, runner-up"
    assert comparison.b.name == "rp · perceptron"


def test_a_difference_below_nothing_has_its_sign(tmp_path: Path) -> None:
    """A single set that is ahead of the ensembles."""
    write_result(tmp_path, "ssd", skill=4)
    write_result(tmp_path, "rh", "svm_rbf", "baseline", skill=3, seed=1)
    write_result(tmp_path, "rp+ssd", "stack", "ensemble", skill=0.5, seed=2)
    text = flat(page(tmp_path))
    sentence = "best ensemble, best single set: rp + ssd · stack minus ssd · perceptron is −"
    assert sentence in text
    assert f"(not better in {RESAMPLES:,} of {RESAMPLES:,} resamples)" in text


def test_published_numbers_stand_beside_with_what_makes_them_comparable(tmp_path: Path) -> None:
    ten, nine = tuwien_dataset(10), tuwien_dataset(9)
    write_result(tmp_path / "ten", dataset=ten, protocol="3 x stratified 10-fold", repeats=3)
    write_result(tmp_path / "nine", dataset=nine, protocol="stratified 10-fold")
    write_result(tmp_path / "five", dataset=ten, protocol="stratified 5-fold")
    sections = {}
    for name in ("ten", "nine", "five"):
        text = page(tmp_path / name)
        head, _, *rows = tables(text)[1]
        assert cells(head) == ["published set", "method", "accuracy", "comparable", "note"]
        sections[name] = [cells(row) for row in rows]
        assert "- a: Schindler, Rauber, AMR 2012; stratified 10-fold; random" in text
    assert sections["ten"][3] == ["rh", "SVM (polynomial)", "45.5", "yes", "a"]
    assert {row[3] for row in sections["ten"]} == {"yes"}
    assert {row[3] for row in sections["nine"]} == {row[3] for row in sections["five"]} == {"no"}
    assert [len(sections[name]) for name in ("ten", "nine", "five")] == [7, 7, 24]


def test_published_numbers_of_one_network_are_one_row(tmp_path: Path) -> None:
    write_result(tmp_path, dataset="msd", protocol=f"MSD partition {MSD_2000.split()[-1]}")
    head, _, *rows = tables(page(tmp_path))[1]
    assert cells(head)[2:5] == ["macro recall", "accuracy", "log loss"]
    known = {s.feature_set for s in published_beside("msd") if s.protocol == MSD_2000}
    assert {cells(row)[0] for row in rows} == known
    ssd = next(cells(row) for row in rows if cells(row)[0] == "ssd")
    assert ssd[2:6] == ["41.2", "46.0", "1.8", "yes"]


def test_nothing_is_published_on_own_songs(tmp_path: Path) -> None:
    write_result(tmp_path, dataset="my songs")
    assert len(tables(page(tmp_path))) == 1


def test_warnings_name_their_sets_unless_they_are_about_all(tmp_path: Path) -> None:
    write_result(tmp_path, "rp", warnings=("random folds", "no disco"))
    write_result(tmp_path, "rp", "student", "student", warnings=("random folds", "no disco"))
    write_result(tmp_path, "rh", warnings=("random folds",))
    text = page(tmp_path)
    assert "\n- random folds\n" in text
    assert "\n- rp: no disco\n" in text


def test_many_sets_are_counted_in_the_table_and_named_below(tmp_path: Path) -> None:
    write_result(tmp_path, "rp+rh+ssd+trh", "stack", "ensemble")
    text = page(tmp_path)
    assert cells(tables(text)[0][2])[0] == "4 sets"
    assert "\n4 sets: rp, rh, ssd, trh.\n" in text


def test_narrow_intervals_have_tenths(tmp_path: Path) -> None:
    record = write_result(tmp_path)
    scores = replace(record.scores, accuracy=Interval(0.7123, 0.7101, 0.7144))
    write_record(tmp_path / "records" / "rp-perceptron.json", replace(record, scores=scores))
    assert "71.2 [71.0, 71.4]" in page(tmp_path)


def test_it_reads_as_plain_text(tmp_path: Path) -> None:
    for number, name in enumerate(("marsyas_timbral", "rp", "jmir_area_moments")):
        write_result(tmp_path, name, skill=number, seed=number, warnings=("words " * 40,))
    text = page(tmp_path)
    for lines in tables(text):
        assert len({len(line) for line in lines}) == 1  # columns line up
    assert max(map(len, text.splitlines())) <= 116
    prose = [line for line in text.splitlines() if not line.startswith("|")]
    assert max(map(len, prose)) <= 100


def test_what_is_no_result_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no records/\*\.json"):
        load_sections([tmp_path])
    write_result(tmp_path)
    (tmp_path / "predictions" / "rp-perceptron.npz").unlink()
    with pytest.raises(DataError, match=r"rp-perceptron\.npz"):
        page(tmp_path)


def test_cells_and_code_hold_any_text() -> None:
    lines = list(table(("a", "b|c"), [Row(("x|y", "1")), Row(("", "2"), bold=True)], numbers=[1]))
    assert lines == [
        *("| a    | b\\|c |", "|------|-----:|", "| x\\|y |    1 |", "|      | **2**|"),
    ]
    assert code("a") == "`a`"
    assert code("a `b`") == "`` a `b` ``"
    assert wrapped("x " * 60, "- ").splitlines()[1].startswith("  x")
    assert wrapped("y" * 120) == "y" * 120
