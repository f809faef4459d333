"""A new version takes the place of the old one only while that is what it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from genrescope.library.tagging.replacing import RefusedError, put_in_place


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A file of two names, and its new version beside it."""
    (tmp_path / "song").write_bytes(b"old")
    os.link(tmp_path / "song", tmp_path / "other name")
    (tmp_path / "new").write_bytes(b"new")
    return tmp_path / "song"


def test_another_name_that_goes_meanwhile_is_no_change(song: Path, tmp_path: Path) -> None:
    like = song.stat()
    put_in_place(tmp_path / "new", tmp_path / "other name", like)
    (tmp_path / "new").write_bytes(b"new, too")
    put_in_place(tmp_path / "new", song, like)
    assert song.read_bytes() == b"new, too"
    assert (tmp_path / "other name").read_bytes() == b"new"


@pytest.mark.parametrize("unlinked", [False, True])
def test_a_change_meanwhile_is_refused(song: Path, tmp_path: Path, unlinked: bool) -> None:
    like = song.stat()
    if unlinked:
        (tmp_path / "other name").unlink()
    song.write_bytes(b"abc")
    os.utime(song, ns=(like.st_atime_ns, like.st_mtime_ns + 1000))
    with pytest.raises(RefusedError, match="another program has just changed it"):
        put_in_place(tmp_path / "new", song, like)
    assert song.read_bytes() == b"abc"


def test_changed_rights_are_a_change(song: Path, tmp_path: Path) -> None:
    like = song.stat()
    song.chmod(0o600)
    with pytest.raises(RefusedError):
        put_in_place(tmp_path / "new", song, like)
