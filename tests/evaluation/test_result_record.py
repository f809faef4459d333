"""Result records: an exact round trip, one form on disk, and clear refusals."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genrescope.errors import DataError
from genrescope.evaluation.metrics import evaluate
from genrescope.evaluation.record import EpochLog, Record, read_record, write_record
from genrescope.evaluation.scores import RuleScores


@pytest.fixture
def record() -> Record:
    rng = np.random.default_rng(0)
    truth, probabilities = rng.integers(3, size=30), rng.dirichlet(np.ones(4), size=30)
    return Record(
        dataset="gtzan",
        feature_sets=("ssd", "rh"),
        learner="perceptron",
        kind="improved",
        vocabulary="GTZAN",
        genres=("blues", "jazz", "métal", "rock"),
        protocol="stratified 10-fold",
        scores=evaluate(truth, probabilities, ("blues", "jazz", "métal", "rock"), resamples=20),
        command="genrescope benchmark gtzan",
        seed=7,
        parameters=1234,
        seconds=0.1 + 0.2,
        histories=(EpochLog("fold 1", {"loss": [1.0, 1 / 3], "val_loss": [2.0, 1.5]}, 1),),
        warnings=("random folds",),
        versions={"python": "3.11.7", "numpy": "2.4.6"},
        notes={"rows": [1, 2], "labels": {"missing": 3}},
    )


def test_round_trip_is_exact(tmp_path: Path, record: Record) -> None:
    write_record(tmp_path / "deep" / "record.json", record)
    assert read_record(tmp_path / "deep" / "record.json") == record


def test_the_former_name_of_baselines_is_read(tmp_path: Path, record: Record) -> None:
    path = tmp_path / "record.json"
    write_record(path, replace(record, kind="rival"))
    assert read_record(path).kind == "baseline"


def test_the_rules_come_back_and_older_records_have_none(tmp_path: Path, record: Record) -> None:
    path, scores = tmp_path / "record.json", record.scores
    rules = tuple(
        RuleScores(rule, (0.7, 0.1, 0.1, 0.1), 0.2, scores.macro_recall, scores.accuracy, score)
        for rule, score in (("balanced", scores.log_loss), ("known shares", scores.top3))
    )
    write_record(path, replace(record, rules=rules))
    assert read_record(path) == replace(record, rules=rules)
    document = json.loads(path.read_text())
    del document["rules"]
    path.write_text(json.dumps(document))
    assert read_record(path) == record


def test_bytes_are_stable(tmp_path: Path, record: Record) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    write_record(first, record)
    turned = dict(reversed(record.versions.items()))
    write_record(second, replace(read_record(first), versions=turned))
    assert first.read_bytes() == second.read_bytes()
    assert list(json.loads(first.read_text()))[:3] == ["schema", "dataset", "feature_sets"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.json", "2.json"]


def test_what_is_no_number_is_null(tmp_path: Path, record: Record) -> None:
    path = tmp_path / "record.json"
    history = EpochLog("fold 1", {"loss": [1.0, math.nan, math.inf]}, 0)
    write_record(path, replace(record, histories=(history,), seconds=math.nan))
    assert json.loads(path.read_text())["histories"][0]["columns"]["loss"] == [1.0, None, None]
    back = read_record(path)
    assert back.histories[0].columns["loss"][0] == 1.0
    assert math.isnan(back.histories[0].columns["loss"][1])
    assert math.isnan(back.seconds)


def test_a_failed_write_leaves_the_old_file_alone(tmp_path: Path, record: Record) -> None:
    path = tmp_path / "record.json"
    write_record(path, record)
    with pytest.raises(TypeError):
        write_record(path, replace(record, notes={"no": object()}))
    assert read_record(path) == record
    assert [item.name for item in tmp_path.iterdir()] == ["record.json"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[1]", "schema 1 is expected, not None"),
        ('{"schema": 99}', "schema 1 is expected, not 99"),
        ('{"schema": 1}', "not a result record"),
        ('{"schema": 1, "feature_sets": 3}', "not a result record"),
    ],
)
def test_refuses_what_is_no_record(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text)
    with pytest.raises(DataError, match=words) as caught:
        read_record(path)
    assert caught.value.place == str(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot read the record"):
        read_record(tmp_path / "none.json")


def test_json_nested_without_end_is_no_record(tmp_path):
    (tmp_path / "record.json").write_text("[" * 200_000)
    with pytest.raises(DataError, match=r"record.json: not JSON: it is nested too deeply"):
        read_record(tmp_path / "record.json")
