"""Scanning: what a library's index has after anything was done to its files."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from genrescope.errors import DataError, UsageError
from genrescope.library.index.database import Index
from genrescope.library.index.models import model_numbered
from genrescope.library.index.scan import Changes, scan
from genrescope.library.index.walk import Unreadable
from genrescope.library.tagging.plan import split_values
from songfiles import SUFFIXES, write_song

pytest.importorskip("mutagen")
from genrescope.library.tagging.tagfile import write_field

needs_links = pytest.mark.skipif(not hasattr(os, "symlink"), reason="no symbolic links here")


def reads_everything() -> bool:
    """Whether rights are nothing to this process, as to root."""
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).chmod(0)
        return os.access(file.name, os.R_OK)


as_user = pytest.mark.skipif(reads_everything(), reason="root may read everything")


@pytest.fixture(scope="session")
def originals(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("originals")
    return [write_song(folder / f"{i}{s}", i, 0.3) for i, s in enumerate((*SUFFIXES, ".mp3"))]


def update(root: Path, index: Path, **options: object) -> Changes:
    with Index(root, index) as opened:
        return scan(opened, **options)


def known(root: Path, index: Path) -> dict[str, tuple[bytes, str]]:
    with Index(root, index) as opened:
        rows = opened.rows("SELECT path, audio, genres FROM files")
        return {os.fsdecode(path): (audio, genres) for path, audio, genres in rows}


NAMES = st.sampled_from(["a", "b", "c d", "é", os.fsdecode(b"caf\xe9"), "100%"])


class Library(RuleBasedStateMachine):
    """A folder to which anything happens, beside a model of it."""

    files = Bundle("files")

    def __init__(self) -> None:
        super().__init__()
        self.home = self.base.mktemp("library")
        self.root, self.index = self.home / "music", self.home / "index.sqlite"
        self.root.mkdir()
        self.now: dict[str, tuple[int, tuple[str, ...]]] = {}  # path -> (song, genres)
        self.before: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.written: set[str] = set()

    def path(self, folder: str, name: str, song: int) -> str:
        return f"{folder}/{name}{self.originals[song].suffix}"

    @rule(target=files, folder=NAMES, name=NAMES, song=st.integers(0, 8))
    def create(self, folder: str, name: str, song: int) -> str:
        path = self.path(folder, name, song)
        (self.root / folder).mkdir(exist_ok=True)
        shutil.copyfile(self.originals[song], self.root / path)
        self.now[path] = song, ()
        self.written.add(path)
        return path

    @rule(path=files)
    def delete(self, path: str) -> None:
        if path in self.now:
            (self.root / path).unlink()
            del self.now[path]

    @rule(target=files, path=files, folder=NAMES, name=NAMES)
    def move(self, path: str, folder: str, name: str) -> str:
        if path not in self.now:
            return path
        target = self.path(folder, name, self.now[path][0])
        (self.root / folder).mkdir(exist_ok=True)
        (self.root / path).replace(self.root / target)
        self.now[target] = self.now.pop(path)
        self.written.add(target)
        return target

    @rule(path=files, genres=st.lists(st.sampled_from(["Rock", "Jazz", "Folk"]), max_size=1))
    def retag(self, path: str, genres: list[str]) -> None:
        if path in self.now and self.now[path][1] != tuple(genres):
            write_field(self.root / path, "genre", tuple(genres))
            self.now[path] = self.now[path][0], tuple(genres)
            self.written.add(path)

    @rule()
    def look(self) -> None:
        changes = update(self.root, self.index, jobs=1)
        stored = known(self.root, self.index)
        assert {path: split_values(genres) for path, (_, genres) in stored.items()} == {
            path: genres for path, (_, genres) in self.now.items()
        }
        songs = {audio: self.now[path][0] for path, (audio, _) in stored.items()}
        assert all(songs[audio] == self.now[path][0] for path, (audio, _) in stored.items())
        self.compare(changes)
        self.before, self.written = dict(self.now), set()

    def compare(self, changes: Changes) -> None:
        same = self.before.keys() & self.now.keys()
        went = [song for path, (song, _) in self.before.items() if path not in self.now]
        came = [song for path, (song, _) in self.now.items() if path not in self.before]
        moved = sum(min(went.count(song), came.count(song)) for song in set(came))
        changed = sum(self.before[path][0] != self.now[path][0] for path in same)
        expected = (len(came) - moved, changed, moved, len(went) - moved, 0)
        got = (changes.new, changes.changed, changes.moved, changes.removed, changes.failed)
        assert got == expected
        touched = len(same & self.written)
        assert changes.retagged + changes.changed <= touched
        assert changes.unchanged >= len(same) - touched

    @invariant()
    def a_second_look_finds_nothing(self) -> None:
        if not self.written and self.before == self.now and self.before:
            assert not update(self.root, self.index, jobs=1).any


def test_anything_that_happens_to_files_is_seen(originals, tmp_path_factory) -> None:
    Library.base, Library.originals = tmp_path_factory, originals
    Library.TestCase.settings = settings(
        max_examples=20,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    Library.TestCase("runTest").runTest()


@pytest.fixture
def music(originals, tmp_path: Path) -> Path:
    root = tmp_path / "music"
    (root / "rock").mkdir(parents=True)
    shutil.copy(originals[0], root / "rock" / "one.mp3")
    shutil.copy(originals[1], root / "two.FLAC")
    return root


def test_what_is_no_music_or_hidden_is_left_out(music: Path, originals, tmp_path: Path):
    shutil.copy(originals[0], music / ".hidden.mp3")
    for folder in (".Trash", "@eaDir"):
        (music / folder).mkdir()
        shutil.copy(originals[0], music / folder / "old.mp3")
    (music / "cover.jpg").write_bytes(b"picture")
    index = tmp_path / "index"
    assert update(music, index).new == 2
    assert set(known(music, index)) == {"rock/one.mp3", "two.FLAC"}
    assert update(music, index, hidden=True).new == 3


@needs_links
def test_links_are_followed_once_and_never_in_circles(music: Path, originals, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.copy(originals[2], outside / "three.ogg")
    (music / "more").symlink_to(outside)
    (outside / "back").symlink_to(music)
    (music / "rock" / "loop").symlink_to("loop")
    (music / "again.mp3").symlink_to(music / "rock" / "one.mp3")
    (music / "elsewhere.ogg").symlink_to(outside / "three.ogg")
    (music / "broken.mp3").symlink_to("nothing.mp3")
    changes = update(music, tmp_path / "index")
    expected = {"rock/one.mp3", "two.FLAC", "more/three.ogg", "elsewhere.ogg"}
    assert set(known(music, tmp_path / "index")) == expected
    assert [place.path for place in changes.unreadable] == [b"broken.mp3"]


def test_what_is_no_sound_and_has_no_tags_is_kept_with_its_problem(music: Path, tmp_path: Path):
    (music / "text.mp3").write_bytes(b"no music")
    (music / "empty.flac").touch()
    assert update(music, tmp_path / "index").failed == 0
    with Index(music, tmp_path / "index") as index:
        rows = dict(index.rows("SELECT path, tags_problem FROM files WHERE tags_problem != ''"))
    assert set(rows) == {b"text.mp3", b"empty.flac"}


def test_what_cannot_be_read_is_kept_and_reported(music: Path, tmp_path: Path, monkeypatch):
    index = tmp_path / "index"
    update(music, index)
    shutil.rmtree(music / "rock")
    (music / "two.FLAC").unlink()
    real = os.scandir

    def refuse(path: bytes) -> object:
        if path.endswith(b"rock"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    (music / "rock").mkdir()
    (music / "rock2").mkdir()
    monkeypatch.setattr(os, "scandir", refuse)
    changes = update(music, index)
    assert changes.unreadable == [Unreadable(b"rock", "Permission denied")]
    assert (changes.removed, set(known(music, index))) == (1, {"rock/one.mp3"})
    monkeypatch.undo()
    assert update(music, index).removed == 1


@as_user
def test_a_file_that_could_not_be_read_is_tried_again(music: Path, tmp_path: Path):
    (music / "two.FLAC").chmod(0)
    changes = update(music, tmp_path / "index")
    assert (changes.new, changes.failed) == (1, 1)
    assert update(music, tmp_path / "index").failed == 1
    (music / "two.FLAC").chmod(0o600)
    assert update(music, tmp_path / "index").failed == 0
    assert all(audio for audio, _ in known(music, tmp_path / "index").values())


@as_user
def test_a_folder_without_rights_is_reported(music: Path, tmp_path: Path):
    (music / "rock").chmod(0)
    changes = update(music, tmp_path / "index")
    (music / "rock").chmod(0o700)
    assert [place.path for place in changes.unreadable] == [b"rock"]


def test_an_unchanged_size_and_time_hide_no_change(music: Path, tmp_path: Path):
    path = music / "rock" / "one.mp3"
    update(music, tmp_path / "index")
    status = path.stat()
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert update(music, tmp_path / "index").changed == 1


def test_many_files_are_read_in_worker_processes(music: Path, tmp_path: Path):
    for number in range(600):
        os.link(music / "two.FLAC", music / "rock" / f"{number}.flac")
    changes = update(music, tmp_path / "index", jobs=2)
    assert (changes.new, changes.failed) == (602, 0)
    assert len({audio for audio, _ in known(music, tmp_path / "index").values()}) == 2


def test_an_index_is_of_one_library(music: Path, tmp_path: Path):
    index = tmp_path / "index"
    update(music, index)
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(UsageError, match="is the index of"):
        Index(other, index)
    other.rmdir()
    music.rename(other)  # but it may be mounted elsewhere
    assert not update(other, index).any


def test_an_index_of_another_kind_is_refused(music: Path, tmp_path: Path):
    (tmp_path / "text").write_text("no database" * 100)
    with pytest.raises(DataError, match="cannot be used"):
        Index(music, tmp_path / "text")
    with sqlite3.connect(tmp_path / "later") as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(DataError, match="no index of format"):
        Index(music, tmp_path / "later")
    with pytest.raises(UsageError, match="no such folder"):
        Index(tmp_path / "nothing")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE about SET root = NULL",
        "UPDATE about SET root = CAST(X'C6C6' AS TEXT)",
        "INSERT INTO models VALUES (1, 'x', 'x', '[\"a\", ', 0.5, '2026', '{}')",
    ],
)
def test_a_damaged_index_is_named(music: Path, tmp_path: Path, damage: str) -> None:
    with Index(music, tmp_path / "index") as index:
        scan(index)
    with closing(sqlite3.connect(tmp_path / "index")) as database:
        database.execute(damage)
        database.commit()
    refused = pytest.raises(DataError, match=r"index: the index cannot be used: .*keep it")
    with refused, Index(music, tmp_path / "index") as index:
        model_numbered(index, 1)
