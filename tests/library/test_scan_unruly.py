"""Scanning what is no song, or not one that a tag library can bear: named, and nothing stops."""

from __future__ import annotations

import os
import random
import shutil
import socket
from pathlib import Path

import pytest

from genrescope.library.index.database import Index
from genrescope.library.index.scan import Changes, scan
from genrescope.library.index.status import status
from songfiles import SUFFIXES, write_song

pytest.importorskip("mutagen")

CASES = Path(__file__).parent.parent / "cases"
YEAR_2300, YEAR_1900 = 10_413_792_000, -2_208_988_800  # seconds since 1970


def scanned(root: Path, tmp_path: Path) -> tuple[Changes, dict[str, str]]:
    """What a scan found, and the problems that the index names."""
    with Index(root, tmp_path / "index.sqlite") as index:
        changes = scan(index)
        return changes, {str(place): why for place, why in status(index).problems}


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    write_song(folder / "fine.mp3", 1, 0.3)
    return folder


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_sockets_and_devices_are_passed_over_and_named(music: Path, tmp_path: Path) -> None:
    os.mkfifo(music / "pipe.mp3")
    (music / "endless.mp3").symlink_to("/dev/zero")
    (music / "linked.mp3").symlink_to(music / "pipe.mp3")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(music / "socket.mp3"))
    changes, problems = scanned(music, tmp_path)
    assert (changes.new, changes.failed) == (1, 0)
    assert {os.fsdecode(item.path): item.problem for item in changes.unreadable} == dict.fromkeys(
        ("pipe.mp3", "endless.mp3", "socket.mp3"), "not a regular file"
    )
    assert set(problems) >= {"pipe.mp3", "endless.mp3", "socket.mp3"}


@pytest.mark.parametrize("second", [YEAR_2300, YEAR_1900])
def test_times_that_are_no_64_bit_nanoseconds(music: Path, tmp_path: Path, second: int) -> None:
    try:
        os.utime(music / "fine.mp3", (second, second))
    except OSError:
        pytest.skip("this file system has no such times")
    assert scanned(music, tmp_path)[0].new == 1
    assert scanned(music, tmp_path)[0].unchanged == 1


@pytest.mark.parametrize("name", ["name.wma", "type.wma"])
def test_attributes_that_the_tag_library_cannot_bear(
    music: Path, tmp_path: Path, name: str
) -> None:
    shutil.copy(CASES / "wma_attribute" / name, music / name)
    changes, problems = scanned(music, tmp_path)
    assert changes.new == 2
    assert problems.get(name) or not changes.failed  # read, or named


def _mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes after one of the things that happen to files."""
    place = chance.randrange(min(len(data), 4096))
    length = chance.randrange(1, 64)
    content = bytearray(data)
    kind = chance.randrange(5)
    if kind == 0:
        content[place] ^= 1 << chance.randrange(8)
    elif kind == 1:
        content[place : place + length] = chance.randbytes(length)
    elif kind == 2:
        del content[place : place + length]
    elif kind == 3:
        content[place:place] = content[place : place + length]
    else:
        del content[place:]
    return bytes(content)


@pytest.mark.slow
def test_mutated_files_of_every_format_stop_no_scan_and_no_plan(tmp_path: Path) -> None:
    chance = random.Random(15)
    music = tmp_path / "music"
    music.mkdir()
    originals = [CASES / "wma_attribute" / "type.wma", CASES / "wma_attribute" / "name.wma"]
    originals += [write_song(tmp_path / f"song{suffix}", 1, 0.3) for suffix in SUFFIXES]
    for number in range(600):
        original = originals[number % len(originals)]
        name = f"{number:03}{original.suffix}"
        (music / name).write_bytes(_mutated(original.read_bytes(), chance))
    with Index(music, tmp_path / "index.sqlite") as index:
        changes = scan(index, jobs=1)
        assert changes.new + changes.failed == 600
        assert all(why for _, why in status(index).problems)
        assert scan(index, jobs=1).unchanged == changes.new
