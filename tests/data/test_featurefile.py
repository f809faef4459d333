"""Feature files whole: values to the bit, errors to the line, real files."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from genrescope.data.formats import streams
from genrescope.data.formats.featurefile import open_feature_file, read_table
from genrescope.errors import DataError, UsageError
from genrescope.featuresets import FEATURE_SETS

HEADER = "@relation r\n@attribute a real\n@attribute b real\n@attribute id string\n@data\n"


def arff(tmp_path: Path, body: str | bytes, header: str = HEADER, name: str = "few.arff") -> Path:
    path = tmp_path / name
    path.write_bytes(header.encode() + (body if isinstance(body, bytes) else body.encode()))
    return path


finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
matrices = hnp.arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 6)), elements=finite)
names = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"]),
    min_size=1,
    max_size=8,
).filter(lambda text: text != "?")


def quoted(text: str, quote: str) -> str:
    if not quote:
        return text
    return quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, NDArray[np.float32], list[str]]:
    """(text, matrix, ids): a file with quirks of its own choice, and what must be read from it."""
    matrix = draw(matrices)
    ids = draw(st.lists(names, min_size=len(matrix), max_size=len(matrix), unique=True))
    number = draw(st.sampled_from(["{!r}", "{:.9g}", "{:.8e}", "{:.9E}", " {:.9g}", "+{:.9g} "]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    lines = ["% made up", "@RELATION x", ""]
    lines += [f"@attribute 'value #{i} (x)' NUMERIC" for i in range(matrix.shape[1])]
    lines += ["@attribute id STRING", "@DATA"]
    for row, name in zip(matrix.tolist(), ids, strict=True):
        numbers = [number.format(value).replace("+-", "-") for value in row]
        bare = not set(name) & set(",'\"\\%{")
        quote = draw(st.sampled_from(["'", '"', ""] if bare else ["'", '"']))
        lines += draw(st.sampled_from([[], [], [""], ["% between rows, 1,2"], ["  "]]))
        lines.append(",".join([*numbers, quoted(name, quote)]) + draw(st.sampled_from(["", ","])))
    return end.join([*lines, ""]).encode(), matrix, ids


@given(files(), st.booleans(), st.integers(1, 200))
@settings(deadline=None)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    made: tuple[bytes, NDArray[np.float32], list[str]],
    packed: bool,
    size: int,
) -> None:
    text, matrix, ids = made
    path = tmp_path_factory.mktemp("round") / "made.arff"
    path.write_bytes(gzip.compress(text, 1) if packed else text)
    table = read_table(path)
    np.testing.assert_array_equal(table.source, matrix)
    assert table.ids.tolist() == ids
    chunks = list(open_feature_file(path).chunks(size=size))
    np.testing.assert_array_equal(np.concatenate([c.vectors for c in chunks]), matrix)
    assert [name for c in chunks for name in c.ids] == ids


def test_reading_goes_on_from_any_chunk(tmp_path: Path) -> None:
    rows = [f"{i},{i / 4},T{i}\n% {i}\n" for i in range(200)]
    for name, pack in (("few.arff", bytes), ("few.arff.gz", gzip.compress)):
        (tmp_path / name).write_bytes(pack((HEADER + "".join(rows)).encode()))
        file = open_feature_file(tmp_path / name)
        chunks = list(file.chunks(size=300))
        assert len(chunks) > 5
        for done, chunk in enumerate(chunks, 1):
            rest = [c.ids for c in file.chunks(chunk.after, size=300)]
            assert rest == [c.ids for c in chunks[done:]]
        assert chunks[-1].after.row == 200
        assert chunks[-1].after.line == 6 + 400


BAD = [
    ("1,2,a\n3,b\n", 7, "2 values in the row, 3 columns declared"),
    ("1,2,a\n3,4,5,b\n", 7, "4 values in the row, 3 columns declared"),
    ("1,2,a\n\n% x\n3,4\n5,6,c\n", 9, "2 values in the row, 3 columns declared"),
    ("1,2,a\n3,x4,b\n", 7, "'x4' in column 'b' is not a number"),
    ("1,2,a\n1_0,4,b\n", 7, "'1_0' in column 'a' is not a number"),
    ("1,2,a\n3,?,b\n", 7, "'?' in column 'b' is missing or not finite"),
    ("1,2,a\n3,,b\n", 7, "'' in column 'b' is missing or not finite"),
    ("1,2,a\nNaN,4,b\n", 7, "'NaN' in column 'a' is missing or not finite"),
    ("1,2,a\n3,-Infinity,b\n", 7, "'-Infinity' in column 'b' is missing or not finite"),
    ("1,2,a\n3,1e39,b\n", 7, "'1e39' in column 'b' is missing or not finite"),
    ("1,2,a\n3,4,\n", 7, "a row without an id"),
    ("1,2,a\n3,4,''\n", 7, "a row without an id"),
    ("1,2,a\n3,4,?\n", 7, "a row without an id"),
    ("1,2,a\n3,4,'TRAAA", 7, "'TRAAA has no closing quote"),
    ("1,2,a\n{0 1, 2 b}\n", 7, "sparse rows are not understood"),
    (b"1,2,a\n3,4,\xe4\n", 7, "not UTF-8 text"),
    (b"1,2,a\n\x00\x01\x02\n", 7, "1 values in the row, 3 columns declared"),
    ("1,2,a\n" * 40 + "1;2;b\n", 46, "1 values in the row, 3 columns declared"),
]


@pytest.mark.parametrize(("body", "line", "message"), BAD)
@pytest.mark.parametrize("size", [1, 10, 1 << 20])
def test_errors_name_the_line(
    tmp_path: Path, body: str | bytes, line: int, message: str, size: int
) -> None:
    path = arff(tmp_path, body)
    with pytest.raises(DataError) as caught:
        list(open_feature_file(path).chunks(size=size))
    assert caught.value.place == f"{path}:{line}"
    assert caught.value.message.startswith(message)
    assert caught.value.remedy


def test_a_file_that_ends_within_its_last_id(tmp_path: Path) -> None:
    path = arff(tmp_path, "1,2,TRA\n3,4,TRB\n5,6,TR")
    with pytest.raises(DataError, match="ends within a line, and its last id 'TR'") as caught:
        read_table(path)
    assert caught.value.place == f"{path}:8"
    assert read_table(arff(tmp_path, "1,2,TRA\n3,4,TRB\n5,6,TR\n")).ids[2] == "TR"


def test_no_rows(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no row of values"):
        read_table(arff(tmp_path, "% nothing\n\n"))


def test_an_undeclared_genre(tmp_path: Path) -> None:
    header = "@attribute a real\n@attribute class {rock,pop}\n@data\n"
    path = arff(tmp_path, "1,rock\n2,pop\n3,ro", header)
    with pytest.raises(DataError, match="'ro' is not one of the values") as caught:
        read_table(path)
    assert caught.value.place == f"{path}:6"


def test_missing_values_kept_on_request(tmp_path: Path) -> None:
    table = read_table(arff(tmp_path, "?,2,a\nNaN,-inf,b\n3,,c\n4,1e39,d\n"), missing="nan")
    expected = [[np.nan, 2], [np.nan, -np.inf], [3, np.nan], [4, np.inf]]
    np.testing.assert_array_equal(table.source, np.array(expected, np.float32))


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95, 0.9999])
def test_a_cut_gzip_file_names_the_line_reached(tmp_path: Path, cut: float) -> None:
    rng = np.random.default_rng(1)
    rows = [f"{a!r},{b!r},T{i}\n" for i, (a, b) in enumerate(rng.random((5000, 2)).tolist())]
    packed = gzip.compress((HEADER + "".join(rows)).encode())
    part = packed[: int(len(packed) * cut)]
    lines = zlib.decompressobj(31).decompress(part).count(b"\n")
    path = tmp_path / "cut.arff.gz"
    path.write_bytes(part)
    with pytest.raises(DataError, match="cannot be read on") as caught:
        read_table(path)
    place, _, line = str(caught.value.place).rpartition(":")
    assert place == str(path)
    assert lines - 600 <= int(line) <= lines + 1  # a few kilobytes wait inside the unpacker


def test_a_damaged_gzip_file(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress((HEADER + "1,2,a\n3,4,b\n").encode()))
    packed[-8] ^= 1  # in its checksum
    path = tmp_path / "bad.arff.gz"
    path.write_bytes(packed)
    with pytest.raises(DataError, match="cannot be read on"):
        read_table(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("size", [1, 60])
def test_a_line_without_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes], size: int
) -> None:
    monkeypatch.setattr(streams, "LONGEST_LINE", 1000)
    path = tmp_path / "few.arff"
    path.write_bytes(pack((HEADER + "1,2,a\n3,4,b\n" + "5" * 2000).encode()))
    with pytest.raises(DataError, match="a line of more than 1,000 bytes") as caught:
        list(open_feature_file(path).chunks(size=size))
    assert caught.value.place == f"{path}:8"


def test_repeated_ids_keep_the_first_and_are_counted(tmp_path: Path) -> None:
    table = read_table(arff(tmp_path, "1,2,a\n3,4,b\n5,6,a\n7,8,a\n9,0,c\n"))
    assert table.ids.tolist() == ["a", "b", "c"]
    assert table.read().tolist() == [[1, 2], [3, 4], [9, 0]]
    assert table.provenance["duplicates"] == 2


def test_the_set_is_recognised_by_the_name_and_its_size_checked(tmp_path: Path) -> None:
    dims = FEATURE_SETS["jmir_moments"].dims
    header = (
        "".join(f"@attribute a{i} real\n" for i in range(dims)) + "@attribute i string\n@data\n"
    )
    row = "0," * dims + "T\n"
    name = "MSD-jmir-methods-of-moments-all-v1.0.arff"
    assert read_table(arff(tmp_path, row, header, name)).feature_set == "jmir_moments"
    assert read_table(arff(tmp_path, row, header, "mine.arff")).feature_set == "mine"
    assert read_table(arff(tmp_path, row, header), "jmir_moments").feature_set == "jmir_moments"
    with pytest.raises(DataError, match=r"rows of 10 values, but 'rh'.* has 60"):
        open_feature_file(arff(tmp_path, row, header), "rh")
    with pytest.raises(DataError, match="rows of 10 values, but 'rp'"):
        open_feature_file(arff(tmp_path, row, header, "msd-rp-v1.0.arff"))


def test_wrong_use(tmp_path: Path) -> None:
    path = arff(tmp_path, "1,2,a\n")
    with pytest.raises(UsageError, match="the file has its own"):
        read_table(path, ids=["a"])
    plain = arff(tmp_path, "1\n2\n", "@attribute a real\n@data\n", "plain.arff")
    for ids in (["a"], ["a", "b", "c"]):
        with pytest.raises(UsageError, match=f"{len(ids)} ids for a file"):
            read_table(plain, ids=ids)
    with pytest.raises(DataError, match="no such file"):
        read_table(tmp_path / "none.arff")
    (tmp_path / "x.txt").write_text("1")
    with pytest.raises(DataError, match="not a feature file by its name"):
        read_table(tmp_path / "x.txt")


DIMS = {
    **{"chroma": 56, "ctd": 4, "flx": 4, "lpcc": 48, "lsp": 72, "mfcc": 52, "rh": 60, "rlf": 4},
    **{"scf": 96, "sfm": 96, "spfe": 12, "ssd": 168, "timbral": 124, "zcrs": 4},
}


@pytest.mark.parametrize("name", DIMS)
def test_real_files(shared: Path, name: str) -> None:
    path = shared / "data" / "gtzan_tuwien_arff" / f"gtzan_{name}.arff"
    table = read_table(path)
    assert table.source.shape == (1000, DIMS[name])
    lines = path.read_text().splitlines()
    rows = [line for line in lines if line and not line.startswith("@")]
    for at in (0, -1):
        *values, genre = rows[at].split(",")
        np.testing.assert_array_equal(table.source[at], np.array(values, np.float32))
        assert table.labels is not None
        assert table.labels[at] == genre
    counts = Counter(table.labels.tolist())
    # In the files made with Marsyas the rows of disco repeat those of hiphop, by their names.
    repeated = {"hiphop": 200} if name not in ("rh", "ssd") else {"hiphop": 100, "disco": 100}
    assert counts == {**dict.fromkeys(sorted(set(counts)), 100), **repeated}
    assert sum(counts.values()) == 1000
