"""Watching: what comes is taken in once it is complete."""

from __future__ import annotations

from pathlib import Path

import pytest
from knowledge import make_index

from genrescope.library.index.scan import Changes
from genrescope.library.index.watching import watch
from songfiles import write_song

pytest.importorskip("mutagen")


class StopError(Exception):
    """The end of a watch that has none."""


@pytest.fixture
def index(tmp_path: Path):
    with make_index(tmp_path) as opened:
        yield opened


def run(index, steps) -> list[tuple[int, Changes]]:
    """Watch; between looks do the steps, and note which look saw what."""
    seen: list[tuple[int, Changes]] = []
    waited = 0

    def wait(seconds: float) -> None:
        nonlocal waited
        if waited == len(steps):
            raise StopError
        steps[waited]()
        waited += 1

    with pytest.raises(StopError):
        watch(index, lambda changes: seen.append((waited, changes)), interval=0.1, wait=wait)
    return seen


def nothing() -> None:
    pass


def test_a_file_is_taken_in_when_it_rests(index, tmp_path: Path):
    data = write_song(tmp_path / "song.flac").read_bytes()
    growing, whole = index.root / "growing.flac", index.root / "whole.flac"
    seen = run(
        index,
        [
            lambda: (growing.write_bytes(data[:1000]), whole.write_bytes(data)),
            lambda: growing.write_bytes(data[:5000]),
            lambda: growing.write_bytes(data),
            nothing,
            nothing,
        ],
    )
    assert [(when, changes.new) for when, changes in seen] == [(2, 1), (4, 1)]


def test_what_goes_is_forgotten_at_once(index):
    song = write_song(index.root / "song.flac")
    seen = run(index, [nothing, song.unlink, nothing, nothing])
    assert [(when, changes.new, changes.removed) for when, changes in seen] == [
        (1, 1, 0),
        (2, 0, 1),
    ]
