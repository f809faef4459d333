"""`.cls` lines, plain and packed."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from genrescope.data.formats.cls import cls_lines, open_cls
from genrescope.errors import DataError, UsageError

TEXT = "% a comment\ntrackid\tgenre\n\nTRA\tJazz\n'TRB'\tNew Age\r\n# another\nTRC Folk\n"
LINES = [(4, "TRA", "Jazz"), (5, "TRB", "New Age"), (7, "TRC", "Folk")]


def test_comments_headers_and_blank_lines_are_passed_over() -> None:
    assert list(cls_lines(TEXT.splitlines(keepends=True), "x")) == LINES


def test_a_title_counts_as_header_only_before_the_first_id() -> None:
    lines = list(cls_lines(["TRA\tJazz", "id\tJazz"], "x"))
    assert [name for _, name, _ in lines] == ["TRA", "id"]


def test_the_rest_keeps_its_tabs() -> None:
    assert list(cls_lines(["TRA\tJazz\tVocal\n"], "x")) == [(1, "TRA", "Jazz\tVocal")]


@pytest.mark.parametrize("line", ["TRA", "TRA\t", "TRA\t  "])
def test_an_id_alone_is_an_error_at_its_line(line: str) -> None:
    with pytest.raises(DataError, match=r"votes\.cls:2: nothing follows 'TRA'"):
        list(cls_lines(["% head", line], "votes.cls"))


def _packed(folder: Path, kind: str) -> Path:
    path = folder / f"a.cls{kind}"
    if kind == ".gz":
        path.write_bytes(gzip.compress(TEXT.encode()))
    elif kind == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.cls", TEXT)
            archive.writestr("__MACOSX/._a.cls", b"\0")
            archive.writestr("README", "no labels")
    else:
        path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())  # with a byte order mark
    return path


@pytest.mark.parametrize("kind", ["", ".gz", ".zip"])
def test_packed_files_read_like_plain_ones(tmp_path: Path, kind: str) -> None:
    with open_cls(_packed(tmp_path, kind)) as handle:
        assert list(cls_lines(handle, "x")) == LINES


@pytest.mark.parametrize("kind", [".gz", ".zip"])
def test_a_truncated_archive_is_an_error_with_its_name(tmp_path: Path, kind: str) -> None:
    path = _packed(tmp_path, kind)
    path.write_bytes(path.read_bytes()[:-12])
    with (
        pytest.raises(DataError, match=rf"a\.cls{kind}: .*fetch it again"),
        open_cls(path) as lines,
    ):
        list(lines)


def test_an_archive_of_two_label_files_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.cls", TEXT)
        archive.writestr("b.cls", TEXT)
    with pytest.raises(DataError, match=r"holds 2 \.cls files"), open_cls(tmp_path / "a.zip"):
        pass


def test_a_missing_file_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"), open_cls(tmp_path / "none.cls"):
        pass


def test_a_packed_file_under_a_plain_name_is_known_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "labels.cls").write_bytes(gzip.compress(TEXT.encode()))
    with open_cls(tmp_path / "labels.cls") as handle:
        assert list(cls_lines(handle, "x")) == LINES


def test_utf_16_is_named(tmp_path: Path) -> None:
    (tmp_path / "labels.cls").write_bytes(TEXT.encode("utf-16"))
    refused = pytest.raises(DataError, match=r"x:1: not text \(it seems to be UTF-16")
    with open_cls(tmp_path / "labels.cls") as handle, refused:
        list(cls_lines(handle, "x"))
