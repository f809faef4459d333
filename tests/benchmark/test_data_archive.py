from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from genrescope.data.corpora.gtzan import load_gtzan
from genrescope.data.layouts.mirdata import read_mirdata
from genrescope.featuresets import FEATURE_SETS

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from data_archive import index_of, write_archive


def test_the_index_is_read_as_mirdatas_are():
    songs = load_gtzan("rh")
    entries = list(read_mirdata(json.dumps(index_of(songs), indent=1), "index.json"))
    assert [entry.names[1] for entry in entries] == songs.ids.tolist()
    assert [entry.genre for entry in entries] == songs.labels.tolist()


def test_the_archive_has_every_set_and_its_checksums_hold(tmp_path, monkeypatch):
    monkeypatch.setattr("data_archive.FEATURE_SETS", {"rh": FEATURE_SETS["rh"]})
    write_archive(tmp_path)
    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert len(lines) == 4
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    rows = (tmp_path / "features/rh.csv").read_text().splitlines()
    assert len(rows) == len(load_gtzan("rh")) + 1
    assert "`rh`" in (tmp_path / "README.md").read_text()
