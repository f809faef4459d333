"""Broken columns planted in made-up tables, and what the built-in sets have."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genrescope.data.audit.columns import column_faults, rescaled_columns, runs
from genrescope.data.corpora.gtzan import fault_filtered_split, load_gtzan
from genrescope.data.corpora.tuwien_gtzan import load_whole_tuwien_gtzan
from genrescope.data.table import FeatureTable, Matrix
from genrescope.featuresets import FEATURE_SETS


def normal(rows: int = 1000, dims: int = 8, seed: int = 0) -> Matrix:
    return np.random.default_rng(seed).normal(size=(rows, dims)).astype(np.float32)


def table_of(vectors: Matrix) -> FeatureTable:
    return FeatureTable("made up", np.arange(len(vectors)).astype(str), vectors)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(1e-6, 1e6))
def test_nothing_is_wrong_with_sound_columns(seed, factor):
    faults = column_faults(table_of(normal(seed=seed) * np.float32(factor)))
    assert (faults.constant, faults.copies, faults.outliers) == ((), {}, {})
    assert (faults.nearly_constant, faults.not_finite) == ({}, {})


def test_each_fault_is_found():
    vectors = normal(20_500)
    vectors[:, 1] = 7
    vectors[:, 2] = 0
    vectors[::205, 2] = 1  # 100 of 20,500
    vectors[[3, 9000], 3] = np.nan, -np.inf
    vectors[:, 5] = vectors[:, 0]
    vectors[20_001, 6] = 12_000
    vectors[5:20, 6] = -2_000
    faults = column_faults(table_of(vectors))
    assert faults.constant == (1,)
    assert faults.nearly_constant == {2: pytest.approx(1 - 100 / 20_500)}
    assert faults.not_finite == {3: 2}
    assert faults.copies == {5: 0}
    assert faults.outliers == {6: (16, 20_001)}


def test_a_heavy_tail_is_no_other_unit():
    heavy = np.exp(2.0 * normal(50_000, 40))
    assert (heavy > 20 * np.quantile(heavy, 0.975, axis=0)).any()
    assert column_faults(table_of(heavy)).outliers == {}


@pytest.mark.parametrize("middle", [0, 5])
def test_rows_in_thousandths_are_found(middle):
    vectors = normal(5000) + np.float32(middle)
    vectors[1000:1100] *= 1000
    found = column_faults(table_of(vectors)).outliers
    assert list(found) == list(range(8))
    assert all(rows > 80 and 1000 <= worst < 1100 for rows, worst in found.values())


def test_a_column_of_no_number_at_all():
    vectors = normal(50)
    vectors[:, 4] = np.nan
    faults = column_faults(table_of(vectors))
    assert faults.not_finite == {4: 50}
    assert faults.outliers == {}


def test_constant_columns_are_no_copies_of_each_other():
    faults = column_faults(table_of(np.ones((30, 3), dtype=np.float32)))
    assert (faults.constant, faults.copies) == ((0, 1, 2), {})


def test_a_part_in_other_units():
    vectors = normal(1000)
    vectors[700:800, 2] *= 1000
    vectors[700:800, 3] *= 3
    assert rescaled_columns(table_of(vectors), runs(1000)) == {2: "rows 700 to 799"}
    half = {"trained": np.arange(500), "tested": np.arange(700, 800)}
    assert rescaled_columns(table_of(vectors), half) == {2: "tested"}
    assert rescaled_columns(table_of(vectors), {"all": np.arange(1000)}) == {}


@given(st.integers(0, 300), st.integers(1, 20))
def test_runs_cover_all_rows_once(rows, count):
    parts = list(runs(rows, count).values())
    assert [row for part in parts for row in part] == list(range(rows))


@pytest.mark.parametrize("name", FEATURE_SETS)
def test_the_built_in_sets(name):
    table = load_gtzan(name)
    faults = column_faults(table)
    assert faults.constant == ((9, 19) if name == "jmir_lpc" else ())
    assert len(faults.nearly_constant) == (1 if name == "tssd" else 0)
    assert (faults.not_finite, faults.copies) == ({}, {})
    split = fault_filtered_split(table)
    assert rescaled_columns(table, {"trained": split.train, "tested": split.test}) == {}


def test_empty_bands_of_published_files(shared):
    table = load_whole_tuwien_gtzan(shared / "data" / "gtzan_tuwien_arff", "scf")
    assert len(column_faults(table).constant) == 12
