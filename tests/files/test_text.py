"""Text in the encodings and with the faults that files of other programs have."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.errors import DataError
from genrescope.files.text import csv_rows, parse_json, read_text, utf8

TEXT = "song,genre\nJóga.mp3,pop\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_unicode_encoding_and_line_end(
    tmp_path: Path, encoding: str, end: str, packed: bool
) -> None:
    content = TEXT.replace("\n", end).encode(encoding)
    (tmp_path / "made").write_bytes(gzip.compress(content) if packed else content)
    assert read_text(tmp_path / "made") == TEXT


@given(st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"])))
def test_text_of_any_script_is_not_taken_for_another_encoding(text: str) -> None:
    assert utf8(text.encode()) == text.removeprefix("\ufeff").encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\r\nb\nJóga".encode("latin-1"), r"made:3: not UTF-8 text .*Latin-1.*save it as UTF-8"),
        (b"a,b\nc\0,d\n" + b"e" * 99, r"made:2: not text \(is it the right file\?\)"),
        (bytes(range(256)) * 9, "made:3: not text"),
        (gzip.compress(b"a" * 99)[:-12], "made: cannot be read: Compressed file ended"),
    ],
)
def test_what_is_no_text_is_named_with_its_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "made").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_text(tmp_path / "made")


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none: cannot be read: No such file .*check the name"):
        read_text(tmp_path / "none")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_text(tmp_path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device here")
def test_what_has_no_end_is_read_as_far_as_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genrescope.files.text.LONGEST", 1000)
    with pytest.raises(DataError, match="/dev/zero: more than 1,000 bytes"):
        read_text(Path("/dev/zero"))


def test_rows_of_csv_and_the_lines_on_which_they_begin() -> None:
    text = 'a, "b"\n"two\nlines",c\u2028d\n\n"say ""x""",e\n'
    assert list(csv_rows(text, "x")) == [
        (1, ["a", "b"]),
        (2, ["two\nlines", "c\u2028d"]),
        (4, []),
        (5, ['say "x"', "e"]),
    ]


@pytest.mark.parametrize("text", ['a,b\n"c,d\ne,f\n', 'a,b\n"c"d,e\n', "a,b\n" + "c" * 200_000])
def test_a_quotation_mark_without_end_does_not_swallow_rows(text: str) -> None:
    with pytest.raises(DataError, match=r"x:2: not as CSV is written: .*whole cell"):
        list(csv_rows(text, "x"))


def test_json_without_bottom_is_none() -> None:
    assert parse_json('{"a": [1, null]}') == {"a": [1, None]}
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_json("[" * 200_000)
