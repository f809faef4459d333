"""What an audit can be pointed at."""

from __future__ import annotations

from pathlib import Path

import pytest

from generate_msd import generate
from genrescope.data.audit.source import AuditOptions, open_audit_input
from genrescope.data.store.importer import import_file
from genrescope.errors import DataError, UsageError
from genrescope.taxonomy.vocabulary import GTZAN, TOP_MAGD

ARFF = """@relation songs
@attribute a real
@attribute b real
@attribute id string
@attribute genre {Rock,blues}
@data
1,2,one,Rock
3,?,two,blues
5,6,three,Rock
"""


@pytest.fixture
def arff(tmp_path: Path) -> Path:
    path = tmp_path / "songs.arff"
    path.write_text(ARFF)
    return path


def test_the_built_in_songs():
    subject = open_audit_input(["gtzan"], AuditOptions(sets=["rh", "ssd"]))
    assert [table.feature_set for table in subject.tables] == ["rh", "ssd"]
    assert all(table.groups is None for table in subject.tables)
    assert len(subject) == 753
    assert subject.split is not None
    assert subject.columns[0][0] == "modulation bin 1"


def test_a_feature_file_with_labels_of_its_own(arff: Path):
    subject = open_audit_input([str(arff)], AuditOptions())
    table = subject.tables[0]
    assert subject.vocabulary is GTZAN
    assert table.labels is not None
    assert table.labels.tolist() == ["rock", "blues", "rock"]
    assert subject.columns == (("a", "b"),)
    assert (subject.split, table.groups) == (None, None)


def test_stores_and_files_with_labels_artists_and_partition(arff: Path, tmp_path: Path):
    store = import_file(arff, tmp_path / "songs.store", missing="nan").folder
    labels, artists, partition = (tmp_path / f"{n}.cls" for n in ("labels", "artists", "parts"))
    labels.write_text("% comment\none\tElectronic\ntwo\t'New_Age'\tFolk\nfour\tJazz\n")
    artists.write_text("one\tA\nthree\tA\n")
    partition.write_text("one\tTRAIN\ntwo\tTEST\n")
    options = AuditOptions(labels=str(labels), artists=artists, partition=str(partition))
    subject = open_audit_input([str(store), str(arff)], options)
    table = subject.tables[1]
    assert subject.vocabulary is TOP_MAGD
    assert table.labels is not None
    assert table.groups is not None
    assert table.labels.tolist() == ["Electronic", "New Age", ""]
    assert table.groups.tolist() == ["A", "", "A"]
    assert subject.split is not None
    assert (subject.split.train.tolist(), subject.split.test.tolist()) == ([0], [1])
    assert any("1 labelled ids have no features" in note for note in subject.notes)


def test_genres_of_no_vocabulary_are_one_of_their_own(arff: Path, tmp_path: Path):
    labels = tmp_path / "labels.cls"
    labels.write_text("one\tsea shanty\ntwo\tpolka\n")
    subject = open_audit_input([str(arff)], AuditOptions(labels=str(labels)))
    assert subject.vocabulary is not None
    assert subject.vocabulary.genres == ("polka", "sea shanty")


def test_msd_files(tmp_path: Path):
    generate(tmp_path, 0.0003, ("rh", "jmir_lpc"), seed=3)
    subject = open_audit_input([str(tmp_path)], AuditOptions(sets=["jmir_lpc"]))
    assert subject.name == "MSD, topMAGD"
    assert subject.split is not None
    assert subject.split.name.endswith("fixedSizeSplit_2000-v1.0")
    assert subject.tables[0].groups is not None
    assert any("rows to train" in note for note in subject.notes)
    for partition in tmp_path.glob("msd-topMAGD-partition_fixedSizeSplit_2000*"):
        partition.unlink()
    assert open_audit_input([str(tmp_path)], AuditOptions(sets=["jmir_lpc"])).split is None


def test_published_gtzan_files(shared: Path):
    folder = str(shared / "data" / "gtzan_tuwien_arff")
    subject = open_audit_input([folder], AuditOptions(sets=["timbral", "rh"]))
    assert [len(table) for table in subject.tables] == [1000, 1000]
    assert list(subject.tables[0].provenance["repeated"]) == ["disco"]
    assert subject.columns[0][0].startswith("Mean_Acc1000_Mean_Mem40_")


def test_errors_of_use(arff: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    bad = tmp_path / "bad.cls"
    bad.write_text("one\tjazz\none\trock\n")
    for sources, options in (
        (["gtzan"], AuditOptions(sets=["nothing"])),
        (["gtzan"], AuditOptions(partition="halves")),
        (["gtzan"], AuditOptions(labels="topMAGD")),
        ([str(tmp_path / "empty")], AuditOptions()),
        ([str(arff)], AuditOptions(sets=["rh"])),
    ):
        with pytest.raises(UsageError):
            open_audit_input(sources, options)
    with pytest.raises(DataError, match="no such file"):
        open_audit_input([str(tmp_path / "none.arff")], AuditOptions())
    with pytest.raises(DataError, match=r"bad\.cls:2: one has two genres"):
        open_audit_input([str(arff)], AuditOptions(labels=str(bad)))
