"""CSV mirrors: parts without a header, columns declared beside them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from genrescope.data.formats.featurefile import open_feature_file, read_table
from genrescope.errors import DataError

ATTRIBUTES = "Overall (Mean) #1,NUMERIC\n'b, c',real\n% done\nMSD_TRACKID,STRING\n"


def mirror(folder: Path, parts: dict[str, bytes], attributes: str = ATTRIBUTES) -> Path:
    path = folder / "few.csv"
    path.mkdir()
    (folder / "few.attributes.csv").write_text(attributes)
    for name, body in parts.items():
        (path / name).write_bytes(gzip.compress(body) if name.endswith(".gz") else body)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_parts_in_order(tmp_path: Path, suffix: str) -> None:
    parts = {f"part-{i:05d}{suffix}": f"{i},{i}.5,'TR{i}'\n".encode() for i in (1, 0, 10, 2)}
    table = read_table(mirror(tmp_path, {**parts, f"part-00003{suffix}": b""}))
    assert table.ids.tolist() == ["TR0", "TR1", "TR2", "TR10"]
    assert table.read().tolist() == [[0, 0.5], [1, 1.5], [2, 2.5], [10, 10.5]]


def test_names_of_columns(tmp_path: Path) -> None:
    file = open_feature_file(mirror(tmp_path, {"part-00000.csv": b"1,2,a\n"}))
    assert file.layout.names == ("Overall (Mean) #1", "b, c")
    assert file.feature_set == "few"


def test_a_single_file_and_attributes_inside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "one.csv.gz").write_bytes(gzip.compress(b"1,2,a\n"))
    (tmp_path / "one.attributes.csv").write_text(ATTRIBUTES)
    assert read_table(tmp_path / "one.csv.gz").ids.tolist() == ["a"]
    path = mirror(tmp_path, {"part-00000.csv": b"1,2,a\n"})
    (tmp_path / "few.attributes.csv").rename(path / "few.attributes.csv")
    assert read_table(path).ids.tolist() == ["a"]


def test_an_error_names_the_part_and_its_line(tmp_path: Path) -> None:
    good = b"1,2,a\n3,4,b\n"
    path = mirror(tmp_path, {"part-00000.csv": good, "part-00001.csv.gz": b"5,6,c\n7,x,d\n"})
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert caught.value.place == f"{path / 'part-00001.csv.gz'}:2"
    assert caught.value.message == "'x' in column 'b, c' is not a number"


@pytest.mark.parametrize(
    ("attributes", "place", "message"),
    [
        ("a,real\nb;real\n", "few.attributes.csv:2", "cannot understand the attribute 'b;real'"),
        ("id,string\n", "few.attributes.csv", "no numeric column"),
        ("", "few.attributes.csv", "no numeric column"),
    ],
)
def test_bad_attributes(tmp_path: Path, attributes: str, place: str, message: str) -> None:
    path = mirror(tmp_path, {"part-00000.csv": b"1,2,a\n"}, attributes)
    with pytest.raises(DataError) as caught:
        open_feature_file(path)
    assert caught.value.place == str(tmp_path / place)
    assert caught.value.message == message


def test_missing_attributes_and_parts(tmp_path: Path) -> None:
    path = mirror(tmp_path, {})
    with pytest.raises(DataError, match=r"no part-\*\.csv file"):
        open_feature_file(path)
    (path / "part-00000.csv").write_bytes(b"1,2,a\n")
    (tmp_path / "few.attributes.csv").unlink()
    with pytest.raises(DataError, match=r"put few\.attributes\.csv beside it"):
        open_feature_file(path)
