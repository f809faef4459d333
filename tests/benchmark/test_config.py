"""What was made before is known again by what it was made of."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from genrescope.benchmark.config import BenchmarkConfig, Task, fingerprint_of
from genrescope.data.concatenate import concatenate_features
from genrescope.data.formats.featurefile import read_table
from genrescope.data.table import FeatureTable
from genrescope.evaluation.protocols import kfold
from genrescope.learning.baselines.discriminant import LDA
from genrescope.taxonomy.vocabulary import GTZAN

LABELS = np.array(["blues", "jazz"])[np.arange(12) % 2]
ARFF = "@relation r\n@attribute a numeric\n@attribute b numeric\n@data\n"


def read(path: Path) -> FeatureTable:
    ids = [f"song{number}" for number in range(len(LABELS))]
    return replace(read_table(path, "made_up", ids=ids), labels=LABELS)


def fingerprint(*tables: FeatureTable, seed: int = 0) -> str:
    one = tables[0] if len(tables) == 1 else concatenate_features(tables)
    protocol = kfold(one, 2)
    config = BenchmarkConfig("d", GTZAN, protocol, seed, f"command {seed}", Path("unused"))
    return fingerprint_of(Task(LDA, one), config)


def test_a_copy_of_a_file_is_known_again_and_another_value_is_not(tmp_path: Path) -> None:
    rows = [f"{number},{number % 5}\n" for number in range(len(LABELS))]
    (tmp_path / "copy").mkdir()
    one, copy = tmp_path / "one.arff", tmp_path / "copy/one.arff"
    one.write_text(ARFF + "".join(rows))
    copy.write_bytes(one.read_bytes())
    os.utime(copy, ns=(1, 1))
    first, second = read(one), read(copy)
    assert first.provenance != second.provenance
    assert fingerprint(first) == fingerprint(second)
    assert fingerprint(first, first) == fingerprint(second, second)
    assert fingerprint(first) != fingerprint(first, seed=1)
    copy.write_text(ARFF + "".join(rows[:-1]) + "11,2\n")  # as long as before
    assert copy.stat().st_size == one.stat().st_size
    assert fingerprint(first) != fingerprint(read(copy))
    assert fingerprint(first, first) != fingerprint(first, read(copy))


def test_labels_groups_and_rows_count() -> None:
    ids = np.array([f"song{number}" for number in range(len(LABELS))])
    one = FeatureTable("s", ids, np.eye(len(LABELS), dtype=np.float32), labels=LABELS)
    groups = np.array(["a", "a", *[""] * 10])
    others = [
        replace(one, labels=np.roll(LABELS, 1)),
        replace(one, groups=groups),
        replace(one, source=one.source * 2),
        one.take(np.arange(len(LABELS))[::-1]),
        replace(one, provenance={"variant": "2012"}),
    ]
    assert len({fingerprint(table) for table in (one, *others)}) == 1 + len(others)
    assert fingerprint(one.take(np.arange(len(LABELS)))) == fingerprint(one)
