"""Tags in Matroska and WebM: trees of all shapes, and files of ffmpeg."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebmltrees import CLUSTER, CUES, SEEK_HEAD, TAGS, VOID, built, checked, clusters, faults, grown
from ebmltrees import simple_tags as shown
from genrescope.errors import DataError
from genrescope.library.index.database import Index
from genrescope.library.index.scan import scan
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.sound.decoded import sound_difference
from genrescope.library.tagging.apply import write_checked
from genrescope.library.tagging.readback import unread_by
from genrescope.library.tagging.tagfile import other_tags, read_tags, write_field
from genrescope.library.tagging.verifying import Verifier
from tagged_songs import KINDS, make_song

INFO, TRACKS, ATTACHMENTS, UNKNOWN = 0x1549A966, 0x1654AE6B, 0x1941A469, 0x1A4ABCDE
SEGMENT, UID = 0x18538067, 7
HEADER = built(0x1A45DFA3, built(0x4282, b"matroska"))
BLOCK = built(0xA3, b"\x81\0\0\x80" + bytes(range(50)))
Places = dict[int, list[int]]
Part = bytes | Callable[[Places, int], bytes]


def simple(name: str, *values: str) -> bytes:
    texts = (built(0x45A3, name.encode()) + built(0x4487, value.encode()) for value in values)
    return b"".join(built(0x67C8, text) for text in texts)


def tag(*simples: bytes, level: int = 0, uid: int = 0, kind: str = "", chapter: int = 0) -> bytes:
    numbers = ((0x68CA, level), (0x63C5, uid), (0x63C4, chapter))
    targets = b"".join(built(id_, bytes([number])) for id_, number in numbers if number)
    targets += built(0x63CA, kind.encode()) if kind else b""
    return built(0x7373, built(0x63C0, targets) + b"".join(simples))


def track(uid: int = UID, kind: int = 2) -> bytes:
    numbers = (0xD7, uid), (0x73C5, uid), (0x83, kind)
    return built(0xAE, b"".join(built(id_, bytes([number])) for id_, number in numbers))


def cluster(number: int = 0, *, width: int = 0, position: int = 0) -> bytes:
    head = built(0xE7, bytes([number])) + (built(0xA7, bytes([position])) if position else b"")
    return built(CLUSTER, head + BLOCK * (number + 1), width)


def seek_head(*ids: int, checksum: bool = False) -> Part:
    """A list of where elements are, of those that there are."""

    def made(places: Places, width: int) -> bytes:
        entries = b"".join(
            built(0x4DBB, built(0x53AB, id_.to_bytes(4)) + built(0x53AC, place.to_bytes(width)))
            for id_ in ids
            for place in places.get(id_, ())[:1]
        )
        return built(SEEK_HEAD, checked(entries) if checksum else entries)

    return made


def cues(*, checksum: bool = False) -> Part:
    """An index of all Clusters."""

    def made(places: Places, width: int) -> bytes:
        points = b"".join(
            built(0xBB, built(0xB3, b"\0") + built(0xB7, built(0xF1, place.to_bytes(width))))
            for place in places.get(CLUSTER, ())
        )
        return built(CUES, checked(points) if checksum else points)

    return made


def file_of(*parts: Part, width: int = 3, size: int = 8) -> bytes:
    """A file; positions have `width` bytes, the Segment's length `size` or, if -1, none."""
    places: Places = {}
    for _ in range(3):  # which elements there are, then their lengths, then their positions
        bodies = [part if isinstance(part, bytes) else part(places, width) for part in parts]
        starts = accumulate(map(len, bodies), initial=0)
        places = {}
        for body, start in zip(bodies, starts, strict=False):
            places.setdefault(int.from_bytes(body[:4]), []).append(start)
    return HEADER + built(SEGMENT, b"".join(bodies), size)


def tags(*items: bytes, checksum: bool = False) -> bytes:
    content = b"".join(items)
    return built(TAGS, checked(content) if checksum else content)


def ids(data: bytes) -> list[int]:
    """What the Segment consists of."""
    return [branch.id for segment in grown(data) for branch in segment.inner]


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "a.mka"
    path.write_bytes(data)
    return path


FRONT = (built(INFO, b""), built(TRACKS, track()))
BIG = "x" * 3000


