"""Labels by hand on the page: a song's genre corrected, and the songs that would help most."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow


def open_album(open_page) -> Page:
    page = open_page("library")
    page.locator("section:not([hidden])").get_by_label("Library", exact=True).select_option("album")
    page.get_by_role("button", name="Scan and classify").click()
    expect(page.get_by_text("album: 3 songs, all classified by toy")).to_be_visible()
    return page


def test_a_genre_is_corrected_and_still_there_when_the_song_is_opened_again(open_page) -> None:
    page = open_album(open_page)
    rows = page.locator("table.library tbody tr[data-place]")
    rows.first.click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Right genre").fill("Deep House; Warm-up")
    sheet.get_by_role("button", name="Keep").click()
    expect(sheet.get_by_text("Kept.")).to_be_visible()
    page.keyboard.press("Escape")
    rows.first.click()
    expect(sheet.get_by_label("Right genre")).to_have_value("Deep House; Warm-up")
    sheet.get_by_label("Right genre").clear()
    sheet.get_by_role("button", name="Keep").click()
    expect(sheet.get_by_text("Forgotten.")).to_be_visible()


def test_songs_to_label_are_listed_until_they_are_labelled(open_page) -> None:
    page = open_album(open_page)
    page.get_by_role("button", name="Labels", exact=True).click()
    items = page.locator("li[data-song]")
    expect(items).to_have_count(3)
    items.first.get_by_label("Right genre").fill("Polka")
    items.first.get_by_label("Right genre").press("Enter")
    expect(items.first.get_by_text("Kept.")).to_be_visible()
    page.get_by_role("button", name="Other songs").click()
    expect(items).to_have_count(2)
    expect(page.get_by_text("1 song labelled by hand so far.")).to_be_visible()
