"""The index has what is in the files, whoever changed them; a result is of the sound it is for."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from genrescope.backbones.family import FOLDER_VARIABLE
from genrescope.errors import DataError
from genrescope.library.index.database import Index
from genrescope.library.index.models import indexed_model
from genrescope.library.index.results import classify_library, songs
from genrescope.library.index.scan import refresh, refresh_existing, scan
from genrescope.library.index.status import status
from genrescope.library.tagging.apply import apply_plan
from genrescope.library.tagging.plan import COLUMNS, PlanRow, read_plan
from genrescope.library.tagging.planning import PlanOptions, make_plan
from genrescope.library.tagging.tagfile import write_field
from genrescope.library.tagging.undo import undo
from songfiles import write_song
from toymodel import write_toy_model


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Three songs without tags, and a model."""
    write_toy_model(tmp_path / "models" / "toy")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "models"))
    monkeypatch.setenv("GENRESCOPE_JOURNAL", str(tmp_path / "journals"))
    root = tmp_path / "music"
    (root / ".hidden").mkdir(parents=True)
    for number, name in enumerate(("one.flac", "two.ogg", ".hidden/three.mp3")):
        write_song(root / name, number, 2.0)
    with Index(root, tmp_path / "index.sqlite") as opened:
        yield opened


def genres(index: Index) -> dict[str, tuple[str, ...]]:
    return {song.path: song.genres for song in songs(index, None)}


def test_edits_by_others_are_seen_before_the_index_is_read(index: Index):
    refresh(index)
    assert genres(index) == {}  # never scanned, it stays empty
    scan(index)
    write_field(index.root / "one.flac", "genre", ("Rock",))
    (index.root / "two.ogg").unlink()
    assert refresh(index).retagged == 1
    assert genres(index) == {"one.flac": ("Rock",)}
    assert status(index).tagged == 1


def test_hidden_files_stay_where_there_are_some(index: Index):
    scan(index, hidden=True)
    write_field(index.root / "one.flac", "genre", ("Rock",))
    refresh_existing(index.root, index.path)
    assert set(genres(index)) == {"one.flac", "two.ogg", ".hidden/three.mp3"}
    refresh_existing(index.root, index.path.with_name("none.sqlite"))
    assert not index.path.with_name("none.sqlite").exists()


def test_an_index_of_an_earlier_version_is_read_again(index: Index):
    write_field(index.root / "one.flac", "genre", ("Rock",))
    scan(index)
    with sqlite3.connect(index.path) as database:
        database.execute("UPDATE files SET genres = ''")
        database.execute("ALTER TABLE files DROP COLUMN fields")  # which came with the fourth
        database.execute("ALTER TABLE models DROP COLUMN facts")  # which came with the third
        database.execute("ALTER TABLE results DROP COLUMN heads")
        database.execute("PRAGMA user_version = 1")
    with Index(index.root, index.path) as opened:
        refresh(opened)
        assert genres(opened)["one.flac"] == ("Rock",)
        assert refresh(opened).unchanged == 2


def test_a_song_replaced_before_it_was_classified_gets_no_other_prediction(index: Index):
    scan(index)
    shutil.copy(write_song(index.root.parent / "other.flac", 9, 2.0), index.root / "one.flac")
    classify_library(index, "toy", jobs=1)
    known = {song.path: song.prediction for song in songs(index, indexed_model(index))}
    assert known["one.flac"] is None
    assert known["two.ogg"] is not None
    scan(index)
    assert classify_library(index, "toy", paths=["one.flac"], jobs=1).done == 1
    assert all(song.prediction for song in songs(index, indexed_model(index)))


def test_after_apply_and_undo_the_next_plan_is_right(index: Index):
    scan(index)
    classify_library(index, "toy", jobs=1)
    options = PlanOptions(threshold=0)
    plan = make_plan(index, options)
    assert [bool(row.audio) for row in plan.rows] == [True, True]
    assert apply_plan(plan.rows, index.root).count("written") == 2
    refresh(index)
    assert (status(index).tagged, make_plan(index, options).rows) == (2, [])
    assert undo().count("restored") == 2
    refresh(index)
    assert status(index).tagged == 0
    assert make_plan(index, options).rows == plan.rows


@pytest.mark.parametrize(
    "problem",
    ["database or disk is full", "database is locked", "attempt to write a readonly database"],
)
def test_an_index_never_advises_to_delete_itself(index: Index, problem):
    error = index._problem(sqlite3.OperationalError(problem))
    assert error.remedy
    assert "delete" not in error.remedy
    index.path.with_name("bad.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(DataError) as caught:
        Index(index.root, index.path.with_name("bad.sqlite"))
    assert "delete" not in str(caught.value)


def test_what_spreadsheets_leave_in_a_plan_is_passed_over(tmp_path: Path):
    path = tmp_path / "plan.csv"
    line = "a.mp3;genre;;Rock;replace;0,75;90 % sure;" + "0" * 32
    empty = ";" * (len(COLUMNS) - 1)
    lines = ["sep=;", ";".join(COLUMNS), empty, line, " ;" + empty[1:], ""]
    path.write_text("\r\n".join(lines), newline="")
    wanted = PlanRow("a.mp3", "genre", (), ("Rock",), "replace", 0.75, "90 % sure", "0" * 32)
    assert read_plan(path) == [wanted]
    path.write_text("\n".join([*lines[:3], "a.mp3;tempo;;Rock;replace;;;"]))
    with pytest.raises(DataError) as caught:
        read_plan(path)
    assert caught.value.place == f"{path}:4"
    older = ",".join(COLUMNS[:-1]) + "\na.mp3,genre,,Rock,replace,,\n"
    path.write_text(older)
    assert read_plan(path) == [PlanRow("a.mp3", "genre", (), ("Rock",), "replace")]
    path.write_text(",".join(COLUMNS) + "\na.mp3,genre,,Rock,replace,,,12\n")
    with pytest.raises(DataError, match="no hash of a sound"):
        read_plan(path)


def test_a_journal_that_cannot_be_written_is_reported_in_a_line(index: Index, tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    before = (index.root / "one.flac").read_bytes()
    rows = [PlanRow("one.flac", "genre", (), ("Rock",), "replace")]
    with pytest.raises(DataError, match="the journal cannot be written") as caught:
        apply_plan(rows, index.root, journals=tmp_path / "file" / "journals")
    assert "GENRESCOPE_JOURNAL" in (caught.value.remedy or "")
    assert (index.root / "one.flac").read_bytes() == before
