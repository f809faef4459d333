"""Styles, moods, voices and instruments on the page, and its hint that a newer model exists."""

from __future__ import annotations

from pathlib import Path

import pytest
from manysongs import fill_index
from playwright.sync_api import Browser, Page, expect

from conftest import PATIENCE, serving
from genrescope.inference.registry import default_model_name
from toymodel import write_toy_model

pytestmark = pytest.mark.slow


@pytest.fixture
def library(open_page) -> Page:
    page = open_page("library")
    shown = page.locator("section:not([hidden])")
    shown.get_by_label("Library", exact=True).select_option("many")
    expect(page.get_by_text("20,000 songs", exact=True)).to_be_visible()
    return page


def rows(page: Page):
    return page.locator("table.library tbody tr[data-place]")


def counted(page: Page):
    return page.locator("#library p.number")


def test_rows_are_filtered_by_style_and_mood(library: Page) -> None:
    expect(rows(library).first.locator(".genre small")).to_have_text("techno · happy")
    style = library.get_by_label("Style", exact=True)
    expect(style.locator("option")).to_have_text(["any", "techno (6667)", "ambient (6667)"])
    style.select_option("style:ambient")
    expect(library.get_by_text("6,667 songs", exact=True)).to_be_visible()
    expect(rows(library).first).to_contain_text("Title 00001")
    library.get_by_label("Mood", exact=True).select_option("mood:happy")
    expect(counted(library)).to_have_text("0 songs")
    style.select_option("any")
    expect(library.get_by_text("6,667 songs", exact=True)).to_be_visible()
    expect(rows(library).first).to_contain_text("Title 00000")


def test_what_is_shown_can_be_had_as_a_playlist(library: Page) -> None:
    library.get_by_role("searchbox", name="Search").fill("album 0001")
    library.get_by_label("Style", exact=True).select_option("style:techno")
    expect(library.get_by_text("3 songs", exact=True)).to_be_visible()
    with library.expect_download() as download:
        library.get_by_role("link", name="Playlist of these").click()
    assert download.value.suggested_filename == "genrescope.m3u8"
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[:3] == [
        "#EXTM3U",
        "#EXTINF:-1,Artist 000 - Title 00012",
        "Artist 000/Album 0001/02 Title.flac",
    ]
    assert len(lines) == 7


def test_songs_that_contradict_their_tag_are_marked(library: Page) -> None:
    box = library.get_by_label("Only what contradicts its tag, album or artist")
    box.focus()
    library.keyboard.press("Space")
    expect(rows(library).first.locator(".genre small")).to_contain_text("not: tag ")
    rows(library).first.click()
    facts = library.get_by_role("dialog").locator("dl")
    expect(facts).to_contain_text("Contradicts")


def test_a_song_shows_its_labels_and_what_is_like_it_within_its_style(library: Page) -> None:
    rows(library).first.click()
    sheet = library.get_by_role("dialog")
    chips = sheet.get_by_role("list", name="Styles, moods, voices, instruments")
    expect(chips.get_by_role("listitem")).to_have_text(["Style techno", "Mood happy"])
    sheet.get_by_label("Songs like it, of which style").select_option("style:techno")
    expect(sheet.locator(".alike li")).to_have_count(10)
    titles = sheet.locator(".alike .name").all_inner_texts()
    assert all(int(title.split()[-1]) % 3 == 0 for title in titles)


def test_the_map_is_coloured_by_style(open_page) -> None:
    page = open_page("map")
    shown = page.locator("section:not([hidden])")
    shown.get_by_label("Library", exact=True).select_option("many")
    expect(page.get_by_text("20,000 songs by the two directions")).to_be_visible()
    page.get_by_label("Colours").select_option("Style")
    band = page.get_by_role("group", name="Songs by style")
    expect(band.get_by_role("button")).to_have_text(
        ["Tetechno 6,667", "Amambient 6,667", "?unknown 6,666"]
    )
    band.get_by_role("button", name="techno").click()
    expect(band.get_by_role("button", name="techno")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Colours").select_option("Genre")
    genres = page.get_by_role("group", name="Songs by genre")
    expect(genres.get_by_role("button", name="reggae")).to_be_visible()


def test_only_the_map_that_is_shown_follows_the_theme(open_page) -> None:
    page = open_page("map")
    shown = page.locator("section:not([hidden])")
    shown.get_by_label("Library", exact=True).select_option("many")
    expect(page.get_by_role("application")).to_be_visible()
    debugger = page.context.new_cdp_session(page)
    window = debugger.send("Runtime.evaluate", {"expression": "window"})["result"]["objectId"]
    for colours in ("Style", "Genre", "Mood"):
        page.get_by_label("Colours").select_option(colours)
        page.get_by_label("Theme").select_option("dark" if colours == "Genre" else "light")
    found = debugger.send("DOMDebugger.getEventListeners", {"objectId": window})["listeners"]
    assert [item["type"] for item in found].count("theme") == 1


def test_the_page_hints_that_a_newer_model_can_classify_all_again(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_toy_model(tmp_path / "models" / "toy")
    monkeypatch.setenv("GENRESCOPE_MODELS", str(tmp_path / "models"))
    for name, model in (("earlier", "descriptors"), ("own", "toy")):
        (tmp_path / name).mkdir()
        fill_index(tmp_path / name, tmp_path / "data", 20, model=model)
    hint = f"An earlier model's results count; {default_model_name()} can classify all again."
    with serving(tmp_path, "earlier", "own") as address:
        page = chromium.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}#library")
        expect(page.get_by_text(hint)).to_be_visible()
        shown = page.locator("section:not([hidden])")
        shown.get_by_label("Library", exact=True).select_option("own")
        expect(page.get_by_text("all classified by toy")).to_be_visible()
        expect(page.get_by_text("20 songs", exact=True)).to_be_visible()
        expect(page.get_by_text(hint)).to_be_hidden()
        page.close()