names = st.sampled_from(["GENRE", "genre", "MOOD", "OTHER"])
simples = st.builds(simple, names, st.sampled_from(["Rock", "x" * 130]))
items = st.builds(
    lambda inner, level, uid, kind: tag(*inner, level=level, uid=uid, kind=kind),
    st.lists(simples, min_size=1, max_size=3),
    st.sampled_from([0, 30, 50]),
    st.sampled_from([0, 0, UID, 9]),
    st.sampled_from(["", "", "ALBUM"]),
)
all_tags = st.builds(
    lambda found, checksum: tags(*found, checksum=checksum),
    st.lists(items, max_size=3),
    st.booleans(),
)
voids = st.integers(0, 500).map(lambda size: built(VOID, bytes(size)))
rest = st.sampled_from([built(ATTACHMENTS, bytes(300)), built(UNKNOWN, b"abc")])
lists = st.builds(
    lambda checksum, named: seek_head(INFO, TRACKS, CUES, ATTACHMENTS, *named, checksum=checksum),
    st.booleans(),
    st.sampled_from([(), (TAGS,)]),
)
indices = st.builds(lambda checksum: cues(checksum=checksum), st.booleans())
sounds = st.builds(
    lambda number, width, position: cluster(number, width=width, position=position),
    st.integers(0, 3),
    st.sampled_from([0, 8, -1]),
    st.sampled_from([0, 0, 0, 9]),
)


@st.composite
def trees(draw: st.DrawFn) -> bytes:
    front = draw(st.lists(st.one_of(all_tags, voids, rest), max_size=4))
    front += draw(st.lists(lists, max_size=1)) + draw(st.lists(indices, max_size=1)) + list(FRONT)
    middle = draw(st.lists(sounds, min_size=1, max_size=3))
    back = draw(st.lists(st.one_of(all_tags, voids, rest, indices), max_size=3))
    size = draw(st.sampled_from([-1, 2, 4, 8]))
    return file_of(
        *draw(st.permutations(front)), *middle, *back, width=draw(st.integers(2, 4)), size=size
    )


@given(data=trees(), values=st.lists(st.sampled_from(["Jazz", "Düb", "y" * 300, BIG]), unique=True))
def test_a_field_of_any_tree_is_replaced_or_the_file_is_left_alone(data, values, tmp_path_factory):
    path = saved(tmp_path_factory.mktemp("tree"), data)
    assert faults(data) == []
    try:
        before, sound = other_tags(path, "genre"), audio_hash(path)
        assert write_field(path, "genre", tuple(values)) == tuple(values)
    except DataError:
        assert path.read_bytes() == data
        return
    new = path.read_bytes()
    assert read_tags(path).genres == tuple(values)
    assert other_tags(path, "genre") == before
    assert audio_hash(path) == sound
    assert faults(new) == []
    assert clusters(new) == clusters(data)
    assert [id_ for id_ in ids(new) if id_ not in (TAGS, VOID)] == [
        id_ for id_ in ids(data) if id_ not in (TAGS, VOID)
    ]
    try:
        write_field(path, "genre", ())
    except DataError:  # an empty list of tags is no end of a Cluster without length
        return
    assert read_tags(path).genres == ()
    assert other_tags(path, "genre") == before
    assert faults(path.read_bytes()) == []


class Undecoded(Verifier):
    """The blocks of the trees are no sound that could be decoded."""

    def check(self, *_: object) -> None:
        pass


@given(data=trees(), cut=st.integers(1, 3000), place=st.integers(0, 3000), byte=st.integers(0, 255))
def test_damage_is_a_reason_and_no_accident(data, cut, place, byte, tmp_path_factory):
    wrong = bytearray(data[:-cut] or data)
    if place < len(wrong):
        wrong[place] = byte
    path = saved(tmp_path_factory.mktemp("tree"), HEADER[:4] + bytes(wrong[4:]))
    before, sound = path.read_bytes(), audio_hash(path)
    copy = path.with_suffix(".mkv")
    copy.write_bytes(before)
    try:
        write_checked(path, copy, {"genre": ("Jazz",)}, Undecoded())
    except DataError:
        assert path.read_bytes() == before
        return
    assert read_tags(copy).genres == ("Jazz",)
    assert audio_hash(copy) == sound


OLD = tags(tag(simple("GENRE", "Rock"), simple("OTHER", "kept")))


