"""The audio hash: the same whatever the tags, another with any other sound."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.sound.payload import find_payload
from songfiles import SUFFIXES, write_song

mediafile = pytest.importorskip("mediafile")

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1200


def hashes(path: Path) -> tuple[str, str]:
    return audio_hash(path), audio_hash(path, full=False)


def tag(path: Path, genre: str, comment: str = "", picture: bytes | None = None) -> None:
    song = mediafile.MediaFile(path)
    song.genres, song.comments = [genre], comment
    if picture:
        song.images = [mediafile.Image(picture)]
    song.save()


@pytest.fixture(scope="module", params=[0.6, 6.0])
def songs(request, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A song in every format, so short that it is hashed whole, and longer."""
    folder = tmp_path_factory.mktemp("songs")
    return {s: write_song(folder / f"song{s}", seconds=request.param) for s in SUFFIXES}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_tags_and_pictures_do_not_change_the_hash(songs, suffix, tmp_path: Path):
    path = Path(shutil.copy(songs[suffix], tmp_path))
    before = hashes(path)
    for genre, comment, picture in [
        ("Rock", "", None),
        ("Jazz", "x" * 70000, None),
        ("Folk", "y", None if suffix == ".wma" else PICTURE),
        ("Blues", "", None),
    ]:
        tag(path, genre, comment, picture)
        assert hashes(path) == before
    song = mediafile.MediaFile(path)
    song.delete()
    assert hashes(path) == before


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_other_sound_has_another_hash(songs, suffix, tmp_path: Path):
    other = write_song(tmp_path / f"other{suffix}", seed=1)
    assert not set(hashes(other)) & set(hashes(songs[suffix]))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_one_changed_byte_of_sound_changes_the_full_hash(songs, suffix, tmp_path: Path):
    path = Path(shutil.copy(songs[suffix], tmp_path))
    before = audio_hash(path)
    data = bytearray(path.read_bytes())
    data[len(data) * 3 // 5] ^= 0x40
    path.write_bytes(data)
    assert audio_hash(path) != before


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_cut_file_has_another_hash(songs, suffix, tmp_path: Path):
    path = tmp_path / "cut"
    path.write_bytes(songs[suffix].read_bytes()[:-200])
    assert audio_hash(path) != audio_hash(songs[suffix])


def test_a_move_of_the_index_to_the_front_keeps_the_hash(songs, tmp_path: Path):
    data = songs[".m4a"].read_bytes()
    cut = data.index(b"moov") - 4
    start, index = data.index(b"mdat") - 4, bytearray(data[cut:])
    place = index.index(b"stco") + 12
    [offset] = struct.unpack_from(">I", index, place)
    struct.pack_into(">I", index, place, offset + len(index))
    moved = tmp_path / "moved.m4a"
    moved.write_bytes(data[:start] + index + data[start:cut])
    assert hashes(moved) == hashes(songs[".m4a"])
    moved.write_bytes(data[:start] + data[cut:] + data[start:cut])  # the offsets not corrected
    assert audio_hash(moved) != audio_hash(songs[".m4a"])


def test_tags_at_the_end_of_mp3_are_left_out(songs, tmp_path: Path):
    audio = songs[".mp3"].read_bytes()
    body = b"APE item"
    flags = [0xA0000000, 0x80000000]
    head, foot = (
        b"APETAGEX" + struct.pack("<IIII", 2000, len(body) + 32, 1, flag) + bytes(8)
        for flag in flags
    )
    lyrics = b"LYRICSBEGININD0000210"
    tails = [
        b"TAG" + bytes(125),
        head + body + foot,
        lyrics + b"%06d" % len(lyrics) + b"LYRICS200",
    ]
    path = tmp_path / "tagged.mp3"
    for tail in [*tails, b"".join(tails), b"".join(reversed(tails))]:
        path.write_bytes(audio + tail)
        assert hashes(path) == hashes(songs[".mp3"])


@given(data=st.data())
def test_no_damage_stops_it(songs, data, tmp_path_factory: pytest.TempPathFactory):
    whole = songs[data.draw(st.sampled_from(SUFFIXES))].read_bytes()
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))][:5000])
    for place in data.draw(st.lists(st.integers(0, 400), max_size=6)):
        if place < len(damaged):
            damaged[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "file"
    path.write_bytes(damaged)
    assert all(len(value) == 32 for value in hashes(path))
    with path.open("rb") as file:
        ranges = find_payload(file, len(damaged)).ranges
    assert all(start >= 0 and start + length <= len(damaged) for start, length in ranges if length)
