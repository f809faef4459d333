"""What holds for all views: results, keyboard, narrow screens, themes."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from conftest import serving
from genrescope.cli.experiments.benchmark import gtzan

pytestmark = pytest.mark.slow

VIEWS = ("songs", "library", "map", "results", "model")

LUMINANCE = """() => {
    const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);
    return (r + g + b) / 765;
}"""


def test_results_stand_side_by_side(open_page) -> None:
    page = open_page("results")
    expect(page.get_by_role("region", name="rp, student")).to_be_visible()
    expect(page.get_by_role("region", name="rp, perceptron")).to_be_visible()
    expect(page.get_by_role("img", name="Recall by genre")).to_be_visible()
    panel = page.get_by_role("region", name="rp, student")
    expect(panel.get_by_role("img", name="Log loss by epoch, 5 runs")).to_be_visible()
    expect(panel.get_by_role("img", name="Reliability")).to_be_visible()
    cell = panel.locator(".cell.right button").first
    songs = int(cell.inner_text())
    cell.click()
    expect(panel.locator(".cell-songs li")).to_have_count(songs)
    expect(panel.locator(".cell-songs li").first).to_contain_text("blues.")
    page.get_by_role("checkbox", name="rp, student").uncheck()
    expect(panel).not_to_be_attached()


@pytest.mark.parametrize("given", [False, True])
def test_an_empty_view_of_results_names_the_commands(
    chromium: Browser, home: Path, tmp_path: Path, given: bool
) -> None:
    """What it shows is a command of this program, and a folder that the program would take."""
    options = ["--results", str(tmp_path)] if given else []
    with serving(home, *options) as address:
        page = chromium.new_page()
        page.goto(f"{address}#results")
        commands = page.locator("#results .empty code")
        make = f"genrescope benchmark gtzan --output '{tmp_path}'"
        plain = ["genrescope benchmark gtzan", "genrescope serve --results benchmark-gtzan"]
        expect(commands).to_have_text([make] if given else plain)
        page.close()
    default = inspect.signature(gtzan).parameters["output"].default
    assert plain[1].endswith(f" {default}")


def test_the_keyboard_reaches_everything_in_order(open_page) -> None:
    page = open_page("")
    reached = []
    for _ in range(10):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("() => document.activeElement.textContent.trim()"))
    assert reached[:2] == ["Skip to the content", "genrescope"]
    assert reached[2:7] == ["Songs", "Library", "Map", "Results", "Model"]
    assert reached[8:] == ["Choose files", "Choose a folder"]
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_the_heading_is_focused_after_moving(open_page) -> None:
    page = open_page()
    page.get_by_role("link", name="Model").press("Enter")
    expect(page.get_by_role("heading", name="Model", level=2)).to_be_focused()
    expect(page).to_have_title("Model · genrescope")
    expect(page.get_by_role("link", name="Model")).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_wider_than_a_narrow_screen(open_page, view: str) -> None:
    page = open_page(view, viewport={"width": 360, "height": 720})
    page.wait_for_timeout(1500)  # what is fetched may be wide
    width = page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 360


def test_the_theme_follows_the_system_and_the_switch(open_page) -> None:
    dark = open_page(color_scheme="dark")
    assert dark.evaluate(LUMINANCE) < 0.2
    light = open_page(color_scheme="light")
    assert light.evaluate(LUMINANCE) > 0.9
    light.get_by_label("Theme").select_option("dark")
    assert light.evaluate(LUMINANCE) < 0.2
    light.reload()
    expect(light.get_by_label("Theme")).to_have_value("dark")
    assert light.evaluate(LUMINANCE) < 0.2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_on_genre_colours_can_be_read(open_page, scheme: str) -> None:
    page: Page = open_page("library", color_scheme=scheme)
    ratios = page.evaluate(CONTRASTS)
    assert len(ratios) == 13
    assert min(ratios) >= 4.5


CONTRASTS = """() => Array.from({ length: 13 }, (_, slot) => {
    const tile = document.createElement("span");
    tile.className = `tile g${slot}`;
    document.body.append(tile);
    const { color, backgroundColor } = getComputedStyle(tile);
    const [one, other] = [color, backgroundColor].map((text) => {
        const parts = text.match(/\\d+/g).map((part) => part / 255);
        const linear = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    });
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
})"""