@pytest.mark.parametrize(
    ("parts", "way"),
    [
        ([seek_head(TAGS, INFO), *FRONT, OLD, built(VOID, bytes(5000)), cluster()], "room"),
        ([seek_head(INFO), built(VOID, bytes(5000)), *FRONT, cluster()], "room"),
        ([*FRONT, built(VOID, bytes(5000)), cluster()], "room"),
        ([seek_head(TAGS, CUES), *FRONT, cluster(), cues(), OLD], "end"),
        ([seek_head(TAGS, CUES), *FRONT, OLD, cluster(), cues()], "end"),
        ([seek_head(CUES), built(VOID, bytes(80)), *FRONT, cluster(), cues()], "end"),
        ([seek_head(CUES, ATTACHMENTS), *FRONT, cues(), cluster(), cluster(1)], "before"),
        ([seek_head(CUES, checksum=True), *FRONT, cluster(), cues(checksum=True)], "before"),
        ([*FRONT, OLD, cluster(width=-1), cluster(width=-1)], "before"),
    ],
)
@pytest.mark.parametrize("size", [8, -1])
def test_where_tags_are_put(tmp_path, parts, way, size):
    data = file_of(*parts, size=size)
    path = saved(tmp_path, data)
    write_field(path, "genre", (BIG,))
    new = path.read_bytes()
    order = [id_ for id_ in ids(new) if id_ != VOID]
    assert faults(new) == []
    assert shown(new)["GENRE"] == [BIG]
    assert (way == "room") == (len(new) == len(data))
    assert (way == "end") == (order[-1] == TAGS)
    length = len(new)
    write_field(path, "genre", (BIG, "Dub"))  # there is padding now
    assert path.stat().st_size == length


def test_players_find_new_tags_in_the_list_that_had_none(tmp_path):
    path = saved(
        tmp_path, file_of(seek_head(CUES), built(VOID, bytes(80)), *FRONT, cluster(), cues())
    )
    write_field(path, "genre", ("Jazz" * 50,))
    (segment,) = (branch for branch in grown(path.read_bytes()) if branch.id == SEGMENT)
    named = [next(seek.all(0x53AB)).number for seek in segment.all(SEEK_HEAD, 0x4DBB)]
    assert named == [CUES, TAGS]


def test_tags_that_go_are_no_longer_listed(tmp_path):
    old = tags(tag(simple("GENRE", "Rock")))
    path = saved(tmp_path, file_of(seek_head(TAGS, CUES), *FRONT, old, cluster(), cues()))
    size = path.stat().st_size
    write_field(path, "genre", ())
    assert TAGS not in ids(path.read_bytes())
    assert faults(path.read_bytes()) == []
    assert path.stat().st_size == size


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([*FRONT, cluster(), b"\1\2"], "one ends after|one has no head"),
        ([*FRONT, built(TAGS, b"\x73\x73\x85abc"), cluster()], "one ends after"),
        ([*FRONT, built(TAGS, checked(tag(simple("A", "b")))[:-1] + b"c"), cluster()], "checksum"),
        ([built(0xBF, bytes(4)), *FRONT, cluster()], "checksum over all of it"),
        ([*FRONT, cluster(), HEADER, built(SEGMENT, b"")], "another file begins"),
        ([*FRONT, cluster(position=9)], "no room"),
    ],
)
def test_what_cannot_be_kept_right_is_refused(tmp_path, parts, message):
    path = saved(tmp_path, file_of(*parts))
    before = path.read_bytes()
    with pytest.raises(DataError, match=message) as error:
        write_field(path, "genre", ("Jazz",))
    assert error.value.remedy
    assert path.read_bytes() == before


@pytest.mark.parametrize("change", [lambda data: data[:-20], lambda data: data + bytes(20)])
def test_a_length_that_is_not_the_files_is_refused(tmp_path, change):
    path = saved(tmp_path, change(file_of(*FRONT, cluster(), cluster())))
    before = path.read_bytes()
    with pytest.raises(DataError):
        write_field(path, "genre", ("Jazz",))
    assert path.read_bytes() == before
    assert read_tags(path).genres == ()


def test_a_position_that_has_no_room_for_more_is_refused(tmp_path):
    data = file_of(*FRONT, built(UNKNOWN, bytes(64000)), cues(), cluster(), width=2)
    path = saved(tmp_path, data)
    with pytest.raises(DataError, match="no room"):
        write_field(path, "genre", (BIG,))
    assert path.read_bytes() == data


def test_whose_tags_are_the_songs(tmp_path):
    found = (
        tag(simple("ARTIST", "Band"), simple("TITLE", "Album"), simple("GENRE", "Rock"), level=50),
        tag(simple("ARTIST", "Singer"), simple("TITLE", "Song"), simple("GENRE", "Dub"), level=30),
        tag(simple("GENRE", "Rock"), simple("MOOD", "calm"), uid=UID),
        tag(simple("GENRE", "Speech"), uid=9),
        tag(simple("GENRE", "Polka"), chapter=1),
    )
    path = saved(tmp_path, file_of(*FRONT, tags(*found), cluster()))
    read = read_tags(path)
    assert (read.artist, read.title, read.album) == ("Singer", "Song", "Album")
    assert (read.genres, read.mood) == (("Rock", "Dub"), ("calm",)) or read.genres == (
        "Dub",
        "Rock",
    )
    write_field(path, "genre", ("Jazz",))
    assert shown(path.read_bytes())["GENRE"] == ["Jazz", "Speech", "Polka"]
    two = saved(tmp_path, file_of(built(TRACKS, track() + track(9)), tags(found[2]), cluster()))
    assert read_tags(two).genres == ()


