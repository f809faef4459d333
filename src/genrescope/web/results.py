"""Benchmark results in a folder: their records, and the songs behind a cell of a table."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from genrescope.errors import DataError
from genrescope.evaluation.predictions import Predictions
from genrescope.evaluation.record import Record, finite, read_record

_MOST = 1000  # records that are looked at
_INTERVALS = ("macro_recall", "accuracy", "macro_f1", "log_loss", "top3", "calibration_error")


def record_files(folder: Path) -> list[Path]:
    """The records below a folder, in order of name; nothing that a link leads out of it to."""
    real = folder.resolve()
    found = (path for path in folder.glob("**/records/*.json"))
    return sorted(path for path in found if path.resolve().is_relative_to(real))[:_MOST]


def read(path: Path) -> Record:
    """A record, remembered as long as its file does not change.

    Raises:
        DataError: it is damaged.
    """
    status = path.stat()
    return _read(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=_MOST)
def _read(path: Path, modified: int, size: int) -> Record:
    del modified, size
    return read_record(path)


def predictions_file(record: Path) -> Path:
    """Where the predictions of a record are, if they are."""
    return record.parent.parent / "predictions" / f"{record.stem}.npz"


def summary(number: int, path: Path, folder: Path, record: Record) -> dict[str, Any]:
    """A record as JSON values, without what takes room."""
    scores = asdict(record.scores)
    values = {
        "id": f"r{number}",
        "path": path.relative_to(folder).as_posix(),
        "dataset": record.dataset,
        "feature_sets": record.feature_sets,
        "learner": record.learner,
        "kind": record.kind,
        "vocabulary": record.vocabulary,
        "genres": record.genres,
        "protocol": record.protocol,
        "rows": record.scores.rows,
        **{name: scores[name] for name in _INTERVALS},
        "majority_rate": record.scores.majority_rate,
        "parameters": record.parameters,
        "seconds": record.seconds,
        "predictions": predictions_file(path).is_file(),
    }
    found: dict[str, Any] = finite(values)
    return found


def details(record: Record) -> dict[str, Any]:
    """What `summary` leaves out."""
    scores = asdict(record.scores)
    values = {
        "recalls": scores["genres"],
        "confusion": scores["confusion"],
        "reliability": scores["reliability"],
        "uniform_log_loss": record.scores.uniform_log_loss,
        "prior_entropy": record.scores.prior_entropy,
        "histories": [asdict(item) for item in record.histories],
        "warnings": record.warnings,
        "versions": record.versions,
        "notes": record.notes,
        "command": record.command,
        "seed": record.seed,
    }
    found: dict[str, Any] = finite(values)
    return found


def songs(path: Path, genre: str, predicted: str) -> list[dict[str, Any]]:
    """The songs of `genre` that were predicted as `predicted`, the surest first.

    Raises:
        DataError: the predictions of the record at `path` are missing or damaged, or have no such
            genre.
    """
    found = Predictions.load(predictions_file(path))
    if genre not in found.genres or predicted not in found.genres:
        raise DataError("the results have no such genre")
    truth, wanted = found.genres.index(genre), found.genres.index(predicted)
    best = found.probabilities.argmax(axis=1)
    rows = np.flatnonzero((found.truth == truth) & (best == wanted))
    rows = rows[np.argsort(-found.probabilities[rows, wanted], kind="stable")]
    return [
        {
            "id": str(found.ids[row]),
            "genre": genre,
            "answer": predicted,
            "probability": round(float(found.probabilities[row, wanted]), 4),
            "split": found.split_names[found.split[row]],
        }
        for row in rows.tolist()
    ]
