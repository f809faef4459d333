"""Runs taken back: wholly, in part, after moves, after other changes, after a crash."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import mutagen.flac
import pytest
from typer.testing import CliRunner

from genrescope.cli.app import app
from genrescope.errors import UsageError
from genrescope.library.tagging.apply import apply_plan
from genrescope.library.tagging.journal import read_run, run_names
from genrescope.library.tagging.plan import PlanRow
from genrescope.library.tagging.tagfile import read_tags
from genrescope.library.tagging.undo import undo
from tagged_songs import KINDS, make_song


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    for number, tagged in enumerate((True, False)):
        (folder / str(number)).mkdir()
        for seed, kind in enumerate(KINDS):
            make_song(folder / str(number), kind, tagged=tagged, seed=100 * number + seed)
    return folder


@pytest.fixture
def music(originals, tmp_path) -> Path:
    return Path(shutil.copytree(originals, tmp_path / "music"))


@pytest.fixture
def journals(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "journals"
    monkeypatch.setenv("GENRESCOPE_JOURNAL", str(folder))
    return folder


def plan(new: tuple[str, ...] = ("Jazz", "Dub")) -> list[PlanRow]:
    rows = [PlanRow(f"0/{kind}", "genre", ("Rock",), new, "replace") for kind in KINDS]
    return rows + [PlanRow(f"1/{kind}", "genre", (), new, "replace") for kind in KINDS]


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in files
    }


def statuses(undone) -> list[str]:
    return [outcome.status for outcome in undone.outcomes]


def test_every_byte_of_every_format_comes_back(music, journals):
    before = state(music)
    assert apply_plan(plan(), music).count("written") == 2 * len(KINDS)
    assert all(state(music)[name] != before[name] for name in before)
    undone = undo()
    assert undone.count("restored") == 2 * len(KINDS)
    assert state(music) == before
    with pytest.raises(UsageError, match="nothing to take back"):
        undo()


def test_runs_are_taken_back_one_by_one(music, journals):
    before = state(music)
    first = apply_plan(plan(("Jazz",)), music).run
    between = state(music)
    rows = [PlanRow(row.path, "genre", ("Jazz",), ("Pop",), "replace") for row in plan()]
    second = apply_plan(rows, music).run
    assert first != second
    older = undo(first)
    assert older.count("refused") == len(before)
    assert older.outcomes[0].why == "its genre was changed since, to 'Pop'"
    assert statuses(undo()) == ["restored"] * len(before)
    assert state(music) == between
    assert undo().run == first
    assert state(music) == before


def test_a_part_is_taken_back(music, journals):
    before = state(music)
    apply_plan(plan(), music)
    after = state(music)
    undone = undo(paths=[music / "0", music / "1" / "a.wav"])
    assert undone.count("restored") == len(KINDS) + 1
    for name, now in state(music).items():
        restored = name.startswith("0") or name == "1/a.wav"
        assert now == (before if restored else after)[name]
    undo()
    assert state(music) == before


@pytest.mark.usefixtures("one_verifier")
@pytest.mark.parametrize("kind", KINDS)
def test_other_changes_since_stay(music, journals, kind):
    apply_plan([row for row in plan() if row.path == f"0/{kind}"], music)
    path = music / "0" / kind
    rows = [PlanRow(f"0/{kind}", "comment", ("a comment",), ("a new one",), "replace")]
    run = run_names()[0]
    assert apply_plan(rows, music).count("written") == 1
    assert statuses(undo(run)) == ["restored"]
    assert (read_tags(path).genres, read_tags(path).comment) == (("Rock",), ("a new one",))


def test_a_field_that_was_changed_since_is_left(music, journals):
    run = apply_plan([PlanRow("0/a.flac", "genre", ("Rock",), ("Jazz",), "replace")], music).run
    path = music / "0" / "a.flac"
    song = mutagen.flac.FLAC(path)
    song["genre"] = "By hand"
    song.save()
    (outcome,) = undo(run).outcomes
    assert outcome.status == "refused"
    assert outcome.why == "its genre was changed since, to 'By hand'"
    assert outcome.remedy == "it was 'Rock'; change it by hand"
    assert read_tags(path).genres == ("By hand",)


def test_moved_and_renamed_files_are_found(music, journals, tmp_path):
    before = {Path(name).name[2:]: content for name, content in state(music / "0").items()}
    apply_plan([row for row in plan() if row.path.startswith("0/")], music)
    away = tmp_path / "away"
    (music / "new place").mkdir()
    away.mkdir()
    for kind in KINDS:
        target = music / "new place" if kind.endswith(("mp3", "flac", "wma")) else away
        shutil.move(music / "0" / kind, target / f"song {kind}")
    undone = undo()
    assert undone.count("restored") == 4
    missing = [outcome for outcome in undone.outcomes if outcome.status == "refused"]
    assert {outcome.why for outcome in missing} == {"it is no longer there"}
    assert "name the folder" in missing[0].remedy
    assert undo(paths=[away]).count("restored") == len(KINDS) - 4
    after = {path.name[7:]: path.read_bytes() for path in (*away.iterdir(), *music.glob("new*/*"))}
    assert after == {name: content for name, (content, _) in before.items()}


def test_swapped_files_are_distinguished(music, journals):
    before = state(music)
    apply_plan(plan(), music)
    one, two = music / "0" / "a.flac", music / "1" / "a.flac"
    one.rename(music / "x")
    two.rename(one)
    (music / "x").rename(two)
    os.utime(one)
    os.utime(two)
    assert undo().count("restored") == len(before)
    assert one.read_bytes() == before["1/a.flac"][0]
    assert two.read_bytes() == before["0/a.flac"][0]


def test_a_change_noted_but_not_made_does_no_harm(music, journals):
    """The process was killed between the journal and the renaming."""
    before = state(music)
    apply_plan(plan(), music)
    for name, (content, _) in before.items():
        (music / name).write_bytes(content)
    assert set(statuses(undo())) == {"unchanged"}
    assert {name: content for name, (content, _) in state(music).items()} == {
        name: content for name, (content, _) in before.items()
    }


def test_a_damaged_journal_does_not_reach_a_file(music, journals):
    run = apply_plan([PlanRow("0/a.flac", "genre", ("Rock",), ("Jazz",), "replace")], music).run
    path = journals / f"{run}.jsonl"
    text = path.read_text()
    digest = read_run(run).changes[0].before.digest
    path.write_text(text.replace(digest, "0" * 64))
    before = state(music)
    (outcome,) = undo(run).outcomes
    assert (outcome.status, outcome.why) == ("refused", "its journal is damaged")
    assert state(music) == before


def test_the_command(music, journals, monkeypatch):
    run = apply_plan(plan(), music).run
    monkeypatch.chdir(music)
    command = CliRunner()
    listed = command.invoke(app, ["undo", "--list"])
    assert (listed.exit_code, listed.output.split()[:3]) == (0, [run, str(2 * len(KINDS)), "files"])
    dry = command.invoke(app, ["undo", "--dry-run", "0"])
    assert dry.exit_code == 0
    assert f"{len(KINDS)} would be restored" in dry.output
    assert read_tags(music / "0" / "a.flac").genres == ("Jazz", "Dub")
    (music / "0" / "a.ogg").unlink()
    result = command.invoke(app, ["undo", run, "0"])
    assert result.exit_code == 3
    assert "a.ogg: it is no longer there (name the folder" in result.output
    assert f"{len(KINDS) - 1} restored, 0 as before already, 1 refused" in result.output
    with pytest.raises(UsageError, match="is no run, file or folder"):
        command.invoke(app, ["undo", "nothing/there"], catch_exceptions=False)
