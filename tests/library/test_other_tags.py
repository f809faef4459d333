"""Tags of several kinds in one file: a genre is replaced, or removed, wherever the file has one."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from readers import genres_shown

from genrescope.library.formats.iff.chunks import LAYOUTS
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging.apply import apply_plan
from genrescope.library.tagging.plan import PlanRow
from genrescope.library.tagging.tagfile import other_tags, read_tags
from genrescope.library.tagging.undo import undo
from songfiles import write_song


def frame(name: bytes, text: bytes) -> bytes:
    return name + struct.pack(">I", len(text) + 1) + b"\0\0\0" + text


def id3(*genres: bytes) -> bytes:
    """ID3v2.3 with a title and genres."""
    frames = frame(b"TIT2", b"Title") + b"".join(frame(b"TCON", genre) for genre in genres)
    return b"ID3\x03\0\0\0\0" + bytes([len(frames) >> 7, len(frames) & 0x7F]) + frames


def id3v1(genre: int = 18) -> bytes:
    return b"TAG" + b"Title".ljust(30, b"\0") + bytes(94) + bytes([genre])


def extended_id3v1() -> bytes:
    long = b"TAG+" + bytes(181) + b"Pop".ljust(30, b"\0") + bytes(12)
    return long + id3v1()


def ape(**texts: bytes) -> bytes:
    items = b"".join(
        struct.pack("<II", len(text), 0) + name.encode() + b"\0" + text
        for name, text in texts.items()
    )
    return items + b"APETAGEX" + struct.pack("<IIII8x", 2000, len(items) + 32, len(texts), 0)


def aiff(*tags: bytes) -> bytes:
    """Chunks behind those of a song."""
    return b"".join(
        struct.pack(LAYOUTS[b"FORM"].head, b"ID3 ", len(tag)) + tag + b"\0" * (len(tag) % 2)
        for tag in tags
    )


BEHIND: dict[str, tuple[str, bytes, bytes]] = {
    "MP3: ID3 twice": (".mp3", id3(b"Rock") + id3(b"Pop"), b""),
    "MP3: the second has it": (".mp3", id3() + id3(b"Rock"), b""),
    "MP3: two frames": (".mp3", id3(b"Rock", b"Pop"), b""),
    "MP3: ID3 and APE": (".mp3", id3(b"Rock"), ape(Title=b"Title", GENRE=b"Pop")),
    "MP3: APE": (".mp3", b"", ape(Genre=b"Rock")),
    "MP3: all": (".mp3", id3(b"Rock"), ape(Genre=b"Pop") + id3v1()),
    "MP3: ID3v1": (".mp3", b"", id3v1(17)),
    "MP3: long ID3v1": (".mp3", id3(b"Rock"), ape(Genre=b"Pop") + extended_id3v1()),
    "FLAC: ID3": (".flac", id3(b"Rock"), b""),
    "FLAC: ID3 twice": (".flac", id3(b"Rock") + id3(b"Pop"), b""),
    "FLAC: ID3 and ID3v1": (".flac", id3(b"Rock"), id3v1()),
    "FLAC: ID3 and APE": (".flac", id3(b"Rock"), ape(Genre=b"Pop")),
    "AIFF: ID3 twice": (".aiff", b"", aiff(id3(b"Rock"), id3(b"Pop"))),
    "AIFF: the second has it": (".aiff", b"", aiff(id3(), id3(b"Rock"))),
}


def song(path: Path, kind: str) -> Path:
    suffix, before, after = BEHIND[kind]
    data = before + write_song(path.with_suffix(suffix), seconds=0.3).read_bytes() + after
    if suffix == ".aiff":
        data = data[:4] + (len(data) - 8).to_bytes(4) + data[8:]
    path.with_suffix(suffix).write_bytes(data)
    return path.with_suffix(suffix)


def check_replaced(path: Path, old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """A plan's genre is what all readers show, and the run is taken back byte for byte."""
    before, sound, others = path.read_bytes(), audio_hash(path), other_tags(path, "genre")
    rows = [PlanRow(path.name, "genre", old, new, "replace")]
    applied = apply_plan(rows, path.parent, journals=path.parent / "journals")
    assert [(outcome.status, outcome.why) for outcome in applied.outcomes] == [("written", "")]
    assert read_tags(path).genres == new
    for reader, texts in genres_shown(path).items():
        assert bool(texts) == bool(new), (reader, texts)
        assert all(genre in text for text in texts for genre in new[:1]), (reader, texts)
        assert not any(genre in text for text in texts for genre in ("Rock", "Pop", "Techno"))
    assert (audio_hash(path), other_tags(path, "genre")) == (sound, others)
    assert undo(journals=path.parent / "journals").count("restored") == 1
    assert path.read_bytes() == before


@pytest.mark.usefixtures("one_verifier")
@pytest.mark.parametrize("new", [("Jazz",), ("A genre that no list has",), ()])
@pytest.mark.parametrize("kind", BEHIND)
def test_a_genre_in_several_tags(tmp_path: Path, kind: str, new: tuple[str, ...]):
    path = song(tmp_path / "a", kind)
    assert read_tags(path).genres[0] == "Rock"
    check_replaced(path, read_tags(path).genres, new)


@pytest.mark.usefixtures("one_verifier")
@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".opus"])
def test_id3v1_behind_a_song_with_comments(tmp_path: Path, suffix: str):
    path = write_song(tmp_path / f"a{suffix}", seconds=0.3)
    sound = audio_hash(path)
    path.write_bytes(path.read_bytes() + id3v1())
    assert audio_hash(path) == sound
    check_replaced(path, (), ("Jazz",))
    check_replaced(path, (), ("A genre that no list has",))
