"""A real browser before a real server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from manysongs import fill_index
from playwright.sync_api import Browser, Page, expect, sync_playwright
from somerecords import write_records
from tones import write_album

from children import child
from toymodel import write_toy_model

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MANY = 20_000
PATIENCE = 120_000  # ms, on a machine that is busy with other tests

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None and "CI" not in os.environ:
        pytest.skip("there is no chromium")
    assert path is not None
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, two libraries and benchmark results; the user's data goes here."""
    folder = tmp_path_factory.mktemp("page")
    write_toy_model(folder / "models" / "toy", threshold=0.2)
    write_album(folder / "album")
    (folder / "many").mkdir()
    fill_index(folder / "many", folder / "data", MANY)
    write_records(folder / "results")
    return folder


@pytest.fixture(scope="session")
def address(home: Path) -> Iterator[str]:
    """Where the server serves, a process of its own."""
    with serving(home, "album", "many", "--results", "results") as found:
        yield found


@contextmanager
def serving(home: Path, *arguments: str) -> Iterator[str]:
    command = [sys.executable, "-m", "genrescope", "serve", "--no-browser", "--port", "0"]
    places = {"GENRESCOPE_MODELS": str(home / "models"), "XDG_DATA_HOME": str(home / "data")}
    command += ["--model", "toy", "--jobs", "1", *arguments]
    environment = os.environ | places | {"PYTHONUNBUFFERED": "1"}
    with child(command, cwd=home, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.search(r"http://\S+", first)
        assert found, first
        yield found[0]
        process.terminate()
        process.wait(30)


@pytest.fixture
def open_page(chromium: Browser, address: str) -> Iterator[Open]:
    """Opens the page; at the end no script may have failed, and nothing have been refused."""
    faults: list[str] = []
    with ExitStack() as stack:

        def open_one(view: str = "songs", **options: object) -> Page:
            context = chromium.new_context(reduced_motion="reduce", **options)  # type: ignore[arg-type]
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on(
                "console", lambda message: message.type == "error" and faults.append(message.text)
            )
            page.goto(f"{address}#{view}" if view else address)
            page.locator(f"#{view or 'songs'}-title").wait_for()
            return page

        yield open_one
    assert faults == []
