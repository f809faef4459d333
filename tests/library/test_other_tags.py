"""Tags of several kinds in one file: a genre is replaced, or removed, wherever the file has one."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import av
import mutagen
import mutagen.asf
import numpy as np
import pytest
from readers import genres_shown

from genrescope.library.formats.iff.chunks import LAYOUTS
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging.apply import apply_plan
from genrescope.library.tagging.plan import PlanRow
from genrescope.library.tagging.tagfile import other_tags, read_tags, write_field
from genrescope.library.tagging.undo import undo
from songfiles import write_song

CASES = Path(__file__).parents[1] / "cases" / "odd_streams"


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
        blind = reader == "exiftool" and path.suffix == ".aac"  # it finds ID3 there, not APEv2
        assert bool(texts) == bool(new) or blind, (reader, texts)
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


FREE = b"\0\0\0GENRE\0Pop"
FREE_ID3 = b"TXXX" + struct.pack(">I", len(FREE) - 2) + b"\0\0" + FREE[2:]


@pytest.mark.usefixtures("one_verifier")
@pytest.mark.parametrize("new", [("Jazz",), ()])
@pytest.mark.parametrize("standard", [b"Rock", b"Pop"])
def test_a_free_name_in_id3_that_readers_show_as_the_genre(
    tmp_path: Path, standard: bytes, new: tuple[str, ...]
):
    path = write_song(tmp_path / "a.mp3", seconds=0.3)
    frames = frame(b"TCON", standard) + FREE_ID3 + frame(b"TIT2", b"Title")
    tag = b"ID3\x03\0\0\0\0\0" + bytes([len(frames)]) + frames
    path.write_bytes(tag + path.read_bytes())
    old = tuple(dict.fromkeys((standard.decode(), "Pop")))
    assert read_tags(path).genres == old
    check_replaced(path, old, new)


def asf_song(path: Path, **texts: str) -> Path:
    opened = mutagen.asf.ASF(write_song(path, seconds=0.3))
    opened.update({"Title": "Title", **texts})
    opened.save()
    return path


@pytest.mark.usefixtures("one_verifier")
@pytest.mark.parametrize("new", [("Jazz",), ()])
@pytest.mark.parametrize(
    ("texts", "old"),
    [
        ({"WM/Genre": "Rock", "WM/GenreID": "(13)"}, ("Rock",)),
        ({"WM/GenreID": "(17)"}, ("Rock",)),
        ({"Genre": "Pop", "WM/Genre": "Rock"}, ("Pop", "Rock")),
        ({"Genre": "Rock"}, ("Rock",)),
    ],
)
def test_other_names_of_the_genre_in_wma(
    tmp_path: Path, texts: dict[str, str], old: tuple[str, ...], new: tuple[str, ...]
):
    path = asf_song(tmp_path / "a.wma", **texts)
    assert read_tags(path).genres == old
    check_replaced(path, old, new)
    write_field(path, "genre", new)
    assert "WM/GenreID" not in mutagen.asf.ASF(path)


def test_what_is_no_number_of_a_genre_in_wma(tmp_path: Path):
    path = asf_song(tmp_path / "a.wma", **{"WM/GenreID": "{no number}"})
    assert read_tags(path).genres == ()


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def item(name: bytes, text: bytes, kind: int = 1) -> bytes:
    return box(name, box(b"data", struct.pack(">II", kind, 0) + text))


GEN, NUMBER = item(b"\xa9gen", b"Rock"), item(b"gnre", b"\0\x0e", 0)  # Pop
FREE_MP4 = box(
    b"----",
    box(b"mean", bytes(4) + b"com.apple.iTunes")
    + box(b"name", bytes(4) + b"Genre")
    + box(b"data", struct.pack(">II", 1, 0) + b"Pop"),
)
HANDLER = box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
KEYED = box(
    b"meta",
    box(b"hdlr", bytes(8) + b"mdta" + bytes(13))
    + box(b"keys", struct.pack(">II", 0, 2) + box(b"mdta", b"title") + box(b"mdta", b"genre"))
    + box(b"ilst", item(b"\0\0\0\1", b"Title") + item(b"\0\0\0\2", b"Pop")),
)


@pytest.mark.usefixtures("one_verifier")
@pytest.mark.parametrize("new", [("Jazz",), ()])
@pytest.mark.parametrize(
    ("items", "beside", "behind"),
    [
        (GEN + NUMBER, b"", b""),
        (GEN + FREE_MP4, b"", b""),
        (GEN, box(b"\xa9gen", b"\0\3\x55\xc4Pop"), b""),
        (GEN, box(b"gnre", b"\0\0\0\0\x15\xc7Pop\0"), b""),
        (GEN, b"", KEYED),
    ],
    ids=["number", "free name", "QuickTime", "3GPP", "keys"],
)
def test_other_places_of_the_genre_in_mp4(
    tmp_path: Path, items: bytes, beside: bytes, behind: bytes, new: tuple[str, ...]
):
    path = write_song(tmp_path / "a.m4a", seconds=0.3)
    data = path.read_bytes()
    at = data.index(b"moov") - 4
    moov = data[at + 8 :]
    moov = moov[: moov.index(b"udta") - 4] if b"udta" in moov else moov
    meta = box(b"meta", bytes(4) + HANDLER + box(b"ilst", item(b"\xa9nam", b"Title") + items))
    path.write_bytes(data[:at] + box(b"moov", moov + box(b"udta", meta + beside) + behind))
    assert set(read_tags(path).genres) == {"Rock", "Pop"}
    check_replaced(path, read_tags(path).genres, new)


def aac(path: Path) -> bytes:
    """Sound in a raw stream of AAC frames."""
    with av.open(str(path), "w", format="adts") as container:
        stream = container.add_stream("aac", rate=22050, layout="mono")
        frame = av.AudioFrame(format="fltp", layout="mono", samples=8192)
        frame.planes[0].update(np.linspace(-0.3, 0.3, 8192, dtype=np.float32).tobytes())
        frame.sample_rate, frame.pts = 22050, 0
        for item in (frame, None):
            container.mux(stream.encode(item))
    return path.read_bytes()


@pytest.mark.usefixtures("one_verifier")
@pytest.mark.parametrize("new", [("Jazz",), ()])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (id3(b"Rock"), b""),
        (id3(b"Rock"), id3v1()),
        (id3(b"Rock"), ape(Genre=b"Pop")),
        (b"", ape(Genre=b"Rock")),
        (b"", ape(Genre=b"Rock") + id3v1(17)),
    ],
)
def test_raw_aac(tmp_path: Path, before: bytes, after: bytes, new: tuple[str, ...]):
    path = tmp_path / "a.aac"
    path.write_bytes(before + aac(path) + after)
    check_replaced(path, ("Rock",), new)


@pytest.mark.usefixtures("one_verifier")
@pytest.mark.parametrize("suffix", [".aac", ".wv"])
def test_what_ffmpeg_would_not_find_is_refused(tmp_path: Path, suffix: str):
    """It looks at ID3v1 alone where these formats have one, and that has no such genre."""
    path = tmp_path / f"a{suffix}"
    sound = aac(path) if suffix == ".aac" else write_song(path, seconds=0.3).read_bytes()
    path.write_bytes(sound + ape(Genre=b"Rock") + id3v1(17))
    rows = [PlanRow(path.name, "genre", ("Rock",), ("A genre that no list has",), "replace")]
    [outcome] = apply_plan(rows, tmp_path, journals=tmp_path / "journals").outcomes
    assert (outcome.status, outcome.why) == ("refused", "ffmpeg would not show the new tag")
    assert "ID3v1" in outcome.remedy
    assert path.read_bytes() == sound + ape(Genre=b"Rock") + id3v1(17)


@pytest.mark.usefixtures("one_verifier")
def test_raw_aac_without_tags_gets_one_that_mutagen_finds(tmp_path: Path):
    path = tmp_path / "a.aac"
    sound = aac(path)
    check_replaced(path, (), ("Jazz",))
    write_field(path, "genre", ("Jazz",))
    assert path.read_bytes().startswith(sound)
    assert mutagen.File(path)["Genre"] == "Jazz"


@pytest.mark.usefixtures("one_verifier")
@pytest.mark.parametrize("after", [b"", ape(Title=b"T", Genre=b"Rock")], ids=["v1", "both"])
def test_wavpack_that_ends_in_id3v1(tmp_path: Path, after: bytes):
    path = write_song(tmp_path / "a.wv", seconds=0.3)
    path.write_bytes(path.read_bytes() + after + id3v1(17))
    check_replaced(path, ("Rock",), ("Jazz",))


@pytest.mark.usefixtures("one_verifier")
def test_mp3_of_free_format(tmp_path: Path):
    """FFmpeg's decoders do not support it, libsndfile does; mutagen reads the tag alone."""
    path = Path(shutil.copy(CASES / "free_format.mp3", tmp_path / "a.mp3"))
    check_replaced(path, (), ("Jazz",))


@pytest.mark.usefixtures("one_verifier")
def test_an_ogg_chain_whose_rate_changes(tmp_path: Path):
    parts = [write_song(tmp_path / name, seconds=0.3) for name in ("a.ogg", "b.opus")]
    path = tmp_path / "chain.ogg"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    check_replaced(path, (), ("Jazz",))


def test_the_first_comments_of_flac_have_what_id3_before_it_has(tmp_path: Path):
    path = write_song(tmp_path / "a.flac", seconds=0.3)
    frames = frame(b"TIT2", b"Title") + frame(b"TRCK", b"7") + frame(b"TCON", b"Rock")
    tag = b"ID3\x03\0\0\0\0\0" + bytes([len(frames)]) + frames
    path.write_bytes(tag + path.read_bytes())
    others = other_tags(path, "genre")
    write_field(path, "genre", ("Jazz",))
    shown = dict(mutagen.File(path).tags)
    assert shown == {"title": ["Title"], "tracknumber": ["7"], "genre": ["Jazz"]}
    assert other_tags(path, "genre") == others
