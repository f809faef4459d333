"""Duplicates in a library of real files: encodings, copies, an edit, another take, damage."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from knowledge import add_song, make_index, prediction

from genrescope.library.duplicates.candidates import name_of, pairs_alike, pairs_of_one_name
from genrescope.library.duplicates.encodings import Encoding
from genrescope.library.duplicates.finding import Duplicates, find_duplicates
from genrescope.library.duplicates.grouping import Copy, Sound, group_copies
from genrescope.library.index.database import Index
from genrescope.library.index.models import indexed_model
from genrescope.library.index.scan import scan
from genrescope.similarity.alignment import Relation

RATE = 22050


def melody(seed: int, seconds: float) -> np.ndarray:
    """Notes of a second voice and a first, drawn at random."""
    rng = np.random.default_rng(seed)
    note = round(0.25 * RATE)
    time = np.arange(note) / RATE
    notes = []
    for _ in range(round(seconds / 0.25)):
        pitches = 220 * 2 ** (rng.integers(0, 25, 3) / 12)
        tones = sum(
            np.sin(2 * np.pi * pitch * h * time) / h for pitch in pitches for h in range(1, 6)
        )
        notes.append(tones * np.exp(-3 * time))
    return (0.1 * np.concatenate(notes)).astype(np.float32)


def write(path: Path, sound: np.ndarray, artist: str = "Band", title: str = "Song", **more) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, more.pop("rate", RATE), **more)
    return tag(path, artist, title)


def tag(path: Path, artist: str, title: str) -> Path:
    tags = mutagen.File(path, easy=True)
    if tags.tags is None:
        tags.add_tags()
    tags["artist"], tags["title"] = artist, title
    tags.save()
    return path


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("duplicates") / "music"
    song, other = melody(1, 40), melody(2, 40)
    faded = song[: 25 * RATE].copy()
    faded[-3 * RATE :] *= np.linspace(1, 0, 3 * RATE)
    flac = write(root / "a" / "song.flac", song)
    tag(Path(shutil.copy(flac, root / "a" / "copy.flac")), "Band", "Song (album version)")
    mp3 = {"bitrate_mode": "CONSTANT"}
    write(root / "b" / "high.mp3", song, "BAND", "Song", compression_level=0.0, **mp3)
    write(root / "b" / "low.mp3", song, "Band", "song!", compression_level=0.9, **mp3)
    opus = np.interp(np.arange(40 * 24000) / 24000, np.arange(len(song)) / RATE, song)
    write(root / "c" / "song.opus", opus, rate=24000, format="OGG", subtype="OPUS")
    write(root / "d" / "edit.mp3", faded, title="Song [radio edit]", **mp3)
    write(root / "e" / "live.flac", melody(3, 40), title="Song (live)")
    write(root / "e" / "another.flac", other, title="Another song")
    (root / "f.mp3").write_bytes(b"no music")
    return root


@pytest.fixture(scope="module")
def found(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Duplicates:
    with Index(library, tmp_path_factory.mktemp("index") / "index.sqlite") as index:
        scan(index)
        return find_duplicates(index)


def test_copies_encodings_and_an_edit_are_one_group_and_other_songs_none(found):
    [group] = found.groups
    versions = {copy.path: (copy.version, copy.relation) for copy in group}
    assert versions == {
        "a/copy.flac": (1, "best copy"),
        "a/song.flac": (1, "identical"),
        "b/high.mp3": (1, "same recording"),
        "b/low.mp3": (1, "same recording"),
        "c/song.opus": (1, "same recording"),
        "d/edit.mp3": (2, "best copy"),
    }
    assert [copy.shorter for copy in group] == pytest.approx([0] * 5 + [15], abs=0.2)


def test_the_encoding_of_each_is_as_its_file_has_it(found):
    [group] = found.groups
    formats = {copy.path: (copy.encoding.format, copy.encoding.lossless) for copy in group}
    assert formats["a/copy.flac"] == ("FLAC", True)
    assert formats["b/high.mp3"] == ("MP3", False)
    assert formats["c/song.opus"] == ("Opus", False)
    rates = {copy.path: copy.encoding.kilobits for copy in group}
    assert rates["b/high.mp3"] > rates["b/low.mp3"]
    lossy = [copy.encoding.kilobits for copy in group[2:5]]
    assert lossy == sorted(lossy, reverse=True)


def test_no_file_is_changed_and_the_second_search_decodes_nothing(library, tmp_path, monkeypatch):
    def state() -> dict[str, tuple[int, int]]:
        files = (path for path in library.rglob("*") if path.is_file())
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}

    before = state()
    with Index(library, tmp_path / "index.sqlite") as index:
        scan(index)
        first = find_duplicates(index)
        reads: list[int] = []
        again = find_duplicates(index, progress=lambda word: Counting(word, reads))
    assert state() == before
    assert again == first
    assert reads == [0]


class Counting:
    """A display that keeps how much is to be read."""

    def __init__(self, word: str, reads: list[int]) -> None:
        self.word, self.reads = word, reads

    def __enter__(self):
        return lambda _done, _failed, total: self.word == "Reading" and self.reads.append(total)

    def __exit__(self, *_: object) -> None:
        pass


def test_one_damaged_file_is_named_and_stops_nothing(tmp_path):
    root = tmp_path / "music"
    song = melody(4, 20)
    for gain, name in enumerate(("one.flac", "two.flac", "three.flac"), 1):
        write(root / name, song / gain)
    with Index(root, tmp_path / "index.sqlite") as index:
        scan(index)
        (root / "three.flac").write_bytes(b"no music any more")
        result = find_duplicates(index)
    [group] = result.groups
    assert {copy.path for copy in group} == {"two.flac", "one.flac"}
    assert [path for path, _ in result.failed] == ["three.flac"]


def test_without_tags_embeddings_make_the_candidates(tmp_path):
    with make_index(tmp_path) as index:
        for name, degrees in {"a.mp3": 0, "b.mp3": 5, "c.mp3": 60, "d.mp3": 64}.items():
            turn = np.radians(degrees)
            point = np.array([np.cos(turn), np.sin(turn)], np.float32)
            add_song(index, name, replace(prediction(rock=0.9), embedding=point))
        pairs = pairs_alike(index, indexed_model(index))
        names = {tuple(audio.lstrip(b"\0").decode() for audio in pair) for pair in pairs}
        assert names == {("a.mp3", "b.mp3"), ("c.mp3", "d.mp3")}
        assert not list(pairs_of_one_name(index))


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        (("Björk", "Jóga"), ("BJORK", "Joga (Radio Edit)"), True),
        (("AC/DC", "T.N.T."), ("ACDC", "TNT [remastered]"), True),
        (("Band", "(untitled)"), ("Band", "[Untitled]"), True),
        (("Band", "Song"), ("Band", "Song 2"), False),
        (("Band", "Song - Radio Edit"), ("Band", "Song - 2011 Remaster"), True),
        (("Band", "Song - Part Two"), ("Band", "Song - Part One"), False),
        (("Кино", "Группа крови"), ("КИНО", "группа крови"), True),
    ],
)
def test_names_are_compared_without_spelling(one, two, same):
    assert name_of(*one)
    assert (name_of(*one) == name_of(*two)) == same


@given(st.text(), st.text())
def test_a_name_needs_artist_and_title(artist, title):
    assert name_of(artist, "") == name_of("", title) == name_of("...", title) == ""


def sound(audio: int, *paths: str, seconds: float = 100, **more) -> Sound:
    encoding = replace(Encoding("MP3", False, 128, seconds), **more)
    return Sound(bytes([audio]), encoding, paths)


def test_the_best_copy_is_lossless_then_of_the_highest_bit_rate_then_the_longest():
    sounds = [
        sound(1, "low"),
        sound(2, "high", kilobits=320),
        sound(3, "high and long", kilobits=320, seconds=101),
        sound(4, "lossless", kilobits=100, lossless=True),
        sound(5, "edit", kilobits=900, lossless=True, seconds=60),
        sound(6, "other"),
    ]
    same = dict.fromkeys([(0, 1), (1, 2), (2, 3)], Relation.SAME)
    [group] = group_copies(sounds, same | {(0, 4): Relation.EDIT}, lambda *_: True)
    assert [copy.path for copy in group] == ["lossless", "high and long", "high", "low", "edit"]
    assert [copy.version for copy in group] == [1, 1, 1, 1, 2]
    assert group[-1].shorter == 40


@pytest.mark.parametrize(("equal", "relation"), [(True, "identical"), (False, "same recording")])
def test_files_of_one_quick_hash_are_identical_only_where_every_byte_is(equal, relation):
    [group] = group_copies([sound(1, "a", "b")], {}, lambda *_: equal)
    assert [copy.relation for copy in group] == ["best copy", relation]
    assert all(isinstance(copy, Copy) for copy in group)
