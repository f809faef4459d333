"""A plan on the screen: by artist and album, one line a song, nothing cut."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from genrescope.cli import output
from genrescope.cli.collection.plan_table import show_plan
from genrescope.library.tagging.plan import PlanRow
from genrescope.library.tagging.planning import Plan


def shown(plan: Plan, capsys: pytest.CaptureFixture[str], most: int | None = None) -> list[str]:
    show_plan(plan, output.console(width=100), most)
    return capsys.readouterr().out.splitlines()


def row(path: str, old: str = "", new: str = "Rock", confidence: float = 0.9) -> PlanRow:
    values = (old,) if old else ()
    return PlanRow(path, "genre", values, (new,), "replace", confidence, f"{confidence:.0%} sure")


def test_albums_come_by_artist_and_what_has_no_tags_last(capsys):
    rows = [row("a/1.mp3"), row("b/1.mp3"), row("b/2.mp3", confidence=0.8), row("c/1.mp3")]
    plan = Plan(
        rows,
        {"b/1.mp3": "Blue", "b/2.mp3": "Blue", "c/1.mp3": "Able"},
        {"b/1.mp3": "Zoe", "b/2.mp3": "Zoe", "c/1.mp3": "ann"},
        files=5,
        kept=1,
        copies=2,
    )
    lines = shown(plan, capsys)
    heads = [line for line in lines if line and not line.startswith(" ") and "/" in line]
    assert heads == ["ann - Able  c/  1 file", "Zoe - Blue  b/  2 files", "a/  1 file"]
    place = lines.index("Zoe - Blue  b/  2 files")
    assert lines[place + 1] == "  1.mp3  none → Rock  90% sure"
    assert lines[place + 2] == "  2.mp3  none → Rock  80% sure"
    assert "copies of other files, by their sound: 2" in lines
    assert "... and 2 more albums: --all shows them" in shown(plan, capsys, most=1)


def test_a_long_line_is_neither_cut_nor_broken(capsys):
    name = "01 " + 30 * "a long name " + ".mp3"
    why = "55 % sure: " + 10 * "guitar, " + "else Metal 30 %, Blues 10 %"
    long = PlanRow(f"a/{name}", "genre", ("Something else",), ("Rock",), "replace", 0.55, why)
    lines = shown(Plan([long, row("a/2.mp3")], files=2), capsys)
    assert sum(name in line and why in line for line in lines) == 1
    assert not any("…" in line for line in lines)


def test_on_a_narrow_terminal_a_long_reason_stands_below_its_line():
    why = "unsure: 54 % sure, 55 % needed; else Country 29 %, Reggae 4 %, and others"
    long = PlanRow("a/1 A Song.mp3", "genre", (), ("Blues",), "skip", 0.54, why)
    console = Console(
        file=io.StringIO(), width=60, force_terminal=True, color_system=None, markup=False
    )
    show_plan(Plan([long, row("a/2.mp3")], files=2), console, None)
    lines = console.file.getvalue().splitlines()
    assert lines[1] == "  1 A Song.mp3  none  ? Blues"
    assert " ".join(line.strip() for line in lines[2:4]) == why
    assert all(line.startswith(" " * 6) and len(line) <= 60 for line in lines[2:4])
    assert lines[4] == "  2.mp3         none → Rock    90% sure"


def test_files_that_failed_for_several_reasons_have_a_line_each(capsys):
    rows = [PlanRow(f"{why}.mp3", "genre", (), (), "skip", None, why) for why in ("one", "two")]
    lines = shown(Plan(rows, files=2), capsys)
    assert lines[1:3] == ["  one.mp3  none  ?  one", "  two.mp3  none  ?  two"]


def test_an_album_of_several_artists_is_one_group(capsys):
    rows = [row("a/1.mp3"), row("a/2.mp3", confidence=0.7)]
    albums = dict.fromkeys(("a/1.mp3", "a/2.mp3"), "Hits")
    plan = Plan(rows, albums, {"a/1.mp3": "One", "a/2.mp3": "Two"}, files=2)
    assert "several artists - Hits  a/  2 files" in shown(plan, capsys)
