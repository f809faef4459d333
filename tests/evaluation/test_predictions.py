"""Predictions on disk: both forms keep every digit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genrescope.errors import DataError, UsageError
from genrescope.evaluation.predictions import Predictions


def predictions() -> Predictions:
    rng = np.random.default_rng(0)
    return Predictions(
        ids=np.array(['a "quoted", id', "ü", "c", "c"]),
        truth=np.array([0, 2, 1, 1]),
        probabilities=rng.dirichlet(np.ones(3), size=4),
        split=np.array([0, 0, 0, 1]),
        split_names=("repeat 1 fold 1", "repeat 2 fold 1"),
        genres=("blues", "New Age", "rock"),
    )


@pytest.mark.parametrize("name", ["out.npz", "deep/out.csv"])
def test_round_trip_is_exact(tmp_path: Path, name: str) -> None:
    written = predictions()
    written.save(tmp_path / name)
    read = Predictions.load(tmp_path / name)
    for column in ("ids", "truth", "probabilities", "split"):
        assert np.array_equal(getattr(read, column), getattr(written, column)), column
    assert (read.split_names, read.genres) == (written.split_names, written.genres)
    assert read.truth.dtype == read.split.dtype == np.int64


def test_csv_is_for_people(tmp_path: Path) -> None:
    predictions().save(tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "id,split,truth,blues,New Age,rock"
    assert lines[2].startswith("ü,repeat 1 fold 1,rock,0.")


def test_other_suffixes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.npz or \.csv"):
        predictions().save(tmp_path / "out.pickle")


@pytest.mark.parametrize("name", ["bad.npz", "bad.csv"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04cut", b"id,split,truth,a\nx,s,b,1\n"])
def test_refuses_what_is_no_file_of_predictions(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="not a file of predictions") as caught:
        Predictions.load(tmp_path / name)
    assert caught.value.place == str(tmp_path / name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot read predictions"):
        Predictions.load(tmp_path / "none.npz")


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "bad.npz", ids=np.array([object()], dtype=object))
    with pytest.raises(DataError, match="not a file of predictions"):
        Predictions.load(tmp_path / "bad.npz")
