"""The library on the page: many rows, tags written and taken back, the map."""

from __future__ import annotations

import re
from pathlib import Path

import mutagen.flac
import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow


def choose_library(page: Page, name: str) -> None:
    page.locator("section:not([hidden])").get_by_label("Library", exact=True).select_option(name)


def rows(page: Page):
    return page.locator("table.library tbody tr[data-place]")


def test_many_rows_are_browsed_without_holding_them(open_page) -> None:
    page = open_page("library")
    choose_library(page, "many")
    table = page.get_by_role("region", name="Songs of the library")
    expect(page.get_by_text("20,000 songs", exact=True)).to_be_visible()
    expect(page.get_by_role("table")).to_have_attribute("aria-rowcount", "20001")
    expect(rows(page).first).to_contain_text("Title 00000")
    table.evaluate("node => (node.scrollTop = node.scrollHeight)")
    expect(rows(page).last).to_contain_text("Title 19999")
    assert rows(page).count() < 60
    table.evaluate("node => (node.scrollTop = node.scrollHeight / 2)")
    expect(rows(page).filter(has_text="Title 10000")).to_be_visible()


def test_rows_are_searched_filtered_and_sorted(open_page) -> None:
    page = open_page("library")
    choose_library(page, "many")
    page.get_by_role("searchbox", name="Search").fill("album 1999")
    expect(page.get_by_text("12 songs", exact=True)).to_be_visible()
    page.get_by_role("button", name="Confidence").click()
    first = rows(page).first.locator(".confidence .number")
    expect(page.locator("th.confidence")).to_have_attribute("aria-sort", "descending")
    assert share(first.inner_text()) >= share(rows(page).nth(5).inner_text())
    page.get_by_label("Confidence at most, percent").fill("50")
    page.keyboard.press("Enter")
    expect(first).to_have_text(re.compile(r"^([1-4]?\d|50) %$"))
    page.get_by_role("searchbox", name="Search").clear()
    jazz = page.get_by_role("group", name="Songs by genre").get_by_role("button", name="jazz")
    jazz.click()
    expect(jazz).to_have_attribute("aria-pressed", "true")
    expect(rows(page).first).to_contain_text("jazz 50 %", use_inner_text=True)
    assert all("jazz" in row.inner_text() for row in rows(page).all())


def share(text: str) -> int:
    return int(re.findall(r"(\d+) %", text)[-1])


def test_arrow_keys_walk_and_enter_opens(open_page) -> None:
    page = open_page("library")
    choose_library(page, "many")
    rows(page).first.focus()
    page.keyboard.press("End")
    expect(rows(page).last).to_be_focused()
    expect(rows(page).last).to_contain_text("Title 19999")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="Title 19998")
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name="Songs like it").click()
    expect(sheet.locator(".alike li")).to_have_count(10)
    page.keyboard.press("Escape")
    expect(sheet).not_to_be_attached()


def test_tags_are_planned_applied_and_taken_back(open_page, home: Path) -> None:
    album = home / "album" / "Singer" / "Album"
    before = {path: path.read_bytes() for path in album.iterdir()}
    page = open_page("library")
    choose_library(page, "album")
    page.get_by_role("button", name="Scan and classify").click()
    expect(page.get_by_text("album: 3 songs, all classified by toy")).to_be_visible()
    page.get_by_role("button", name="Tag changes").click()
    page.get_by_role("button", name="Make a plan").click()
    diff = page.locator("table.diff tbody tr")
    expect(diff).to_have_count(2)
    page.get_by_role("checkbox", name="Write 01 song.flac").check()
    page.get_by_role("checkbox", name="Write 02 song.flac").uncheck()
    page.get_by_role("textbox", name="New value of 01 song.flac").fill("trip hop")
    page.get_by_role("button", name="Apply 1 change").click()
    expect(page.get_by_text("Done: 1 written.")).to_be_visible()
    genres = {path.name[:2]: mutagen.flac.FLAC(path).get("genre") for path in before}
    assert genres == {"01": ["trip hop"], "02": None, "03": ["Polka"]}
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Done: 1 restored.")).to_be_visible()
    assert {path: path.read_bytes() for path in album.iterdir()} == before


def test_a_long_plan_is_read_page_by_page(open_page) -> None:
    page = open_page("library")
    choose_library(page, "many")
    page.get_by_role("button", name="Tag changes").click()
    page.get_by_label("What to do").select_option("replace")
    page.get_by_role("button", name="Make a plan").click()
    rows = page.locator("table.diff tbody tr")
    expect(rows).to_have_count(100)
    place = page.get_by_role("status").filter(has_text="rows 1 to 100 of ")
    total = int(place.inner_text().rpartition(" ")[2].replace(",", ""))
    assert total > 10_000
    expect(page.get_by_role("button", name="Back")).to_be_disabled()
    first = rows.first.inner_text()
    page.get_by_role("checkbox").nth(1).uncheck()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("rows 101 to 200 of ")).to_be_visible()
    assert rows.first.inner_text() != first
    page.get_by_label("Page").fill("9999")
    page.get_by_label("Page").press("Enter")
    expect(page.get_by_text(f"to {total:,} of {total:,}")).to_be_visible()
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    page.get_by_label("Page").fill("1")
    page.get_by_label("Page").press("Enter")
    expect(page.get_by_text("rows 1 to 100 of ")).to_be_visible()
    assert rows.first.inner_text() == first
    expect(page.get_by_role("checkbox").nth(1)).not_to_be_checked()


def test_the_map_shows_plays_and_can_be_walked(open_page) -> None:
    page = open_page("map")
    choose_library(page, "many")
    chart = page.get_by_role("application", name="Map of 20,000 songs")
    chart.focus()
    page.keyboard.press("ArrowRight")
    first = page.locator(".card .name")
    expect(first).to_have_text(re.compile(r"Title \d+"))
    name = first.inner_text()
    page.keyboard.press("ArrowDown")
    expect(first).not_to_have_text(name)
    page.keyboard.press("+")
    page.keyboard.press("Space")
    expect(page.get_by_label("Player").get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
