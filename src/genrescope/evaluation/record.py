"""The result record: one learner under one protocol, with the command that reproduces it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from genrescope.errors import DataError
from genrescope.evaluation.scores import (
    GenreScore,
    Interval,
    ReliabilityBin,
    RuleScores,
    Scores,
)
from genrescope.files.atomic import write_atomic
from genrescope.files.text import parse_json

SCHEMA = 1
_INTERVALS = ("macro_recall", "accuracy", "macro_f1", "log_loss", "top3", "calibration_error")


@dataclass(frozen=True)
class EpochLog:
    """Learning curve of one training run: one value an epoch in every column.

    Attributes:
        split: name of the split it belongs to.
        columns: such as `loss`, `val_loss`, `val_macro_recall`; equal lengths.
        best_epoch: 0-based epoch whose weights were kept.
    """

    split: str
    columns: dict[str, list[float]]
    best_epoch: int


@dataclass(frozen=True)
class Record:
    """One learner under one protocol.

    Attributes:
        dataset: name of the data (`gtzan`).
        feature_sets: sets the learner saw.
        learner: name of the network or baseline (`student`, `perceptron`, `svm_rbf`).
        kind: `student`, `improved`, `baseline` or `ensemble`.
        vocabulary: name of the vocabulary; `genres` its genres in the order of all tables here.
        protocol: name of the protocol (`5-fold stratified`).
        command: what reproduces this record.
        seed: the seed of splits and training.
        parameters: trainable values of the network; None for others.
        seconds: training and prediction time, summed over splits.
        warnings: what limits the scores (duplicates across a split, labelled rows left out).
        versions: package versions, Python and machine.
        notes: anything else, JSON values only.
        rules: the same predictions corrected to the test part's genre shares, where these
            are clearly skewed; balanced, known and estimated shares, in this order.
    """

    dataset: str
    feature_sets: tuple[str, ...]
    learner: str
    kind: str
    vocabulary: str
    genres: tuple[str, ...]
    protocol: str
    scores: Scores
    command: str
    seed: int
    parameters: int | None
    seconds: float
    histories: tuple[EpochLog, ...] = ()
    warnings: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    rules: tuple[RuleScores, ...] = ()


def write_record(path: Path, record: Record) -> None:
    """Write `record` as JSON, whole or not at all; what is not a finite number becomes null."""
    document = {"schema": SCHEMA, **finite(asdict(record))}
    for name in ("versions", "notes"):
        document[name] = dict(sorted(document[name].items()))
    write_atomic(path, (json.dumps(document, indent=1, allow_nan=False) + "\n").encode())


def read_record(path: Path) -> Record:
    """Read what `write_record` wrote; null in place of a number is read as nan.

    Raises:
        DataError: the file is missing or is no record of this schema.
    """
    try:
        document = parse_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"cannot read the record: {error.strerror}", place=path) from error
    except ValueError as error:
        raise DataError(f"not JSON: {error}", place=path) from error
    schema = document.pop("schema", None) if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise DataError(
            f"a result record of schema {SCHEMA} is expected, not {schema}",
            place=path,
            remedy="make it again with this version",
        )
    try:
        return _record(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"not a result record: {error!r}", place=path) from error


_FORMER_KINDS = {"rival": "baseline"}  # in records of earlier versions


def finite(value: Any) -> Any:
    """`value` with null for numbers that JSON cannot hold, and lists for tuples."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _record(document: dict[str, Any]) -> Record:
    return Record(
        **{
            **document,
            "feature_sets": tuple(document["feature_sets"]),
            "kind": _FORMER_KINDS.get(document["kind"], document["kind"]),
            "genres": tuple(document["genres"]),
            "warnings": tuple(document["warnings"]),
            "scores": _scores(document["scores"]),
            "seconds": _number(document["seconds"]),
            "histories": tuple(_log(item) for item in document["histories"]),
            "rules": tuple(_rule(item) for item in document.get("rules", ())),
        }
    )


def _log(item: dict[str, Any]) -> EpochLog:
    columns = {
        name: [_number(value) for value in column] for name, column in item["columns"].items()
    }
    return EpochLog(item["split"], columns, item["best_epoch"])


def _interval(item: dict[str, Any]) -> Interval:
    return Interval(**{key: _number(value) for key, value in item.items()})


def _rule(item: dict[str, Any]) -> RuleScores:
    scores = {name: _interval(item[name]) for name in ("macro_recall", "accuracy", "log_loss")}
    return RuleScores(**{**item, **scores, "shares": tuple(item["shares"])})


def _scores(item: dict[str, Any]) -> Scores:
    def each(kind: Callable[..., Any], name: str) -> tuple[Any, ...]:
        return tuple(kind(**row) for row in item[name])

    return Scores(
        **{
            **item,
            **{name: _interval(item[name]) for name in _INTERVALS},
            "genres": each(GenreScore, "genres"),
            "reliability": each(ReliabilityBin, "reliability"),
            "confusion": tuple(tuple(row) for row in item["confusion"]),
        }
    )
