from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from genrescope.audio.collect import Collection, collect


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small music library; the tests run inside it."""
    names = [
        "b/02 second.mp3",
        "b/01 first.FLAC",
        "b/cover.jpg",
        "b/._01 first.FLAC",
        "a/deep/er/song.ogg",
        "a/ü[live].m4a",
        ".trash/gone.mp3",
        "top.wav",
        "notes.txt",
    ]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(collection: Collection) -> list[str]:
    return [path.as_posix() for path in collection.files]


def problems(collection: Collection) -> list[str]:
    return [f"{error.place}: {error.message}" for error in collection.problems]


ALL = ["a/deep/er/song.ogg", "a/ü[live].m4a", "b/01 first.FLAC", "b/02 second.mp3", "top.wav"]


def test_folder_gives_its_audio_files_in_order(tree: Path) -> None:
    found = collect(["."])
    assert files(found) == ALL
    assert found.problems == ()


def test_order_is_that_of_the_names_given(tree: Path) -> None:
    assert files(collect(["top.wav", "b", Path("a")])) == [ALL[4], ALL[2], ALL[3], ALL[0], ALL[1]]


def test_any_name_that_is_given_itself_is_taken(tree: Path) -> None:
    assert files(collect(["notes.txt", "b/._01 first.FLAC"])) == [
        "notes.txt",
        "b/._01 first.FLAC",
    ]


def test_each_file_once(tree: Path) -> None:
    (tree / "link.wav").symlink_to("top.wav")
    names = ["b/02 second.mp3", "b", str(tree / "b"), "./top.wav", "link.wav", "b/*"]
    assert files(collect(names)) == [ALL[3], ALL[2], "top.wav", "b/cover.jpg"]


def test_missing_are_problems_and_no_stop(tree: Path) -> None:
    found = collect(["none.mp3", "top.wav", "no*thing"])
    assert files(found) == ["top.wav"]
    assert problems(found) == [
        "none.mp3: no such file",
        "no*thing: nothing matches this pattern",
    ]


def test_broken_link_is_a_problem(tree: Path) -> None:
    (tree / "b" / "03 dead.mp3").symlink_to("nowhere.mp3")
    assert problems(collect(["b/03 dead.mp3"])) == ["b/03 dead.mp3: no such file"]


def test_patterns(tree: Path) -> None:
    assert files(collect(["b/*.mp3"])) == ["b/02 second.mp3"]
    assert files(collect(["**/*.ogg"])) == ["a/deep/er/song.ogg"]
    assert files(collect([f"{tree.as_posix()}/?"]))[0].endswith("a/deep/er/song.ogg")


def test_file_whose_name_is_a_pattern(tree: Path) -> None:
    assert files(collect(["a/ü[live].m4a"])) == ["a/ü[live].m4a"]


def test_link_loops_are_survived(tree: Path) -> None:
    (tree / "a" / "deep" / "again").symlink_to(tree, target_is_directory=True)
    (tree / "self").symlink_to(tree / "self")
    found = collect(["."])
    assert sorted(path.resolve() for path in found.files) == sorted(tree / name for name in ALL)


def test_linked_folder_is_followed(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "far.mp3").write_bytes(b"x")
    (tree / "b" / "linked").symlink_to(other, target_is_directory=True)
    assert files(collect(["b"]))[-1] == "b/linked/far.mp3"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may list every folder"
)
def test_closed_folder_is_a_problem(tree: Path) -> None:
    (tree / "a").chmod(0)
    try:
        found = collect(["."])
    finally:
        (tree / "a").chmod(0o755)
    assert files(found) == ALL[2:]
    assert problems(found) == ["a: cannot be listed: Permission denied"]


def test_playlist(tree: Path) -> None:
    lines = [
        "#EXTM3U",
        "#EXTINF:123,Somebody - First",
        "../b/01 first.FLAC",
        "",
        str(tree / "top.wav"),
        "../a/ü[live].m4a",
        "..\\b\\02 second.mp3",
        "http://radio.example/stream",
        (tree / "a/deep/er/song.ogg").as_uri(),
        "missing.mp3",
    ]
    path = tree / "lists" / "mine.m3u8"
    path.parent.mkdir()
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    found = collect(["lists/mine.m3u8"])
    assert [file.resolve() for file in found.files] == [
        tree / name for name in (ALL[2], ALL[4], ALL[1], ALL[3], ALL[0])
    ]
    assert problems(found) == [
        "lists/mine.m3u8:8: 'http://radio.example/stream' is a stream",
        "lists/missing.mp3: no such file",
    ]


def test_playlist_in_latin_1(tree: Path) -> None:
    (tree / "old.m3u").write_bytes("a/ü[live].m4a\n".encode("latin-1"))
    assert files(collect(["old.m3u"])) == ["a/ü[live].m4a"]


def test_playlists_that_name_each_other(tree: Path) -> None:
    (tree / "one.m3u").write_text("two.m3u\ntop.wav\n")
    (tree / "two.m3u").write_text("one.m3u\nb\n")
    assert files(collect(["one.m3u"])) == [ALL[2], ALL[3], "top.wav"]


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\0"])
def test_list_on_standard_input(tree: Path, separator: str) -> None:
    listed = separator.join(["top.wav", "b/02 second.mp3", "a/ü[live].m4a", ""])
    found = collect(["-"], stdin=io.BytesIO(listed.encode()))
    assert files(found) == ["top.wav", "b/02 second.mp3", "a/ü[live].m4a"]
    assert found.problems == ()


def test_line_breaks_in_names_with_nul(tree: Path) -> None:
    (tree / "two\nlines.mp3").write_bytes(b"x")
    found = collect(["-"], stdin=io.BytesIO(b"two\nlines.mp3\0top.wav\0"))
    assert files(found) == ["two\nlines.mp3", "top.wav"]


def test_name_that_is_no_unicode(tree: Path) -> None:
    name = os.fsdecode(b"caf\xe9.mp3")
    try:
        (tree / name).write_bytes(b"x")
    except (OSError, UnicodeEncodeError) as error:
        pytest.skip(f"this file system takes Unicode names only: {error}")
    assert Path(name) in collect(["."]).files
    (tree / "list.m3u").write_bytes(b"caf\xe9.mp3\n")
    assert collect(["list.m3u"]).files == (Path(name),)


def test_nothing_in_an_empty_folder(tmp_path: Path) -> None:
    assert collect([tmp_path]) == Collection((), ())
