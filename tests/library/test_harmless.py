"""Whatever a file is: it plays as before, or it is left as it is; the genre is of that sound."""

from __future__ import annotations

import shutil
import struct
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from test_genres_present import data_box, udta, with_list

from genrescope.library.formats.mp4.boxes import Box
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.sound.decoded import sound_difference
from genrescope.library.tagging.apply import OTHER_SOUND, _check_others, apply_plan
from genrescope.library.tagging.plan import PlanRow
from genrescope.library.tagging.readback import unread_by
from genrescope.library.tagging.replacing import RefusedError
from genrescope.library.tagging.tagfile import other_tags, read_tags, write_field
from genrescope.library.tagging.undo import undo
from songfiles import write_song
from tagged_songs import KINDS, make_song

CASES = Path(__file__).parent / "cases"


def copy_of(path: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return Path(shutil.copy(path, folder / path.name))


def row(path: Path, new=("Jazz",), audio="") -> PlanRow:
    return PlanRow(path.name, "genre", (), new, "replace", audio=audio)


def seconds(path: Path) -> float:
    with av.open(str(path)) as container:
        return sum(f.samples / f.sample_rate for f in container.decode(audio=0))


def boxes(data: bytes, *names: bytes) -> list[int]:
    """Where the content of all boxes of a path begins."""
    spans = [(0, len(data))]
    for name in names:
        found = []
        for place, end in spans:
            while place + 8 <= end:
                length = int.from_bytes(data[place : place + 4])
                found += [(place + 8, place + length)] * (data[place + 4 : place + 8] == name)
                place += length
        spans = found
    return [start for start, _ in spans]


@pytest.mark.parametrize("text", ["Jazz", "x" * 5000])
def test_fragments_are_found_where_they_moved_to(tmp_path, text):
    path = copy_of(CASES / "fragments.m4a", tmp_path)
    write_field(path, "custom:OURS", (text,))
    assert seconds(path) == pytest.approx(3, abs=0.1)
    assert sound_difference(CASES / "fragments.m4a", path) == ""
    data = path.read_bytes()
    starts = [start - 8 for start in boxes(data, b"moof")]
    heads = boxes(data, b"moof", b"traf", b"tfhd")
    assert [int.from_bytes(data[at + 8 : at + 16]) for at in heads] == starts
    (table,) = boxes(data, b"mfra", b"tfra")
    assert int.from_bytes(data[table + 24 : table + 32]) == starts[0]


def test_an_index_before_the_moved_part_is_corrected(tmp_path):
    data = (CASES / "fragments.m4a").read_bytes()
    at = boxes(data, b"moov")[0] - 8
    moof = boxes(data, b"moof")[0] - 8
    # Version 0: reference, time scale, earliest time, first offset from its own end, no entries.
    sidx = Box(b"sidx", bytes(4) + struct.pack(">IIIIHH", 1, 48000, 0, moof - at, 0, 0)).render()
    path = tmp_path / "a.m4a"
    path.write_bytes(data[:at] + sidx + data[at:])
    write_field(path, "custom:OURS", ("x" * 5000,))
    new = path.read_bytes()
    (place,) = boxes(new, b"sidx")
    first = int.from_bytes(new[place + 16 : place + 20])
    assert place + 24 + first == boxes(new, b"moof")[0] - 8


@pytest.mark.parametrize(
    "kind", ["v24.mp3", "a.flac", "a.ogg", "a.opus", "a.m4a", "a.wma", "a.wav"]
)
def test_damage_to_the_sound_is_seen(tmp_path, kind):
    """In the midst of a long file, at its end, and a cut."""
    path = make_song(tmp_path, kind, seconds=3)
    data = path.read_bytes()
    assert sound_difference(path, path) == ""
    changed = tmp_path / f"changed{path.suffix}"
    middle = len(data) // 2
    for new in (
        data[:middle] + data[middle + 700 :],
        data[:middle] + bytes(700) + data[middle + 700 :],
        data[: -len(data) // 4] if kind != "a.m4a" else data[:middle],
    ):
        changed.write_bytes(new)
        assert sound_difference(path, changed) != ""


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".m4a"])
def test_a_shifted_or_cut_long_file_is_seen(tmp_path, suffix):
    path = write_song(tmp_path / f"a{suffix}", seconds=60)
    data = path.read_bytes()
    changed = tmp_path / f"changed{suffix}"
    changed.write_bytes(data)
    assert sound_difference(path, changed) == ""
    if suffix == ".m4a":  # all chunks from one on are found seven bytes too late
        at = boxes(data, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stco")[0] + 8
        count = int.from_bytes(data[at - 4 : at])
        table = np.frombuffer(data, ">u4", count, at).copy()
        table[count // 2 :] += 7
        changed.write_bytes(data[:at] + table.tobytes() + data[at + 4 * count :])
    else:
        changed.write_bytes(data[: len(data) * 9 // 10])
    assert sound_difference(path, changed) != ""
    assert sound_difference(path, changed, full=True) != ""


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg"])
def test_without_pyav_the_core_decoder_compares(tmp_path, monkeypatch, suffix):
    monkeypatch.setitem(sys.modules, "av", None)  # as where it is not installed
    path = write_song(tmp_path / f"a{suffix}", seconds=22)
    changed = Path(shutil.copy(path, tmp_path / f"b{suffix}"))
    write_field(changed, "genre", ("Jazz",))
    assert sound_difference(path, changed) == ""
    assert sound_difference(path, changed, full=True) == ""
    changed.write_bytes(changed.read_bytes()[: -path.stat().st_size // 3])
    assert sound_difference(path, changed) != ""


def wrapped_picture() -> bytes:
    """A FLAC file with a picture of more than 16 MiB, whose length has wrapped around."""
    flac = (CASES / "base.flac").read_bytes()
    size = (1 << 24) + 5000
    picture = (
        struct.pack(">II", 3, 9) + b"image/png" + bytes(20) + size.to_bytes(4) + b"\x5a" * size
    )
    block = bytes([6]) + (len(picture) & 0xFFFFFF).to_bytes(3) + picture
    return flac[:42] + block + flac[42:]


def test_a_picture_that_is_too_long_is_no_reason_to_harm_the_song(tmp_path):
    path = tmp_path / "a.flac"
    path.write_bytes(wrapped_picture())
    before = path.read_bytes()
    (outcome,) = apply_plan([row(path)], tmp_path, journals=tmp_path / "journals").outcomes
    assert (outcome.status, outcome.why.partition(":")[0]) == ("refused", "the metadata is damaged")
    assert path.read_bytes() == before


@pytest.mark.parametrize("more", [0, 1, 3, 4, 5, 1000])
def test_padding_of_more_than_a_block(tmp_path, more):
    flac = (CASES / "base.flac").read_bytes()
    lengths = ((1 << 24) - 1, more)
    blocks = b"".join(b"\1" + length.to_bytes(3) + bytes(length) for length in lengths)
    path, original = tmp_path / "a.flac", tmp_path / "original.flac"
    path.write_bytes(flac[:42] + blocks + flac[42:])
    shutil.copy(path, original)
    assert write_field(path, "genre", ("Jazz",)) == ("Jazz",)
    assert path.stat().st_size == original.stat().st_size
    assert sound_difference(original, path) == ""
    assert unread_by(path, {"genre": ("Jazz",)}) == ""


GENRE = Box(b"\xa9gen", data_box(1, b"Rock")).render()


@pytest.mark.parametrize(
    "lists",
    [
        udta(GENRE, b"mdta"),
        udta(GENRE, skip=b""),
        Box(b"udta", Box(b"name", b"x").render()).render() + udta(GENRE),
        udta(GENRE) + udta(Box(b"\xa9nam", data_box(1, b"T")).render()),
        udta(Box(b"\xa9nam", data_box(1, b"T")).render()) + udta(GENRE),
    ],
)
def test_lists_of_quicktime_are_written_for_all_readers_or_not_at_all(tmp_path, lists):
    music = tmp_path / "music"
    music.mkdir()
    path = with_list(write_song(tmp_path / "a.m4a", seconds=0.3), music / "a.m4a", lists)
    before = path.read_bytes()
    planned = PlanRow(path.name, "genre", read_tags(path).genres, ("Jazz",), "replace")
    (outcome,) = apply_plan([planned], music, journals=tmp_path / "journals").outcomes
    if outcome.status == "written":
        assert unread_by(path, {"genre": ("Jazz",)}) == ""
        assert read_tags(path).genres == ("Jazz",)
    else:
        assert "show" in outcome.why or "read" in outcome.why
        assert path.read_bytes() == before


def test_an_author_in_two_objects_is_no_danger(tmp_path):
    """As ffmpeg writes WMA."""
    path = tmp_path / "a.wma"
    with (
        av.open(str(write_song(tmp_path / "bare.wma"))) as old,
        av.open(str(path), "w", format="asf") as container,
    ):
        container.metadata.update({"artist": "Someone", "title": "T"})
        stream = container.add_stream_from_template(old.streams.audio[0])
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                container.mux(packet)
    author = "Author".encode("utf-16-le")
    assert path.read_bytes().count(author) == 1  # the other stands in an object without names
    others = other_tags(path, "genre")
    assert read_tags(path).artist == "Someone"
    original = Path(shutil.copy(path, tmp_path / "original.wma"))
    write_field(path, "genre", ("Jazz", "Dub"))
    assert other_tags(path, "genre") == others
    assert sound_difference(original, path) == ""
    assert unread_by(path, {"genre": ("Jazz", "Dub")}) == ""
    assert read_tags(path).artist == "Someone"


def test_damaged_songs_stop_no_run(tmp_path):
    music = tmp_path / "music"
    songs = [copy_of(CASES / name, music) for name in ("name.wma", "type.wma", "fragments.m4a")]
    applied = apply_plan(map(row, songs), music, journals=tmp_path / "journals")
    assert [outcome.status for outcome in applied.outcomes] == ["refused", "refused", "written"]
    assert [outcome.why for outcome in applied.outcomes[:2]] == [
        "the header is damaged: a name in it is cut",
        "the header is damaged: 'Moodx' has no known type or length",
    ]
    assert all(outcome.remedy for outcome in applied.outcomes[:2])


def test_what_was_lost_is_named(tmp_path):
    kept, lost = ("TIT2", b"a"), ("WM/Picture", b"b")
    with pytest.raises(RefusedError, match=r"other tags would not survive: WM/Picture"):
        _check_others([kept, lost], [kept])


def test_a_plan_is_of_a_sound_and_not_of_a_place(tmp_path):
    music, journals = tmp_path / "music", tmp_path / "journals"
    songs = [make_song(tmp_path, kind, tagged=False, seed=1) for kind in KINDS]
    rows = [row(path, audio=audio_hash(path, full=False)) for path in songs]
    for path in songs:
        copy_of(path, music)
    replaced = [make_song(music, kind, tagged=False, seed=2) for kind in list(KINDS)[::2]]
    before = {path: path.read_bytes() for path in replaced}
    applied = apply_plan(rows, music, journals=journals)
    refused = [outcome.path for outcome in applied.outcomes if outcome.status == "refused"]
    assert refused == [path.name for path in replaced]
    assert {o.why for o in applied.outcomes if o.status == "refused"} == {OTHER_SOUND}
    assert {path: path.read_bytes() for path in replaced} == before
    # The same of what is taken back: another song with the same tag, length and time.
    written = music / songs[1].name
    other = make_song(tmp_path / "journals", songs[1].name, tagged=False, seed=3)
    write_field(other, "genre", ("Jazz",))
    shutil.copy(other, written)
    undone = undo(applied.run, journals=journals)
    found = {Path(outcome.path).name: outcome for outcome in undone.outcomes}
    assert found[written.name].why == "another song is in its place"
    assert written.read_bytes() == other.read_bytes()
    assert undone.count("restored") == len(KINDS) - len(replaced) - 1
