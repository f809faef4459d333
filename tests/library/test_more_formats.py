"""APEv2 in WavPack, Monkey's Audio and Musepack; ID3 in DSF and DSDIFF: odd and damaged tags."""

from __future__ import annotations

import struct
from pathlib import Path

import mutagen.apev2
import mutagen.dsdiff
import mutagen.dsf
import mutagen.wavpack
import pytest

from genrescope.errors import DataError
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging.tagfile import other_tags, read_tags, write_field
from songfiles import write_song
from tagged_songs import make_song

APE = ("a.wv", "a.ape", "a.mpc")
OLD = b"TAG" + b"Title".ljust(30, b"\0") + b"Artist".ljust(30) + b"Album".ljust(30, b"\0")
OLD += b"1999" + b"Comment".ljust(29, b"\0") + bytes([7, 17])


@pytest.mark.parametrize("kind", APE)
def test_a_new_ape_tag_has_what_id3v1_has_and_keeps_it_in_step(tmp_path: Path, kind: str):
    path = make_song(tmp_path, kind, tagged=False)
    for name in ("genre", "encoder"):  # ffmpeg's
        write_field(path, name if name == "genre" else f"custom:{name}", ())
    plain = mutagen.apev2.APEv2(path) if b"APETAGEX" in path.read_bytes() else None
    if plain is not None:
        plain.delete(path)
    sound = audio_hash(path)
    path.write_bytes(path.read_bytes() + OLD)
    assert read_tags(path).genres == ("Rock",)
    assert audio_hash(path) == sound
    write_field(path, "genre", ("Jazz", "Dub"))
    tags = mutagen.apev2.APEv2(path)
    shown = {key: list(tags[key]) for key in ("title", "artist", "album", "track", "year", "genre")}
    assert shown == {
        **{"title": ["Title"], "artist": ["Artist"], "album": ["Album"], "track": ["7"]},
        **{"year": ["1999"], "genre": ["Jazz", "Dub"]},
    }
    assert path.read_bytes()[-128:] == OLD[:-1] + bytes([8])
    assert audio_hash(path) == sound


@pytest.mark.parametrize("kind", APE)
def test_items_that_are_not_text_and_their_flags_stay(tmp_path: Path, kind: str):
    path = make_song(tmp_path, kind)
    tags = mutagen.apev2.APEv2(path)
    tags["Link"] = mutagen.apev2.APEExtValue("https://example.org", mutagen.apev2.EXTERNAL)
    tags.save(path)
    before = other_tags(path, "genre")
    assert sum(name == "Link" for name, _ in before) == 1
    write_field(path, "genre", ("Jazz",))
    assert other_tags(path, "genre") == before
    assert mutagen.apev2.APEv2(path)["link"].kind == mutagen.apev2.EXTERNAL


def test_a_key_keeps_its_spelling(tmp_path: Path):
    path = make_song(tmp_path, "a.wv", tagged=False)
    tags = mutagen.wavpack.WavPack(path)
    tags["GENRE"] = "Rock"
    tags.save()
    write_field(path, "genre", ("Jazz",))
    assert b"GENRE\0Jazz" in path.read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tag: tag[:12] + struct.pack("<I", 1 << 25) + tag[16:], "damaged"),
        (lambda tag: tag[:16] + struct.pack("<I", 99) + tag[20:], "damaged"),
        (lambda tag: tag[:8] + struct.pack("<I", 1000) + tag[12:], "version 1"),
    ],
    ids=["length", "count", "version"],
)
def test_a_damaged_or_old_ape_tag_is_not_written(tmp_path: Path, change, message: str):
    path = make_song(tmp_path, "a.wv")
    data = path.read_bytes()
    path.write_bytes(data[:-32] + change(data[-32:]))
    before = path.read_bytes()
    with pytest.raises(DataError, match=message):
        write_field(path, "genre", ("Jazz",))
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["x", "TAG", "Größe", "a" * 256])
def test_names_that_are_no_keys_are_refused(tmp_path: Path, name: str):
    path = make_song(tmp_path, "a.wv")
    with pytest.raises(DataError, match="cannot be named"):
        write_field(path, f"custom:{name}", ("one",))


def test_the_lengths_in_a_dsf_file_are_kept_in_step(tmp_path: Path):
    path = write_song(tmp_path / "a.dsf", 1, 0.1)
    size = path.stat().st_size
    write_field(path, "genre", ("Jazz",))
    head = path.read_bytes()[:28]
    assert struct.unpack("<QQ", head[12:]) == (path.stat().st_size, size)
    assert mutagen.dsf.DSF(path).tags["TCON"].genres == ["Jazz"]


@pytest.mark.parametrize("place", [12, 20])
def test_wrong_lengths_in_a_dsf_file_are_refused(tmp_path: Path, place: int):
    path = make_song(tmp_path, "a.dsf")
    data = bytearray(path.read_bytes())
    data[place : place + 8] = struct.pack("<Q", len(data) + 1)
    path.write_bytes(data)
    with pytest.raises(DataError, match="do not add up"):
        read_tags(path)


def test_the_length_of_a_dsdiff_file_is_kept_in_step(tmp_path: Path):
    path = write_song(tmp_path / "a.dff", 1, 0.1)
    for genre in ("Jazz", "x" * 1501):  # an odd length needs a byte more
        write_field(path, "genre", (genre,))
        data = path.read_bytes()
        assert struct.unpack(">Q", data[4:12])[0] == len(data) - 12
        assert len(data) % 2 == 0
        assert mutagen.dsdiff.DSDIFF(path).tags["TCON"].genres == [genre]
