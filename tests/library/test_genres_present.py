"""Genres as old and odd programs wrote them: what is there is read, and is not missing."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import mutagen.id3
import pytest

from genrescope.library.formats.besides import leading_tags
from genrescope.library.formats.mp4.boxes import Box
from genrescope.library.sound.decoded import sound_difference
from genrescope.library.tagging.readback import unread_by
from genrescope.library.tagging.tagfile import other_tags, read_tags, write_field
from songfiles import write_song

CASES = Path(__file__).parent / "cases"
V1_ROCK = b"TAG" + b"Title".ljust(30, b"\0") + bytes(94) + bytes([17])


@pytest.fixture(scope="module")
def songs(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    for suffix in (".mp3", ".flac", ".m4a", ".wma", ".wav"):
        write_song(folder / f"a{suffix}", seconds=0.3)
    return folder


def frame(name: bytes, data: bytes) -> bytes:
    return name + struct.pack(">I", len(data)) + b"\0\0" + data


def tag(frames: bytes, version: int = 3, flags: int = 0) -> bytes:
    size = bytes(len(frames) >> 7 * n & 0x7F for n in (3, 2, 1, 0))
    return b"ID3" + bytes([version, 0, flags]) + size + frames


def ape(**texts: str) -> bytes:
    items = b"".join(
        struct.pack("<II", len(text.encode()), 0) + name.encode() + b"\0" + text.encode()
        for name, text in texts.items()
    )
    footer = struct.pack("<IIII", 2000, len(items) + 32, len(texts), 0) + bytes(8)
    return items + b"APETAGEX" + footer


def made(songs: Path, folder: Path, before: bytes = b"", after: bytes = b"", suffix=".mp3") -> Path:
    path = folder / f"song{suffix}"
    path.write_bytes(before + (songs / f"a{suffix}").read_bytes() + after)
    return path


def check_written(path: Path, folder: Path) -> None:
    """The genre can be replaced; all readers show it, and the song plays as before."""
    original = Path(shutil.copy(path, folder / f"original{path.suffix}"))
    others = other_tags(path, "genre")
    assert write_field(path, "genre", ("Jazz",)) == ("Jazz",)
    assert read_tags(path).genres == ("Jazz",)
    assert other_tags(path, "genre") == others
    assert sound_difference(original, path) == ""
    assert unread_by(path, {"genre": ("Jazz",)}) == ""


@pytest.mark.parametrize("name", ["v2_title_only.mp3", "v22names_in_v23.mp3"])
def test_genres_of_old_tags(tmp_path, name):
    path = Path(shutil.copy(CASES / name, tmp_path))
    assert read_tags(path).genres == ("Rock",)
    check_written(path, tmp_path)


@pytest.mark.parametrize(
    ("data", "genres"),
    [
        (b"\1\xff\xfeR\0o\0c\0k\0", ("Rock",)),
        (b"\1\xfe\xff\0R\0o\0c\0k", ("Rock",)),
        (b"\1R\0o\0c\0k\0", ("Rock",)),  # no byte order mark
        (b"\1\xff\xfe\xff\xfeR\0o\0c\0k\0", ("Rock",)),  # two of them
        (b"\1\xff\xfeR\0o\0c\0k", ("Rock",)),  # a byte is missing
        (b"\1\xff\xfeR\0o\0c\0k\0\0\0\xfe\xff\0P\0o\0p\0\0", ("Rock", "Pop")),
        (b"\1\xff\xfeR\0o\0c\0k\0\0\0P\0o\0p\0\0\0", ("Rock", "Pop")),
        (b"\2\0R\0o\0c\0k", ("Rock",)),
        (b"\2\xff\xfeR\0o\0c\0k\0", ("Rock",)),  # a mark where none belongs
        (b"\3Rock\0", ("Rock",)),
        (b"\0(255)", ("(255)",)),
        (b"\x00255", ("255",)),
        (b"\0(17)", ("Rock",)),
        (b"\0(17) Rock", ("Rock",)),
    ],
)
def test_texts_as_programs_write_them(songs, tmp_path, data, genres):
    path = made(songs, tmp_path, tag(frame(b"TCON", data)))
    assert read_tags(path).genres == genres
    check_written(path, tmp_path)


@pytest.mark.parametrize(
    ("frames", "version"),
    [
        (frame(b"TT2\0", b"\0T") + frame(b"TCO\0", b"\0Rock"), 3),
        (frame(b"TCO\0", b"\0Rock"), 4),
        (frame(b"TCO ", b"\0Rock") + frame(b"TIT2", b"\0T"), 3),
    ],
)
def test_three_letters_where_four_belong(songs, tmp_path, frames, version):
    path = made(songs, tmp_path, tag(frames, version))
    assert read_tags(path).genres == ("Rock",)
    check_written(path, tmp_path)


@pytest.mark.parametrize(
    ("before", "after", "genres"),
    [
        (b"", V1_ROCK, ("Rock",)),
        (tag(frame(b"TIT2", b"\0T"), 4), V1_ROCK, ("Rock",)),
        (tag(frame(b"TIT2", b"\0T")), ape(Genre="Soul"), ("Soul",)),
        (b"", ape(GENRE="Soul", Title="T"), ("Soul",)),
        (b"", ape(Genre="Soul") + V1_ROCK, ("Soul",)),
        (b"", ape(Genre="Soul\0Funk"), ("Soul", "Funk")),
        (tag(frame(b"TCON", b"\0Jazz Funk")), ape(Genre="Soul") + V1_ROCK, ("Jazz Funk",)),
        (tag(frame(b"TIT2", b"\0T")) + tag(frame(b"TCON", b"\0Ska")), b"", ("Ska",)),
        (tag(b""), V1_ROCK[:-1] + b"\xff", ()),
    ],
)
def test_tags_of_several_kinds_in_one_file(songs, tmp_path, before, after, genres):
    path = made(songs, tmp_path, before, after)
    assert read_tags(path).genres == genres
    check_written(path, tmp_path)
    if after[-128:].startswith(b"TAG"):
        assert path.read_bytes()[-1] == 8


def test_a_new_tag_has_what_ape_has(songs, tmp_path):
    path = made(songs, tmp_path, b"", ape(Title="Title", Artist="Artist", Genre="Soul"))
    write_field(path, "genre", ("Jazz",))
    found = mutagen.id3.ID3(path)
    assert [str(found[key]) for key in ("TIT2", "TPE1", "TCON")] == ["Title", "Artist", "Jazz"]


def test_a_footer_goes_and_the_song_stays(songs, tmp_path):
    frames = frame(b"TIT2", b"\0T") + frame(b"TCON", b"\0Rock")
    whole = tag(frames, 4, 0x10)
    path = made(songs, tmp_path, whole + b"3DI" + whole[3:10])
    assert read_tags(path).genres == ("Rock",)
    check_written(path, tmp_path)
    parsed = leading_tags(path.open("rb"))
    assert [(item.size, len(item.frames)) for item in parsed] == [(len(whole) + 10, 2)]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_flac_behind_id3_tags_is_flac(songs, tmp_path, count):
    path = made(songs, tmp_path, tag(frame(b"TCON", b"\0Rock"), 4) * count, suffix=".flac")
    assert read_tags(path).genres == ("Rock",)
    assert write_field(path, "genre", ("Jazz",)) == ("Jazz",)
    assert read_tags(path).genres == ("Jazz",)
    assert path.read_bytes().startswith(tag(frame(b"TCON", b"\0Jazz"), 4) * count + b"fLaC")


def with_list(song: Path, path: Path, items: bytes) -> Path:
    """An M4A file whose list of tags is this."""
    data = song.read_bytes()
    at = data.index(b"moov") - 4
    length = int.from_bytes(data[at : at + 4])
    assert at + length == len(data)
    inner = data[at + 8 :]
    udta = inner.find(b"udta")
    inner = inner[: udta - 4] if udta > 0 else inner
    path.write_bytes(data[:at] + Box(b"moov", inner + items).render())
    return path


def data_box(kind: int, text: bytes) -> bytes:
    return Box(b"data", kind.to_bytes(4) + b"\0\0\0\0" + text).render()


def udta(items: bytes, handler: bytes = b"mdir", skip: bytes = b"\0\0\0\0") -> bytes:
    head = Box(b"hdlr", bytes(8) + handler + b"appl" + bytes(9)).render()
    return Box(b"udta", Box(b"meta", skip + head + Box(b"ilst", items).render()).render()).render()


@pytest.mark.parametrize(
    ("items", "genres"),
    [
        (udta(Box(b"\xa9gen", data_box(0, b"Rock")).render()), ("Rock",)),
        (udta(Box(b"\xa9gen", data_box(1, b"Rock\0")).render()), ("Rock",)),
        (udta(Box(b"\xa9gen", data_box(2, "Röck".encode("utf-16-be"))).render()), ("Röck",)),
        (udta(Box(b"gnre", data_box(0, b"\0\x12")).render()), ("Rock",)),
        (Box(b"udta", Box(b"\xa9gen", b"\0\x04\x55\xc4Rock").render()).render(), ("Rock",)),
    ],
)
def test_genres_of_mp4(songs, tmp_path, items, genres):
    path = with_list(songs / "a.m4a", tmp_path / "a.m4a", items)
    assert read_tags(path).genres == genres
    check_written(path, tmp_path)


def test_info_counts_where_id3_has_no_genre(songs, tmp_path):
    info = b"INFOIGNR" + struct.pack("<I", 4) + b"Punk"
    title = tag(frame(b"TIT2", b"\0T"))
    data = (songs / "a.wav").read_bytes() + b"LIST" + struct.pack("<I", len(info)) + info
    data += b"id3 " + struct.pack("<I", len(title)) + title + b"\0" * (len(title) % 2)
    path = tmp_path / "a.wav"
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    assert read_tags(path).genres == ("Punk",)
    assert write_field(path, "genre", ("Jazz",)) == ("Jazz",)
    assert read_tags(path).genres == ("Jazz",)
