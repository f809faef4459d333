from __future__ import annotations

import io
import os
import unicodedata
from pathlib import Path
from urllib.parse import quote

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


def test_playlist_of_a_radio_program(tree: Path) -> None:
    lines = ["[playlist]", "NumberOfEntries=3", "File10=top.wav", "Title10=File3=no", "Length10=-1"]
    lines += ["file2=b\\02%20second.mp3", "File3=http://radio.example/", "File4="]
    (tree / "radio.pls").write_bytes("\r\n".join(lines).encode())
    found = collect(["radio.pls"])
    assert files(found) == ["b/02 second.mp3", "top.wav"]
    assert problems(found) == ["radio.pls:7: 'http://radio.example/' is a stream"]


XSPF = """<?xml version="1.0" encoding="{encoding}"?>
{before}<playlist version="1" xmlns="http://xspf.org/ns/0/"><title>Mine</title><trackList>
<track><title>First</title><location>{first}</location><location>b</location></track>
<track><title>of nowhere</title></track>
<track><location> a/%C3%BC%5Blive%5D.m4a </location></track>
<track><location>a/ü[live].m4a&amp;</location></track>
</trackList></playlist>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_playlist_in_xml(tree: Path, encoding: str) -> None:
    first = (tree / "top.wav").as_uri()
    text = XSPF.format(encoding=encoding, before="", first=first)
    (tree / "mine.xspf").write_bytes(text.encode(encoding))
    found = collect(["mine.xspf"])
    assert [file.resolve() for file in found.files] == [tree / "top.wav", tree / "a/ü[live].m4a"]
    assert problems(found) == ["a/ü[live].m4a&: no such file"]


@pytest.mark.parametrize("levels", [None, 12])
def test_no_playlist_in_xml(tree: Path, levels: int | None) -> None:
    """Cut off, or with entities that would grow without end."""
    entities = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "top.wav"}">' for n in range(12)]
    before = f"<!DOCTYPE playlist [{''.join(entities)}]>"
    text = XSPF.format(encoding="utf-8", before=before, first="&e11;")
    (tree / "mine.xspf").write_text(text if levels else text[:-20])
    found = collect(["mine.xspf"])
    assert files(found) == []
    [problem] = problems(found)
    assert problem.startswith("mine.xspf: no XSPF: ")


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


CASES = Path(__file__).parent.parent / "cases" / "playlists"
SONG = "Björk/Jóga 1.mp3"


@pytest.mark.parametrize("name", ["decomposed.m3u8", "windows_cp1252.m3u"])
def test_lists_of_other_systems(name: str) -> None:
    found = collect([CASES / name])
    assert [file.resolve() for file in found.files] == [CASES / SONG]
    assert found.problems == ()


def _written_lists(folder: Path) -> dict[str, bytes]:
    """The same song, listed as players do."""
    absolute = (folder / SONG).as_uri()
    decomposed = unicodedata.normalize("NFD", SONG)
    windows = SONG.replace("/", "\\")
    return {
        "percent": quote(SONG).encode(),
        "percent and backslashes": quote(SONG, safe="/").replace("/", "\\").encode(),
        "percent of latin-1": quote(SONG.encode("latin-1")).encode(),
        "address": absolute.encode(),
        "address with host": absolute.replace("file://", "file://localhost").encode(),
        "address with one slash": absolute.replace("file://", "file:").encode(),
        "address unquoted": f"file://{folder / SONG}".encode(),
        "utf-8": SONG.encode(),
        "utf-8 with a mark": b"\xef\xbb\xbf" + SONG.encode(),
        "utf-16": f"#EXTM3U\r\n{windows}\r\n".encode("utf-16"),
        "utf-16 big": b"\xfe\xff" + SONG.encode("utf-16-be"),
        "utf-16 without a mark": f"#EXTM3U\r\n{SONG}\r\n".encode("utf-16-le"),
        "windows-1252": windows.encode("cp1252"),
        "windows and decomposed": decomposed.replace("/", "\\").encode(),
        "decomposed and percent": quote(decomposed).encode(),
        "other case": SONG.upper().encode(),
        "absolute": str(folder / SONG).encode(),
        "absolute and decomposed": str(folder / decomposed).encode(),
        "up and down": f"../{folder.name}/{SONG}".encode(),
        "old mac lines": f"#EXTM3U\r#EXTINF:1,x\r{SONG}\r".encode(),
        "blanks around it": f"  {SONG}  \n".encode(),
    }


@pytest.mark.parametrize("way", _written_lists(Path("/x")))
def test_every_way_in_which_players_write_names(tmp_path: Path, way: str) -> None:
    song = tmp_path / SONG
    song.parent.mkdir()
    song.write_bytes(b"x")
    (tmp_path / "list.m3u").write_bytes(_written_lists(tmp_path)[way])
    found = collect([tmp_path / "list.m3u"])
    assert [file.resolve() for file in found.files] == [song]
    assert found.problems == ()


def test_a_name_that_is_there_is_taken_as_it_is(tmp_path: Path) -> None:
    names = ["100%25 real.mp3", "#1 crush.mp3", "a\\b.mp3", " blank.mp3"]
    for name in [*names, "100% real.mp3"]:
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "list.m3u").write_text("\n".join(["#EXTM3U", "# no file", *names]))
    found = collect([tmp_path / "list.m3u"])
    assert [file.name for file in found.files] == names
    assert found.problems == ()


def test_a_list_without_an_end_is_no_list(tmp_path: Path) -> None:
    (tmp_path / "list.m3u").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.m3u")
    with (tmp_path / "huge.m3u").open("wb") as file:
        file.truncate(1 << 40)
    found = collect([tmp_path / name for name in ("list.m3u", "pipe.m3u", "huge.m3u")])
    assert [file.name for file in found.files] == ["list.m3u", "pipe.m3u"]  # refused when opened
    assert [problem.message for problem in found.problems] == ["too large for a list of files"]


@pytest.mark.parametrize("suffix", [".spx", ".wave", ".mpga", ".m4p", ".m4r"])
def test_folders_give_every_suffix_that_can_be_read(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"song{suffix}").write_bytes(b"x")
    assert [file.name for file in collect([tmp_path]).files] == [f"song{suffix}"]


@pytest.mark.parametrize("encoding", ["nonsense", "base64", "utf-7"])
def test_a_playlist_in_an_encoding_that_is_none_is_named(tree: Path, encoding: str) -> None:
    Path("list.xspf").write_text(f'<?xml version="1.0" encoding="{encoding}"?><playlist/>')
    found = collect(["list.xspf", "top.wav"])
    assert files(found) == ["top.wav"]
    assert problems(found)[0].startswith("list.xspf: no XSPF: ")
