"""The plan's file: lossless, and clear about what is wrong in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.errors import DataError
from genrescope.library.tagging.plan import (
    ACTIONS,
    COLUMNS,
    PlanRow,
    join_values,
    path_to_text,
    read_plan,
    split_values,
    text_to_path,
    write_plan,
)

HEADER = ",".join(COLUMNS)

names = (
    st.binary(min_size=1, max_size=12)
    .filter(lambda name: name not in (b".", b"..") and not set(name) & set(b"/\0"))
    .map(os.fsdecode)
)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
values = st.lists(text.map(str.strip).filter(bool), max_size=3).map(tuple)
rows = st.builds(
    PlanRow,
    path=paths,
    field=st.sampled_from(["genre", "comment", "custom:MOOD"]),
    old=values,
    new=values,
    action=st.sampled_from(ACTIONS),
    confidence=st.none() | st.integers(0, 10000).map(lambda count: count / 10000),
    why=text,
)


@given(st.lists(rows, max_size=5, unique_by=lambda row: (row.path, row.field)))
def test_a_written_plan_is_read_back(tmp_path_factory: pytest.TempPathFactory, plan):
    path = tmp_path_factory.mktemp("plan") / "plan.csv"
    write_plan(path, plan)
    assert read_plan(path) == plan


@given(values)
def test_values_come_back_from_a_cell(wanted):
    assert split_values(join_values(wanted)) == wanted


def test_values_as_people_write_them():
    assert split_values("Rock;Pop ; ;  Jazz") == ("Rock", "Pop", "Jazz")


@given(paths)
def test_every_name_survives_as_valid_text(path):
    written = path_to_text(path)
    written.encode()
    assert text_to_path(written) == path


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (b"100% Hits.mp3", "100% Hits.mp3"),
        (b"100%25.mp3", "100%2525.mp3"),
        (b"caf\xe9.mp3", "caf%E9.mp3"),
        ("café.mp3".encode(), "café.mp3"),
    ],
)
def test_names_stay_readable(name, written):
    assert path_to_text(os.fsdecode(name)) == written


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_spreadsheet_may_change_mark_and_delimiter(tmp_path: Path, delimiter):
    path = tmp_path / "plan.csv"
    line = ["a/b.mp3", "genre", '"Rock; Pop"', "Jazz", "replace", "0,75", "90 % sure"]
    path.write_text(
        "\ufeff" + delimiter.join(COLUMNS) + "\r\n" + delimiter.join(line) + "\r\n", newline=""
    )
    expected = PlanRow("a/b.mp3", "genre", ("Rock", "Pop"), ("Jazz",), "replace", 0.75, "90 % sure")
    assert read_plan(path) == [expected]


@pytest.mark.parametrize(
    ("lines", "place", "part"),
    [
        (["path,field"], ":1", "no column old"),
        ([HEADER, "/etc/a.mp3,genre,,Rock,replace,,"], ":2", "no path below"),
        ([HEADER, "a/../../b.mp3,genre,,Rock,replace,,"], ":2", "no path below"),
        ([HEADER, "a/%2E%2E/b.mp3,genre,,Rock,replace,,"], ":2", "no path below"),
        ([HEADER, ",genre,,Rock,replace,,"], ":2", "no path below"),
        ([HEADER, "a.mp3,tempo,,Rock,replace,,"], ":2", "'tempo'"),
        ([HEADER, "a.mp3,genre,,Rock,delete,,"], ":2", "'delete'"),
        ([HEADER, "a.mp3,genre,,Rock,replace,sure,"], ":2", "'sure'"),
        ([HEADER, *["a.mp3,genre,,Rock,replace,,"] * 2], ":3", "second line"),
        ([HEADER, '"a.mp3"x,genre,,Rock,replace,,'], ":2", "expected after"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, lines, place, part):
    path = tmp_path / "plan.csv"
    path.write_text("\n".join(lines))
    with pytest.raises(DataError) as caught:
        read_plan(path)
    assert caught.value.place == f"{path}{place}"
    assert part in caught.value.message


def test_a_plan_in_another_encoding_is_refused(tmp_path: Path):
    path = tmp_path / "plan.csv"
    path.write_bytes(f"{HEADER}\ncaf\xe9.mp3,genre,,Rock,replace,,\n".encode("latin-1"))
    with pytest.raises(DataError, match="is not UTF-8"):
        read_plan(path)


def test_a_genre_with_a_character_that_no_tag_can_hold_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(f"{HEADER}\na.mp3,genre,,Bl\0es,replace,,,\n")
    with pytest.raises(DataError, match=r"plan.csv:2: .* holds a character that no tag can"):
        read_plan(tmp_path / "plan.csv")
