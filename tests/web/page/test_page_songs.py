"""Songs on the page: dropped, classified, seen over time, played, exported."""

from __future__ import annotations

import base64
import csv
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tones import write_album, write_tone

pytestmark = pytest.mark.slow

# What a person's drop does: a DataTransfer with files, sent to the page's own listener.
DROP = """(songs) => {
    const transfer = new DataTransfer();
    for (const [name, data] of songs) {
        const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: "audio/flac" }));
    }
    const drop = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.querySelector(".zone").dispatchEvent(drop);
}"""


@pytest.fixture
def page(open_page) -> Page:
    page = open_page()
    if page.get_by_role("button", name="Clear").is_visible():
        page.get_by_role("button", name="Clear").click()
    expect(page.locator(".song")).to_have_count(0)
    return page


def drop(page: Page, *songs: Path) -> None:
    data = [[song.name, base64.b64encode(song.read_bytes()).decode()] for song in songs]
    page.evaluate(DROP, data)
    expect(page.locator(".song")).to_have_count(len(songs))


def choose(page: Page, *songs: Path) -> None:
    page.get_by_label("Songs", exact=True).and_(page.locator("input")).set_input_files(songs)
    expect(page.locator(".song")).to_have_count(len(songs))


def test_a_dropped_song_gets_a_genre(page: Page, tmp_path: Path) -> None:
    song = write_tone(tmp_path / "dröp.flac", 500)
    drop(page, song)
    row = page.locator(".song")
    expect(row).to_contain_text("dröp.flac")
    expect(row.get_by_role("listitem")).to_have_count(3)
    expect(row).to_contain_text("0:08")
    expect(page.get_by_role("status").filter(has_text="dröp.flac: ")).to_be_attached()


def test_it_is_played_from_where_the_strip_is_pressed(page: Page, tmp_path: Path) -> None:
    choose(page, write_tone(tmp_path / "song.flac", 600))
    page.get_by_role("button", name="More about song.flac").click()
    place = page.get_by_role("slider", name="Place in the song")
    expect(place).to_have_attribute("aria-valuemax", "8")
    box = place.bounding_box()
    assert box is not None
    place.click(position={"x": box["width"] * 0.75, "y": box["height"] - 5})
    expect(page.get_by_label("Player").get_by_role("button", name="Pause")).to_be_visible()
    expect(place).to_have_attribute("aria-valuetext", re.compile(r"0:0[678] of 0:08, \w+, \d+ %"))
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Play song.flac")).to_be_visible()


def test_reasons_and_pictures_come_when_requested(page: Page, tmp_path: Path) -> None:
    choose(page, write_tone(tmp_path / "song.flac", 700))
    page.get_by_role("button", name="More about song.flac").click()
    page.get_by_role("button", name="Why this genre?").click()
    expect(page.locator(".why")).to_contain_text("balance of bass and treble suggests")
    for name in ("Sonogram", "Rhythm Pattern"):
        page.get_by_role("button", name=name).click()
        image = page.get_by_role("img", name=name)
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 200


def test_export_holds_what_is_shown(page: Page, tmp_path: Path) -> None:
    choose(page, write_tone(tmp_path / "one.flac", 300), write_tone(tmp_path / "two.flac", 900))
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    with download.value.path().open(newline="") as file:
        rows = list(csv.DictReader(file))
    shown = page.locator(".song .genre").all_inner_texts()
    assert [row["genre"] for row in rows] == shown
    with page.expect_download() as download:
        page.get_by_role("link", name="Export JSON").click()
    songs = json.loads(download.value.path().read_bytes())
    assert [song["genre"] for song in songs] == shown


def test_the_threshold_changes_genres_at_once(page: Page, tmp_path: Path) -> None:
    choose(page, write_tone(tmp_path / "song.flac", 400))
    page.get_by_role("link", name="Model").click()
    page.get_by_role("slider", name="Threshold").fill("1")
    page.get_by_role("link", name="Songs", exact=True).click()
    expect(page.locator(".song .genre")).to_have_text("unknown")
    assert "threshold=1" in str(page.get_by_role("link", name="Export CSV").get_attribute("href"))


def test_shares_of_genres_change_predictions_at_once(page: Page, tmp_path: Path) -> None:
    choose(page, write_tone(tmp_path / "song.flac", 400))
    page.get_by_role("link", name="Model").click()
    page.get_by_role("button", name="All alike").click()
    page.get_by_role("slider", name="metal").fill("0.9")
    page.get_by_role("slider", name="jazz").fill("0.002")
    songs = page.get_by_role("link", name="Songs", exact=True)
    songs.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export JSON").click()
    top = json.loads(download.value.path().read_bytes())[0]["top"]
    shown = page.locator(".song .bars li").all_inner_texts()
    expected = [f"{item['genre']} {percent(item['probability'])}" for item in top]
    assert [" ".join(text.split()) for text in shown] == expected


def percent(share: float) -> str:
    return "<1 %" if share < 0.005 else f"{100 * share:.0f} %"


def test_what_is_no_music_is_marked(page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no music at all" * 100)
    choose(page, broken)
    expect(page.locator(".song .failure")).not_to_be_empty()
    expect(page.locator(".tools")).to_contain_text("1 song, 1 failed")


def test_songs_stand_as_they_were_dropped(page: Page, tmp_path: Path) -> None:
    """Long ones first, so that they are not the first to be ready; in no order of their names."""
    lengths = {"z.flac": 90.0, "b.flac": 30.0, "y.flac": 8.0, "a.flac": 8.0}
    songs = [write_tone(tmp_path / name, 500, length) for name, length in lengths.items()]
    drop(page, *songs)
    assert page.locator(".song .name").all_inner_texts() == list(lengths)
    page.reload()
    expect(page.locator(".song")).to_have_count(4)
    assert page.locator(".song .name").all_inner_texts() == list(lengths)


def test_songs_have_artist_and_title_of_their_tags_or_names(page: Page, tmp_path: Path) -> None:
    write_album(tmp_path)
    tagged = tmp_path / "Singer" / "Album" / "01 song.flac"
    plain = write_tone(tmp_path / "Somebody - Another song.flac", 300)
    choose(page, tagged, plain)
    names = page.locator(".song .name")
    expect(names).to_have_text(["Song 1", "Another song"])
    lines = page.locator(".song .about small").all_inner_texts()
    assert lines[0].startswith("Singer · Album · 0:08")
    assert lines[1].startswith("Somebody · 0:08")


def test_the_legend_distinguishes_failed_from_unknown(page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no music at all" * 100)
    choose(page, write_tone(tmp_path / "song.flac", 400), broken)
    page.get_by_role("link", name="Model").click()
    page.get_by_role("slider", name="Threshold").fill("1")
    page.get_by_role("link", name="Songs", exact=True).click()
    legend = page.get_by_role("group", name="Songs by genre")
    expect(legend.get_by_role("button")).to_have_text(
        [re.compile("unknown 1"), re.compile("failed 1")]
    )
    assert legend.locator(".tile").all_inner_texts() == ["?", "!"]
    legend.get_by_role("button", name="failed").click()
    expect(page.locator(".song:visible")).to_have_count(1)
    expect(page.locator(".song:visible")).to_contain_text("broken.mp3")
