"""ARFF headers, and every way in which published files bend the format."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from genrescope.data.formats.arff import read_header
from genrescope.data.formats.featurefile import open_feature_file, read_table
from genrescope.errors import DataError

HEADER = b"""% Features of a few tracks
%
@RELATION 'some (small) relation'

@ATTRIBUTE "Area Method #1 (overall)" NUMERIC
@attribute 'it\\'s, quoted' real
@attribute Mean of MFCC #3 (dB) numeric % explained
@attribute\tplain\tREAL,
@attribute 'MSD track id' STRING

@DATA
"""
TRACKS = ["TRAAAAK128F9318786", "TRAAAAV128F421A322", "TRAAABD128F429CF47"]


def arff(tmp_path: Path, body: bytes, header: bytes = HEADER, name: str = "few.arff") -> Path:
    path = tmp_path / name
    path.write_bytes(header + body)
    return path


def test_header_names_and_kinds(tmp_path: Path) -> None:
    layout, part = read_header(arff(tmp_path, b"1,2,3,4,'a'\n"))
    assert [column.name for column in layout.columns] == [
        "Area Method #1 (overall)",
        "it's, quoted",
        "Mean of MFCC #3 (dB)",
        "plain",
        "MSD track id",
    ]
    assert (layout.dims, layout.id, layout.label) == (4, 4, None)
    assert (part.offset, part.line) == (len(HEADER), 12)


BODY = b"1,2.5,-3e-2,4E+2,%s\n.5,6.,+7,1e-60,%s\n"


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        (BODY % (b"TRA", b"TRB"), ["TRA", "TRB"]),
        (BODY % (b"'TRA'", b"'TRB'"), ["TRA", "TRB"]),
        (BODY % (b'"TRA"', b'"TRB"'), ["TRA", "TRB"]),
        (BODY % (b"TRA", b"'TRB'"), ["TRA", "TRB"]),
        (BODY % (b"TRA,", b"TRB,"), ["TRA", "TRB"]),
        (BODY % (b"TRA,", b"TRB"), ["TRA", "TRB"]),
        (BODY % (b"TRA", b"TRB,"), ["TRA", "TRB"]),
        (BODY % (b"TRA,,", b"TRB,,,"), ["TRA", "TRB"]),
        (BODY % (b" TRA ", b" 'TRB' "), ["TRA", "TRB"]),
        (BODY % (b"TRA\r", b"TRB\r"), ["TRA", "TRB"]),
        (BODY % (b"TRA,\r", b"TRB,\r"), ["TRA", "TRB"]),
        (BODY % (b"TRA\n\n%\xfc comment, with a comma\n \t", b"TRB\n\n"), ["TRA", "TRB"]),
        (b"% first\n\n" + BODY % (b"TRA\r\n% c\r\n\r", b"TRB\r\n%x\r"), ["TRA", "TRB"]),
        (BODY % (b"'it\\'s'", b"'a, b'"), ["it's", "a, b"]),
        (BODY % (b"'50%'", b"%"), ["50%", "%"]),
        (BODY % ("Käse".encode(), "'日本'".encode()), ["Käse", "日本"]),
        ((BODY % (b"TRA", b"TRB")).rstrip(), ["TRA", "TRB"]),
        ((BODY % (b"TRA", b"TRB")).replace(b",", b" ,\t"), ["TRA", "TRB"]),
    ],
)
def test_quirks_of_rows(tmp_path: Path, body: bytes, ids: list[str]) -> None:
    table = read_table(arff(tmp_path, body))
    assert table.ids.tolist() == ids
    expected = np.array([[1, 2.5, -0.03, 400], [0.5, 6, 7, 0]], np.float32)
    np.testing.assert_array_equal(table.source, expected)
    assert table.source.flags.c_contiguous
    assert table.labels is None


@pytest.mark.parametrize("change", [bytes.upper, lambda text: text.replace(b"\n", b"\r\n")])
def test_header_in_capitals_or_with_windows_line_ends(tmp_path: Path, change: object) -> None:
    assert callable(change)
    header = change(HEADER)
    table = read_table(arff(tmp_path, b"1,2,3,4,TRA\n", header))
    assert table.ids.tolist() == ["TRA"]


def test_byte_order_mark_and_gzip(tmp_path: Path) -> None:
    packed = gzip.compress(b"\xef\xbb\xbf" + HEADER + b"1,2,3,4,TRA\n")
    for name in ("few.arff.gz", "few.arff"):  # the bytes decide, not the name
        path = tmp_path / name
        path.write_bytes(packed)
        assert read_table(path).read().tolist() == [[1, 2, 3, 4]]


def test_nominal_column_is_the_genre(tmp_path: Path) -> None:
    header = b"@attribute x numeric\n@attribute class {'New Age', \"Pop Rock\",Jazz}\n@data\n"
    body = b"1,'New Age'\n2,Jazz\n3,\"Pop Rock\"\n4,?\n"
    table = read_table(arff(tmp_path, body, header))
    assert table.labels is not None
    assert table.labels.tolist() == ["New Age", "Jazz", "Pop Rock", ""]
    assert table.ids.tolist() == ["0", "1", "2", "3"]
    given = read_table(arff(tmp_path, body, header), ids=["a", "b", "c", "d"])
    assert given.ids.tolist() == ["a", "b", "c", "d"]


def test_columns_in_any_order(tmp_path: Path) -> None:
    header = (
        b"@attribute id string\n@attribute a real\n@attribute g {x,y}\n@attribute b real\n@data\n"
    )
    table = read_table(arff(tmp_path, b"t1,1,x,2\n't 2',3,y,4\n", header))
    assert table.ids.tolist() == ["t1", "t 2"]
    assert table.read().tolist() == [[1, 2], [3, 4]]
    assert table.labels is not None
    assert table.labels.tolist() == ["x", "y"]


@pytest.mark.parametrize(
    ("header", "line", "message"),
    [
        (b"<html>\n<head>404</head>", 1, "'<html>' in the header"),
        (b"@relation x\n@attribute a date\n@data\n", 2, "attribute 'a date'"),
        (b"@relation x\n\n@attribute a\n@data\n", 3, "attribute 'a'"),
        (b"@relation x\n@attribute a numeric\n", 2, "ends before @data"),
        (b"", 1, "ends before @data"),
        (b"@attribute a string\n@attribute b string\n@attribute c real\n@data\n", 4, "2 text"),
        (b"@attribute a string\n@data\n", 2, "no numeric column"),
        (b"@attribute a real\n\n1,2,3\n", 3, "'1,2,3' in the header"),
    ],
)
def test_bad_headers(tmp_path: Path, header: bytes, line: int, message: str) -> None:
    path = arff(tmp_path, b"", header)
    with pytest.raises(DataError) as caught:
        open_feature_file(path)
    assert caught.value.place == f"{path}:{line}"
    assert message in caught.value.message
    assert caught.value.remedy


HEAD = b"@relation r\n@attribute a numeric\n@attribute b numeric\n@attribute id string\n@data\n"


@pytest.mark.parametrize(
    ("rows", "cause"),
    [
        (b"1,2,x,{5}\n", "a weight"),
        (b"1\t2\tx\n", "separated by tabs"),
        ("1,2,Björk\n".encode("latin-1"), "Latin-1"),
        ("1,2,x\n".encode("utf-16"), "UTF-16"),
        (b"1,2\n", "cut off"),
    ],
)
def test_the_remedy_names_the_true_cause(tmp_path: Path, rows: bytes, cause: str) -> None:
    path = tmp_path / "file.arff"
    path.write_bytes(HEAD + rows)
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert caught.value.place == f"{path}:6"
    assert cause in (caught.value.remedy or "")
