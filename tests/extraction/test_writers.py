from __future__ import annotations

import csv
import sys

import numpy as np
import pytest

from genrescope.data.formats.featurefile import read_table
from genrescope.data.table import FeatureTable
from genrescope.errors import MissingExtraError, UsageError
from genrescope.extraction import writers
from genrescope.extraction.writers import FORMATS, write_table
from genrescope.featuresets import KNOWN_SETS

IDS = ["plain.mp3", 'it\'s, a "quoted" 100%.mp3', "back\\slash.mp3", "日本 語.mp3", "x.mp3"]


@pytest.fixture(params=["rh", "marsyas_timbral", "band_correlation"])
def table(request) -> FeatureTable:
    """Five rows with values from tiny to huge; every block but the last is full."""
    rng = np.random.default_rng(1)
    dims = KNOWN_SETS[request.param].dims
    values = rng.standard_normal((5, dims)) * 10.0 ** rng.integers(-30, 30, (5, dims))
    return FeatureTable(request.param, np.array(IDS), values.astype(np.float32))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(writers, "_ROWS", 2)


def test_npz_gives_back_every_bit(table, tmp_path):
    write_table(table, tmp_path / "t.npz", "npz")

    with np.load(tmp_path / "t.npz") as archive:
        np.testing.assert_array_equal(archive["matrix"], table.source)
        assert archive["matrix"].dtype == np.float32
        assert archive["ids"].tolist() == IDS
        assert tuple(archive["columns"]) == KNOWN_SETS[table.feature_set].columns


def test_csv_gives_back_every_bit(table, tmp_path):
    write_table(table, tmp_path / "t.csv", "csv")

    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["id", *KNOWN_SETS[table.feature_set].columns]
    assert [row[0] for row in rows] == IDS
    values = np.array([row[1:] for row in rows], dtype=np.float64).astype(np.float32)
    np.testing.assert_array_equal(values, table.source)


def test_parquet_gives_back_every_bit(table, tmp_path):
    polars = pytest.importorskip("polars")
    write_table(table, tmp_path / "t.parquet", "parquet")

    frame = polars.read_parquet(tmp_path / "t.parquet")
    assert frame["id"].to_list() == IDS
    assert frame.columns[1:] == list(KNOWN_SETS[table.feature_set].columns)
    np.testing.assert_array_equal(frame.drop("id").to_numpy(), table.source)


def test_arff_is_what_weka_expects(table, tmp_path):
    write_table(table, tmp_path / "t.arff", "arff")

    lines = (tmp_path / "t.arff").read_text(encoding="utf-8").splitlines()
    attributes = [line for line in lines if line.startswith("@attribute")]
    data = lines[lines.index("@data") + 1 :]
    assert lines[1] == f"@relation '{table.feature_set}'"
    assert len(attributes) == table.dims + 1
    assert attributes[0] == f"@attribute '{KNOWN_SETS[table.feature_set].columns[0]}' numeric"
    assert attributes[-1] == "@attribute id string"
    assert data[1].endswith(r",'it\'s, a \"quoted\" 100\%.mp3'")
    assert data[2].endswith(r",'back\\slash.mp3'")
    first = np.array(data[0].split(",")[:-1], dtype=np.float64).astype(np.float32)
    np.testing.assert_array_equal(first, table.source[0])


def test_arff_is_read_back_to_every_bit(table, tmp_path):
    write_table(table, tmp_path / "t.arff", "arff")

    read = read_table(tmp_path / "t.arff", table.feature_set)
    assert read.ids.tolist() == IDS
    np.testing.assert_array_equal(read.read(), table.source)


@pytest.mark.parametrize("format_", sorted(FORMATS))
def test_equal_tables_give_equal_files(table, tmp_path, format_):
    write_table(table, tmp_path / "a", format_)
    write_table(table, tmp_path / "b", format_)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_an_empty_table_is_still_a_file(tmp_path):
    empty = FeatureTable("rh", np.array([], dtype="U1"), np.zeros((0, 60), np.float32))
    for format_ in FORMATS:
        write_table(empty, tmp_path / f"t.{format_}", format_)
    header = (tmp_path / "t.csv").read_text().splitlines()
    assert [line.count(",") for line in header] == [60]
    arff = (tmp_path / "t.arff").read_text().lower()
    assert arff.count("@attribute") == 61
    assert arff.rstrip().endswith("@data")
    with np.load(tmp_path / "t.npz") as archive:
        assert archive["matrix"].shape == (0, 60)
        assert archive["ids"].tolist() == []
    polars = pytest.importorskip("polars")
    assert polars.read_parquet(tmp_path / "t.parquet").shape == (0, 61)


def test_a_write_that_fails_leaves_what_was_there(table, tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    write_table(table, path, "csv")
    before = path.read_bytes()
    broken = FeatureTable("no such set", table.ids, table.source)

    with pytest.raises(UsageError, match="no feature set 'no such set'"):
        write_table(broken, path, "csv")

    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["t.csv"]


def test_parquet_without_polars_names_the_extra(table, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)

    with pytest.raises(MissingExtraError, match=r"genrescope\[train\]"):
        write_table(table, tmp_path / "t.parquet", "parquet")
