"""WAV with LIST INFO: kept in step with the ID3 chunk, wherever and however often it stands."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import genres_shown

from genrescope.library.formats.fields import Fields
from genrescope.library.formats.iff import info
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging.apply import apply_plan
from genrescope.library.tagging.plan import PlanRow
from genrescope.library.tagging.tagfile import other_tags, read_tags, write_field
from genrescope.library.tagging.undo import undo
from songfiles import write_song

Item = tuple[bytes, bytes]
TITLE: Item = (b"INAM", b"Title\0")


def chunk(name: bytes, content: bytes, *, pad: bool = True) -> bytes:
    end = b"\0" if pad and len(content) % 2 else b""
    return name + struct.pack("<I", len(content)) + content + end


def list_info(*items: Item, pad: bool = True) -> bytes:
    content = b"INFO" + b"".join(chunk(*item, pad=pad) for item in items)
    return chunk(b"LIST", content, pad=pad)


def id3(genre: str) -> bytes:
    frames = b"".join(
        name + struct.pack(">I", len(text) + 1) + b"\0\0\0" + text
        for name, text in ((b"TIT2", b"Title"), (b"TCON", genre.encode()))
    )
    return b"ID3\x03\0\0\0\0" + bytes([len(frames) >> 7, len(frames) & 0x7F]) + frames


def wav(path: Path, before: bytes = b"", after: bytes = b"", cut: int = 0) -> Path:
    """A song with chunks before and after its sound; the last bytes of all are missing."""
    data = write_song(path, seconds=0.3).read_bytes()
    form, sound = data[12 : data.index(b"data")], data[data.index(b"data") :]
    content = b"WAVE" + form + before + sound + after
    content = content[: len(content) - cut]
    path.write_bytes(b"RIFF" + struct.pack("<I", len(content)) + content)
    return path


ROCK, POP = (b"IGNR", b"Rock\0"), (b"IGNR", b"Pop\0")
NO_PAD = list_info((b"INAM", b"Name\0"), ROCK, (b"IART", b"Art\0"), pad=False)
KINDS: dict[str, tuple[bytes, bytes]] = {
    "before the sound": (list_info(TITLE, ROCK), b""),
    "behind the sound": (b"", list_info(TITLE, ROCK)),
    "two lists": (list_info(TITLE, ROCK), list_info(POP, TITLE)),
    "twice in a list": (list_info(ROCK, TITLE, POP), b""),
    "other lists": (chunk(b"LIST", b"adtlIGNR\4\0\0\0note"), list_info(ROCK)),
    "an ID3 chunk, too": (list_info(POP, TITLE), chunk(b"id3 ", id3("Rock"))),
    "an ID3 chunk before": (chunk(b"ID3 ", id3("Rock")), list_info(TITLE, POP)),
    "two ID3 chunks": (chunk(b"ID3 ", id3("Rock")), chunk(b"id3 ", id3("Pop"))),
    "bytes behind the tag": (chunk(b"id3 ", id3("Rock") + b"behind"), list_info(POP)),
    "no padding": (b"", NO_PAD + (b"\0" if len(NO_PAD) % 2 else b"")),
    "other chunks": (chunk(b"bext", bytes(603)) + list_info(ROCK), chunk(b"cue ", bytes(4))),
}
GENRES = [("Jazz",), ("Electronic and something very long",), ("Jazz", "日本の音楽"), ("Ü",), ()]


@pytest.mark.usefixtures("one_verifier")
@pytest.mark.parametrize("genres", GENRES, ids=["short", "long", "two", "odd", "none"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_reader_shows_the_new_genre(tmp_path: Path, kind: str, genres: tuple[str, ...]):
    (tmp_path / "music").mkdir()
    path = wav(tmp_path / "music" / "a.wav", *KINDS[kind])
    before, sound, others = path.read_bytes(), audio_hash(path), other_tags(path, "genre")
    assert read_tags(path).genres == ("Rock",)
    rows = [PlanRow("a.wav", "genre", ("Rock",), genres, "replace")]
    applied = apply_plan(rows, path.parent, journals=tmp_path / "journals")
    assert [(outcome.status, outcome.why) for outcome in applied.outcomes] == [("written", "")]
    found = "/".join(read_tags(path).genres)
    assert found == "/".join(genres)
    check_readers(path, genres)
    assert (audio_hash(path), other_tags(path, "genre")) == (sound, others)
    check_sizes(path)
    assert undo(journals=tmp_path / "journals").count("restored") == 1
    assert path.read_bytes() == before


def check_readers(path: Path, genres: tuple[str, ...]) -> None:
    for reader, texts in genres_shown(path).items():
        texts = [text.encode("latin-1", "replace").decode(errors="replace") for text in texts]
        assert bool(texts) == bool(genres), (reader, texts)
        if all(genre.isascii() for genre in genres):
            assert all(text == genres[0] for text in texts), (reader, texts)


def check_sizes(path: Path) -> None:
    """The chunks fill the file, each at an even place."""
    data = path.read_bytes()
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    place = 12
    while place < len(data):
        assert place % 2 == 0
        place += 8 + (size := int.from_bytes(data[place + 4 : place + 8], "little")) + size % 2
    assert place == len(data)


@pytest.mark.parametrize("last", [list_info(TITLE, ROCK), chunk(b"id3 ", id3("Rocks"))])
def test_a_last_pad_byte_that_is_missing(tmp_path: Path, last: bytes):
    odd = chunk(b"zzzz", b"odd")
    path = wav(tmp_path / "a.wav", after=last + odd, cut=1)
    others = other_tags(path, "genre")
    write_field(path, "genre", ("Jazz",))
    assert (read_tags(path).genres, other_tags(path, "genre")) == (("Jazz",), others)
    check_sizes(path)


def test_a_text_that_fits_moves_nothing(tmp_path: Path):
    path = wav(tmp_path / "a.wav", list_info(ROCK, TITLE), chunk(b"id3 ", id3("Rock")))
    before = path.read_bytes()
    write_field(path, "genre", ("Jazz",))
    assert path.read_bytes() == before.replace(b"Rock", b"Jazz")


def test_removing_what_only_info_has_makes_no_new_tag(tmp_path: Path):
    path = wav(tmp_path / "a.wav", list_info(TITLE, ROCK))
    write_field(path, "genre", ())
    assert path.read_bytes() == wav(tmp_path / "b.wav", list_info(TITLE)).read_bytes()


def test_a_comment_is_kept_in_step_too(tmp_path: Path):
    path = wav(tmp_path / "a.wav", list_info((b"ICMT", b"old"), ROCK))
    write_field(path, "comment", ("one", "two"))
    assert read_tags(path).comment == ("one; two",)
    assert b"ICMT\x0a\0\0\0one; two\0\0" in path.read_bytes()
    assert b"old" not in path.read_bytes()


NAMES = st.sampled_from([b"IGNR", b"INAM", b"ISFT", b"IART", b"ICMT", b"\x01\xff?n"])
TEXTS = st.binary(max_size=9)


@given(st.lists(st.tuples(NAMES, TEXTS), max_size=6), st.text(max_size=12))
def test_only_the_items_of_the_field_change(items: list[Item], text: str):
    content = list_info(*items)[8:]
    new = info.replaced(content, "genre", (text,))
    assert info.without(new, "genre") == info.without(content, "genre")
    assert info.without(content, "genre") == list_info(*(i for i in items if i[0] != b"IGNR"))[8:]
    wanted: Fields = {"genre": (kept,)} if (kept := text.split("\0")[0].strip()) else {}
    has = any(name == b"IGNR" for name, _ in items)
    assert info.fields(new).get("genre") == (wanted.get("genre") if has else None)
