"""What differs between systems, as far as one of them can play the others.

Windows' own rules for paths are in the standard library everywhere (`ntpath`, `PureWindowsPath`);
its way to read names from bytes, and to report that a pipe's other end is gone, are played here.
"""

from __future__ import annotations

import ntpath
import os
import socket
import stat
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace

import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from engine.engine_work import troubled
from genrescope.audio.collect import collect
from genrescope.audio.playlist import read_playlist
from genrescope.engine import map_files
from genrescope.engine.attempt import Failure
from genrescope.files import names
from genrescope.files.names import as_listed, decoded_name
from genrescope.library.index import m3u8, walk
from genrescope.library.index.locate import find_place
from genrescope.library.tagging import plan, replacing
from toymodel import song

WINDOWS = SimpleNamespace(
    name="nt",
    path=ntpath,
    sep="\\",
    fspath=str,
    fsencode=lambda name: str(name).encode("utf-8", "surrogatepass"),
    fsdecode=lambda data: data.decode("utf-8", "surrogatepass"),
)


def test_bytes_that_are_no_name_on_windows_are_no_error(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "fsdecode", WINDOWS.fsdecode)
    assert decoded_name("Jóga.mp3".encode()) == "Jóga.mp3"
    assert decoded_name(b"caf\xe9.mp3") == "caf\ufffd.mp3"
    (tmp_path / "café.mp3").touch()
    playlist = tmp_path / "list.m3u"
    playlist.write_bytes(b"caf\xe9.mp3\r\nl\xe0.mp3\r\n")
    assert list(read_playlist(playlist)) == [tmp_path / "café.mp3", tmp_path / "l\ufffd.mp3"]
    assert plan.text_to_path("caf%E9.mp3") == "caf\ufffd.mp3"


@given(st.text(st.characters(codec=None, exclude_characters="\0"), max_size=9))
def test_names_of_windows_survive_a_plan(name):
    """They are UTF-16, in which halves of a character may stand alone."""
    patched = pytest.MonkeyPatch()
    with patched.context() as patch:
        patch.setattr(plan, "os", WINDOWS)
        patch.setattr(names, "os", WINDOWS)
        text = plan.path_to_text(name)
        text.encode()  # valid
        assert plan.text_to_path(text) == name


@pytest.mark.parametrize(
    "path", ["C:/Windows/x.mp3", "C:x.mp3", "//server/share/x.mp3", "a/../../x"]
)
def test_a_plan_of_windows_leads_nowhere_else(monkeypatch, tmp_path, path):
    monkeypatch.setattr(plan, "Path", PureWindowsPath)
    written = tmp_path / "plan.csv"
    plan.write_plan(written, [plan.PlanRow(path, "genre", (), ("Jazz",), "replace")])
    with pytest.raises(plan.DataError, match="no path below"):
        plan.read_plan(written)


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        (r"C:\Music\Björk\Jóga.mp3", "../Music/Björk/Jóga.mp3"),
        (r"D:\Music\1.mp3", "D:/Music/1.mp3"),  # another drive
    ],
)
def test_a_playlist_of_windows(monkeypatch, path, entry):
    monkeypatch.setattr(m3u8, "os", WINDOWS)
    assert m3u8.relative_path(PureWindowsPath(path), r"C:\Lists") == entry


def test_long_paths_of_windows_have_its_separators(monkeypatch):
    monkeypatch.setattr(walk, "os", WINDOWS)
    monkeypatch.setattr(walk, "_SEPARATOR", b"\\")
    assert walk._joined(rb"\\?\C:\Music", b"a/b/c.mp3") == rb"\\?\C:\Music\a\b\c.mp3"


def test_a_name_in_another_spelling_is_the_one_that_is_listed(tmp_path):
    album = tmp_path / "Bjo\u0308rk" / "Début"
    album.mkdir(parents=True)
    assert as_listed(tmp_path, Path("björk/DÉBUT/1.mp3")) == Path("Bjo\u0308rk", "Début", "1.mp3")
    (tmp_path / "björk").mkdir()
    assert as_listed(tmp_path, Path("björk")) == Path("björk")  # two that differ stay two
    assert find_place(album).root == album


def test_the_end_of_a_worker_is_noticed_as_windows_reports_it(monkeypatch):
    real = Connection.poll

    def poll(self, timeout=0.0):
        with socket.socket(fileno=os.dup(self.fileno())) as pipe:
            if real(self, timeout) and not pipe.recv(1, socket.MSG_PEEK):
                raise BrokenPipeError(232, "the pipe is being closed")
        return real(self, timeout)

    monkeypatch.setattr(Connection, "poll", poll)
    found = dict(map_files(troubled, [2, 3, 4], jobs=1))
    assert (found[2], found[4]) == (4, 16)
    assert isinstance(found[3], Failure)
    assert "exit code 7" in found[3].reason


def test_a_folder_that_windows_marks_takes_files(monkeypatch, tmp_path):
    """As it does with its own Music folder; files are not bound by that."""
    marked = SimpleNamespace(stat=lambda: SimpleNamespace(st_mode=stat.S_IFDIR | 0o555))
    for system, taken in (("nt", True), ("posix", False)):
        access = SimpleNamespace(name=system, access=lambda *_: True, W_OK=os.W_OK)
        monkeypatch.setattr(replacing, "os", access)
        assert replacing._takes_files(marked) is taken


@pytest.mark.slow
@pytest.mark.parametrize("language", ["C", "POSIX", "tr_TR.UTF-8"])
def test_names_do_not_depend_on_the_locale(tmp_path, language):
    """Where Python takes the system's word for the encoding of names, any is read and kept."""
    folder = tmp_path / "Müzik"
    folder.mkdir()
    soundfile.write(folder / "Jóga İ.wav", song(3, 22050, 4), 22050)
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-m", "genrescope", "classify", folder, "--csv"],
        env=os.environ | {"LC_ALL": language, "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        check=True,
    )
    assert "Jóga İ.wav" in done.stdout.decode()
    assert [path.name for path in collect([folder]).files] == ["Jóga İ.wav"]
