"""A folder of files in the published formats, from its text to labelled tables and a split."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from generate_msd import Tracks, generate, generate_stores
from genrescope.data.corpora.msd import load_msd
from genrescope.data.corpora.msd_files import LABEL_FILES, find_feature_files
from genrescope.data.labels import read_labels
from genrescope.data.store.reader import is_store
from genrescope.errors import DataError, UsageError
from genrescope.featuresets import FEATURE_SETS
from genrescope.progress import Progress
from msd_names import TOP_MAGD_TRACKS, published_columns

# Plain with a row twice, gzip, a mirror in parts, quoted ids, quoted names, trailing commas.
SETS = ("rh", "ssd", "mvd", "jmir_mfcc", "jmir_area_moments", "jmir_lpc", "marsyas_timbral")
SCALE = 0.0003


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tracks]:
    root = tmp_path_factory.mktemp("msd")
    return root, generate(root, SCALE, SETS, seed=3)


@pytest.fixture
def root(made: tuple[Path, Tracks], tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(made[0], tmp_path / "msd"))


def _ids_in(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    body = lines[lines.index("@DATA") + 1 :]
    return [line.rstrip(",").rpartition(",")[2].strip("'") for line in body if line[0] != "%"]


def test_the_generated_folder_has_the_published_names(made: tuple[Path, Tracks]) -> None:
    root, tracks = made
    assert set(find_feature_files(root)) == set(SETS)
    labels = read_labels(
        root / "msd-topMAGD-genreAssignment.cls", LABEL_FILES["topMAGD"].vocabulary
    )
    assert labels.counts() == {g: max(12, round(n * SCALE)) for g, n in TOP_MAGD_TRACKS.items()}
    assert len(set(tracks.ids.tolist())) == len(tracks.ids)
    assert all(len(track) == 18 for track in tracks.ids.tolist())


def test_names_of_columns() -> None:
    for name, known in FEATURE_SETS.items():
        assert len(published_columns(name)) == known.dims + 1
    assert published_columns("rp")[0] == "component_1"
    assert published_columns("jmir_moments")[5] == "Method_of_Moments_Overall_Average_1"


def test_tables_labels_and_split(root: Path) -> None:
    data = load_msd(root)
    first = data.tables[0]
    assert [table.feature_set for table in data.tables] == [n for n in FEATURE_SETS if n in SETS]
    for table in data.tables:
        assert table.ids is first.ids
        assert table.labels is first.labels
        assert table.dims == FEATURE_SETS[table.feature_set].dims
        assert isinstance(table.source, np.memmap)
    assert first.labels is not None
    assert first.groups is not None
    assert (first.labels != "").all()
    assert (first.groups != "").all()
    assert data.split is not None
    train = first.labels[data.split.train].tolist()
    assert all(2 <= train.count(genre) <= 4 for genre in data.vocabulary.genres)
    report = data.report
    assert report.labels.labelled == len(first)
    assert report.labels.without_features > 0
    assert report.labels.unlabelled > 0
    assert report.partition is not None
    assert report.partition.train + report.partition.test == len(first) - report.partition.neither
    assert report.not_finite == 0
    rh = next(table for table in report.join.tables if table.feature_set == "rh")
    assert rh.duplicated == 1
    assert all(table.missing for table in report.join.tables)
    assert "fewer rows than published: rh" in str(report)


def test_values_are_those_of_the_text(root: Path) -> None:
    (table,) = load_msd(root, sets=["jmir_lpc"]).tables
    lines = (root / "msd-jmir-lpc-all-v1.0.arff").read_text().splitlines()
    rows = {line.split(",")[-2].strip("'"): line for line in lines if line.endswith("',")}
    for position in (0, len(table) - 1):
        expected = [float(value) for value in rows[table.ids[position]].split(",")[:20]]
        found = table.read(np.array([position]))[0]
        np.testing.assert_array_equal(found, np.array(expected, np.float32))


def test_stores_are_made_once_and_then_preferred(root: Path) -> None:
    seen: list[str] = []

    def watch(name: str, progress: Progress) -> None:
        seen.append(name)

    first = load_msd(root, sets=["rh", "mvd"], watch=watch)
    assert set(seen) == {"rh", "mvd"}
    assert is_store(root / "msd-rh-v1.0.store")
    (root / "msd-rh-v1.0.arff").unlink()
    seen.clear()
    again = load_msd(root, sets=["rh", "mvd"], watch=watch)
    assert seen == []
    assert (again.tables[0].read() == first.tables[0].read()).all()


def test_an_unfinished_store_is_not_taken(root: Path) -> None:
    (root / "msd-rh-v1.0.store").mkdir()
    assert find_feature_files(root)["rh"].name == "msd-rh-v1.0.arff"


def test_stores_in_another_folder(root: Path, tmp_path: Path) -> None:
    load_msd(root, sets=["rh"], cache=tmp_path / "cache")
    assert is_store(tmp_path / "cache" / "msd-rh-v1.0.store")
    assert not (root / "msd-rh-v1.0.store").exists()


def test_a_file_where_the_stores_should_go(root: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(DataError, match=r"cannot be written: .*name another folder") as caught:
        load_msd(root, sets=["rh"], cache=tmp_path / "cache")
    assert caught.value.place == str(tmp_path / "cache" / "msd-rh-v1.0.store")


def test_rows_that_are_not_finite_are_counted_and_left_out(root: Path) -> None:
    before = load_msd(root, sets=["rh", "jmir_lpc"])
    assert before.tables[0].labels is not None
    victim = str(before.tables[0].ids[5])
    shutil.rmtree(root / "msd-jmir-lpc-all-v1.0.store")
    path = root / "msd-jmir-lpc-all-v1.0.arff"
    lines = path.read_text().splitlines()
    row = next(i for i, line in enumerate(lines) if victim in line)
    lines[row] = ",".join(["NaN", *lines[row].split(",")[1:]])
    path.write_text("\n".join(lines) + "\n")
    after = load_msd(root, sets=["rh", "jmir_lpc"])
    assert after.report.not_finite == 1
    assert len(after.tables[0]) == len(before.tables[0]) - 1
    assert victim not in after.tables[0].ids
    assert "1 rows left out: not finite" in str(after.report)


@pytest.mark.parametrize("labels", ["MAGD", "MASD", "CD1"])
def test_other_labels(root: Path, labels: str) -> None:
    data = load_msd(root, labels=labels, partition=None, sets=["rh"])
    assert data.split is None
    assert data.vocabulary is LABEL_FILES[labels].vocabulary
    assert data.report.labels.labelled == len(data.tables[0]) > 0


def test_the_other_partition(root: Path) -> None:
    split = load_msd(root, partition="percentageSplit_0.66", sets=["rh"]).split
    assert split is not None
    share = len(split.train) / (len(split.train) + len(split.test))
    assert 0.5 < share < 0.8


def test_without_artist_ids_there_is_a_warning(root: Path) -> None:
    (root / "msd-artistIDs.cls").unlink()
    data = load_msd(root, sets=["rh"])
    assert data.tables[0].groups is None
    assert "artists may stand on both sides" in data.report.warnings[-1]


def test_what_is_not_there_is_named_with_a_remedy(root: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        find_feature_files(root / "none")
    with pytest.raises(UsageError, match="no such folder"):
        load_msd(root / "none")
    with pytest.raises(UsageError, match=r"no msd-rp-v1\.0 file \(there are rh, ssd"):
        load_msd(root, sets=["rp"])
    with pytest.raises(UsageError, match="no feature set 'mp3'"):
        load_msd(root, sets=["mp3"])
    with pytest.raises(UsageError, match="data download --what stratified"):
        load_msd(root, partition="stratifiedPercentageSplit_0.5", sets=["rh"])
    (root / "msd-MAGD-genreAssignment.cls").unlink()
    with pytest.raises(UsageError, match="data download --what MAGD"):
        load_msd(root, labels="MAGD", sets=["rh"])


def test_labels_of_other_tracks_are_an_error(root: Path) -> None:
    (root / "msd-topMAGD-genreAssignment.cls").write_text("TRX\tJazz\n")
    with pytest.raises(DataError, match="no track has a label of topMAGD"):
        load_msd(root, sets=["rh"])


def test_a_folder_without_features(root: Path) -> None:
    for path in root.glob("msd-*-v1.0.a*"):
        path.unlink()
    shutil.rmtree(root / "msd-mvd-v1.0.csv")
    with pytest.raises(UsageError, match="no feature file of the benchmarks"):
        load_msd(root)


def test_generated_stores_have_the_published_shape(tmp_path: Path) -> None:
    tracks = generate_stores(tmp_path, 130, 1_300, sets=["rh", "jmir_mfcc"])
    data = load_msd(tmp_path)
    labels = data.tables[0].labels
    assert labels is not None
    assert data.split is not None
    assert np.unique(labels[data.split.train], return_counts=True)[1].tolist() == [10] * 13
    assert abs((labels[data.split.test] == "Pop_Rock").mean() - 0.6224) < 0.01
    assert len(data.tables[0]) == len(tracks.ids)
    assert np.isfinite(data.tables[0].read()).all()