@pytest.mark.parametrize(
    ("old", "level"),
    [
        ((), 30),
        ((tag(simple("OTHER", "a")),), 0),
        ((tag(simple("OTHER", "a"), level=50), tag(simple("OTHER", "a"), level=30)), 30),
        ((tag(simple("OTHER", "a"), kind="ALBUM"),), 30),
        ((tag(simple("OTHER", "a"), uid=UID),), 30),
        ((tag(simple("GENRE", "a"), level=50), tag(simple("OTHER", "a"), level=30)), 50),
    ],
)
def test_new_values_stand_where_players_look(tmp_path, old, level):
    path = saved(tmp_path, file_of(*FRONT, tags(*old), cluster()))
    write_field(path, "genre", ("Jazz", "Dub"))
    holders = [
        [it.number for it in tag.all(0x63C0, 0x68CA)]
        for segment in grown(path.read_bytes())
        for tag in segment.all(TAGS, 0x7373)
        if any(b"GENRE" in name.data for name in tag.all(0x67C8, 0x45A3))
    ]
    assert holders == [[level] if level else []]


def test_a_name_keeps_its_spelling_and_a_binary_value_stays(tmp_path):
    binary = built(0x67C8, built(0x45A3, b"GENRE") + built(0x4485, b"\1\2"))
    path = saved(tmp_path, file_of(*FRONT, tags(tag(simple("Genre", "Rock"), binary)), cluster()))
    write_field(path, "genre", ("Jazz",))
    assert b"Genre" in path.read_bytes()
    assert binary in path.read_bytes()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.endswith(("mka", "mkv", "webm"))])
def test_files_of_ffmpeg_play_as_before_wherever_the_tags_are_put(tmp_path, kind):
    path = make_song(tmp_path, kind, seconds=3)
    data = path.read_bytes()
    (segment,) = (branch for branch in grown(data) if branch.id == SEGMENT)
    at = segment.start + 4  # without list of positions, index and padding
    kept = [it for it in segment.inner if it.id not in (SEEK_HEAD, VOID, CUES)]
    ends = [it.start for it in segment.inner[1:]] + [len(data)]
    pieces = [
        data[it.start : end] for it, end in zip(segment.inner, ends, strict=True) if it in kept
    ]
    for size in (8, -1):
        bare = tmp_path / f"bare{path.suffix}"
        bare.write_bytes(data[:at] + built(SEGMENT, b"".join(pieces), size)[4:])
        for song in (bare, path):
            changed = Path(shutil.copy(song, tmp_path / f"changed{path.suffix}"))
            write_field(changed, "genre", ("Jazz", BIG))
            assert sound_difference(song, changed, full=True) == ""
            assert unread_by(changed, {"genre": ("Jazz", BIG)}) == ""
            assert faults(changed.read_bytes()) == []
            assert audio_hash(song) == audio_hash(changed)


def test_an_index_that_knew_no_matroska_reads_it(tmp_path):
    (tmp_path / "music").mkdir()
    for kind in ("a.mka", "a.flac"):
        make_song(tmp_path / "music", kind, seconds=0.3)
    where = tmp_path / "music", tmp_path / "index.sqlite"
    with Index(*where) as index:
        assert scan(index).new == 2
        row = next(index.rows("SELECT genres, album, fields FROM files WHERE path = ?", b"a.mka"))
        assert row == ("Rock", "Album", '{"mood": ["calm"]}')
        index.database.execute(
            "UPDATE files SET genres = '', audio = X'00', tags_problem = ? WHERE path = ?",
            ("it is Matroska or WebM; its tags are not supported", b"a.mka"),
        )
        index.database.execute("PRAGMA user_version = 4")
    with Index(*where) as index:
        changes = scan(index)
        assert (changes.changed, changes.unchanged) == (1, 1)
        assert index.value("SELECT genres FROM files WHERE path = ?", b"a.mka") == "Rock"


def test_the_first_of_several_values_is_the_one_that_players_show(tmp_path):
    path = make_song(tmp_path, "a.mka", seconds=0.3)
    write_field(path, "genre", ("Rock", "Indie Rock", "Folk"))
    with av.open(str(path)) as container:
        assert container.metadata["GENRE"] == "Rock"
    assert shown(path.read_bytes())["GENRE"] == ["Indie Rock", "Folk", "Rock"]
    assert read_tags(path).genres == ("Rock", "Indie Rock", "Folk")
