import io

import pytest
from rich.console import Console

from genrescope.benchmark.published import MSD_2000, MSD_STUDENT, PublishedScore
from genrescope.report.terminal import results_table, rules_table
from genrescope.report.wording import nats, percent

SAME = PublishedScore("A 2001", "rp", "SVM", "stratified 5-fold", "accuracy", 0.649, True)
OTHER = PublishedScore("B 2002", "ssd", "SVM", "stratified 9-fold", "accuracy", 0.999, True)


def printed(table, width: int, color: str | None = None) -> str:
    buffer = io.StringIO()
    Console(file=buffer, width=width, color_system=color, force_terminal=bool(color)).print(table)
    return buffer.getvalue()


@pytest.fixture
def records(make_record):
    return [
        make_record("rp", "student", "student", seed=1),
        make_record("rp", "perceptron", "improved", seed=2, skill=2.5),
        make_record("jmir_area_moments", "svm_rbf", "baseline", seed=3),
    ]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_numbers_are_whole_at_every_width(records, width):
    text = printed(results_table(records, [SAME, OTHER], width=width), width)
    assert max(len(line) for line in text.splitlines()) <= width
    for record in records:
        score = record.scores.macro_recall
        low, high = percent(score.low), percent(score.high)
        assert f"{percent(score.value)} {low}–{high}" in text
        assert percent(record.scores.accuracy.value) in text
    assert "64.9 accuracy" in text
    assert "99.9" not in text
    assert percent(records[0].scores.majority_rate) in text
    assert ("seconds" in text) == (width >= 100)


def test_the_best_of_each_set_is_bold(records):
    lines = printed(results_table(records, []), 120, "standard").splitlines()
    bold = [line for line in lines if "\x1b[1" in line and "rp" in line]
    assert len(bold) == 1
    assert "perceptron" in bold[0]


def test_brackets_in_names_are_shown(make_record):
    assert "[red]x" in printed(results_table([make_record(learner="[red]x")], []), 120)


def test_protocols_are_distinguished_where_there_are_several(make_record):
    records = [make_record(), make_record(protocol="fault-filtered split")]
    assert "fault-filtered split" in printed(results_table(records, []), 160)


def test_the_student_project_s_macro_recall_stands_beside_ours(make_record):
    text = printed(results_table([make_record("rp", protocol=MSD_2000)], MSD_STUDENT), 120)
    assert "30.8 macro recall" in text


@pytest.mark.parametrize("width", [80, 120])
def test_rules_stand_in_a_table_of_their_own(make_record, make_rules, width):
    skewed = make_record("ssd", "perceptron", rules=make_rules())
    assert rules_table([make_record()]) is None
    text = printed(rules_table([make_record("rp", "plain"), skewed]), width)
    assert "plain" not in text
    assert max(len(line) for line in text.splitlines()) <= width
    for rule in skewed.rules:
        assert percent(rule.accuracy.value) in text
        assert nats(rule.log_loss.value) in text
    assert percent(skewed.rules[0].macro_recall.value) in text
    assert percent(skewed.rules[2].shares_off) in text
    assert percent(skewed.scores.majority_rate) in text
    assert nats(skewed.scores.prior_entropy) in text
