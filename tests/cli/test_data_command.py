"""`genrescope data import`, `info` and `check`, run as users run them."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

HEADER = "@attribute 'a (1)' real\n@attribute b real\n@attribute id string\n@data\n"


Run = Callable[..., Any]


@pytest.fixture
def data(command: Run) -> Run:
    """Runs `genrescope data ...` in this process."""
    return partial(command, "data")


def write(path: Path, body: str, header: str = HEADER) -> Path:
    text = (header + body).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write(tmp_path / "good.arff.gz", "1,2,TRA\n3,2,TRB\n-7.5,2,TRC\n")


def test_import_info_check(data: Run, tmp_path: Path, good: Path) -> None:
    done = data("import", good, "-o", tmp_path / "stores")
    store = tmp_path / "stores" / "good.store"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{store}: good, 3 rows of 2 values\n"
    assert data("import", good, "-o", tmp_path / "stores").stdout.endswith("was there already\n")

    for path in (store, good):
        shown = data("info", path)
        assert shown.returncode == 0
        lines = dict(line.strip().split("  ", 1) for line in shown.stdout.splitlines())
        facts = {name: value.strip() for name, value in lines.items()}
        assert facts["set"] == "good"
        assert facts["values"] == "2 a row: a (1) ... b"
        assert facts["first id"] == "TRA"
        assert facts["range"] == "-7.5 to 3, median 2"
        assert facts["made from"] == "good.arff.gz"
        assert facts["rows"] == "3"

        checked = data("check", path)
        assert checked.returncode == 0
        reported = "good, 3 rows of 2 values; sound; 1 constant columns ('b')"
        assert checked.stdout == f"{path}: {reported}\n"


def test_one_bad_file_does_not_stop_the_others(data: Run, tmp_path: Path, good: Path) -> None:
    bad = write(tmp_path / "bad.arff", "1,2,TRA\n3,TRB\n")
    done = data("import", bad, tmp_path / "none.arff", good)
    assert done.returncode == 3
    assert done.stdout == f"{tmp_path / 'good.store'}: good, 3 rows of 2 values\n"
    first, second = done.stderr.splitlines()
    assert first.startswith(f"genrescope: {bad}:6: 2 values in the row, 3 columns declared (")
    assert second == f"genrescope: {tmp_path / 'none.arff'}: no such file (check the path)"
    assert not (tmp_path / "bad.store").exists()


def test_set_and_missing_values(data: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "few.arff", "1,?,TRA\n3,4,TRB\n5,6,TRA\n")
    assert data("import", path, "--set", "rh").returncode == 3
    assert "missing or not finite" in data("import", path).stderr
    done = data("import", path, "--missing", "nan", "--set", "mine")
    assert done.returncode == 0
    assert "mine, 2 rows of 2 values; 1 rows with an id that had come before" in done.stdout
    assert "not finite" in data("info", tmp_path / "few.store").stdout

    checked = data("check", path, tmp_path / "few.store")
    assert checked.returncode == 3
    file, store = checked.stdout.splitlines()
    assert "3 rows of 2 values; 1 missing or non-finite values; 1 rows with an id" in file
    assert "2 rows of 2 values; 1 missing or non-finite values" in store


def test_check_reports_a_changed_store(data: Run, tmp_path: Path, good: Path) -> None:
    data("import", good)
    matrix = tmp_path / "good.store" / "matrix.npy"
    changed = bytearray(matrix.read_bytes())
    changed[-1] ^= 1
    matrix.write_bytes(changed)
    checked = data("check", tmp_path / "good.store", tmp_path / "none.store")
    assert checked.returncode == 3
    assert "matrix.npy has changed since it was written" in checked.stdout
    assert "none.store: " in checked.stderr


def test_wrong_use(data: Run, tmp_path: Path, good: Path) -> None:
    assert data("import").returncode == 2
    assert data("import", good, "--missing", "zero").returncode == 2
    (tmp_path / "good.store").mkdir()
    (tmp_path / "good.store" / "diary.txt").write_text("mine")
    done = data("import", good)
    assert done.returncode == 2
    assert "holds something that is not a store" in done.stderr
    assert [path.name for path in (tmp_path / "good.store").iterdir()] == ["diary.txt"]
    assert data("info", tmp_path).returncode == 3


def test_as_a_program(tmp_path: Path, good: Path) -> None:
    command = [sys.executable, "-m", "genrescope", "data", "import", str(good), "none.arff"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stdout == f"{tmp_path / 'good.store'}: good, 3 rows of 2 values\n"
    assert done.stderr == "genrescope: none.arff: no such file (check the path)\n"
