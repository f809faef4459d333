"""Killed at random moments, the writing of tags loses nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import tag_kill
from genrescope.library.tagging.tagfile import write_field


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_nothing_is_lost_when_killed(tmp_path):
    """In a process of its own, which forks: this one has threads."""
    result = tmp_path / "result.json"
    command = [sys.executable, tag_kill.__file__, str(result), "--kills", "25", "--seed", "7"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    found = json.loads(result.read_text(encoding="utf-8"))
    assert found["kills"] == 25
    assert (found["faults"], found["refused"], found["copies left over"]) == ([], [], 0)
    assert found["songs restored byte for byte"] == found["songs"]


def test_the_kill_test_sees_faults(tmp_path):
    songs = tag_kill.Songs.made(tmp_path)
    old = songs.values()
    new = (("Jazz",), (), (), ())
    assert songs.faults(old, new) == []
    song, retagged, *_ = songs.first
    data = bytearray(song.read_bytes())
    data[-len(data) // 4] ^= 1
    song.write_bytes(data)
    write_field(retagged, "genre", ("Neither",))
    write_field(retagged, "comment", ("another",))
    assert [fault.partition(": ")[2].split(",")[0] for fault in songs.faults(old, new)] == [
        *("another sound", "values (('Neither'"),
        "other tags changed",
    ]
    assert songs.restored() == len(songs.first) - 2
