"""Reading and writing tags of all formats, seen by readers of their own as well."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import mutagen
import mutagen.id3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebmltrees import simple_tags
from genrescope.audio.load import load_audio
from genrescope.errors import AudioError, DataError
from genrescope.library.formats import id3
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.sound.payload import find_payload
from genrescope.library.tagging.tagfile import check_protection, other_tags, read_tags, write_field
from songfiles import write_song
from tagged_songs import KINDS, MATROSKA, foreign_values, make_song

FIELDS = ("genre", "comment", "custom:OURS")
# Text that every format can hold: no control characters, no blanks around, and none of what ID3
# gives another meaning (numbers, brackets at the beginning, RX and CR, the slash).
NAMES = st.text(  # a byte order mark that a value begins with is none of it, in ID3
    st.characters(
        blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), blacklist_characters="/;(\ufeff"
    ),
    min_size=1,
    max_size=40,
).filter(lambda text: text.strip() == text and not text.isdecimal() and text not in ("RX", "CR"))
GENRES = st.lists(NAMES, max_size=4, unique=True).map(tuple)


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    for kind in KINDS:
        make_song(folder, kind)
    (folder / "bare").mkdir()
    for kind in KINDS:
        make_song(folder / "bare", kind, tagged=False)
    return folder


def copy_of(original: Path, folder: Path) -> Path:
    return Path(shutil.copy(original, folder / original.name))


def single(kind: str, field: str) -> bool:
    """Whether the format holds several values as one."""
    joined = (".mp3", ".wav", ".aiff", ".wma", ".dsf", ".dff")
    return kind == "v23.mp3" or (field == "comment" and Path(kind).suffix in joined)


@pytest.mark.parametrize("kind", KINDS)
def test_tags_are_read(originals, kind):
    tags = read_tags(originals / kind)
    assert tags.genres == ("Rock",)
    assert (tags.album, tags.title, tags.comment) == ("Album", "Tïtle", ("a comment",))
    joined = kind == "v23.mp3" or Path(kind).suffix in MATROSKA
    assert tags.artist == ("One/Two" if joined else "One; Two")
    assert tags.values("custom:mood") == ("calm",)
    assert tags.values("custom:absent") == ()


@pytest.mark.parametrize("kind", KINDS)
def test_no_tags_are_no_error(originals, kind):
    tags = read_tags(originals / "bare" / kind)
    assert (tags.genres, tags.album, tags.artist, tags.title, tags.comment) == ((), "", "", "", ())


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=GENRES)
def test_what_is_written_reads_back_and_all_else_stays(originals, tmp_path, kind, field, values):
    path = copy_of(originals / kind, tmp_path)
    sound, others = audio_hash(path), other_tags(path, field)
    pictures = [tags_of_others(path, field)]
    written = write_field(path, field, values)
    if len(values) < 2 or not single(kind, field):
        assert written == values
    assert read_tags(path).values(field) == written
    assert foreign_values(path, field.partition(":")[0]) == list(written)
    assert audio_hash(path) == sound
    assert other_tags(path, field) == others
    assert [tags_of_others(path, field)] == pictures


def tags_of_others(path: Path, field: str) -> list[str]:
    """All other tags, pictures included, as mutagen shows them; or another reader of Matroska."""
    if path.suffix in MATROSKA:
        found = simple_tags(path.read_bytes())
        return [f"{name}={found[name]}" for name in sorted(found) if name not in field.upper()]
    opened = mutagen.File(path)
    gone = {
        "genre": ("tcon", "genre", "\xa9gen", "wm/genre"),
        "comment": ("comm::deu", "comm::eng", "comment", "\xa9cmt", "description"),
        "custom:OURS": ("txxx:ours", "ours", "----:com.apple.itunes:ours"),
    }[field]
    tags = {key: repr(opened.tags[key]) for key in opened.tags if isinstance(key, str)}
    kept = [f"{key}={value}" for key, value in sorted(tags.items()) if key.lower() not in gone]
    return kept + [picture.write().hex() for picture in getattr(opened, "pictures", ())]


@pytest.mark.parametrize("kind", KINDS)
def test_a_bare_file_gets_tags_and_still_decodes(originals, tmp_path, kind):
    path = copy_of(originals / "bare" / kind, tmp_path)
    before = load_audio(path)
    assert write_field(path, "genre", ("Jazz",)) == ("Jazz",)
    assert foreign_values(path, "genre") == ["Jazz"]
    after = load_audio(path)
    assert after.rate == before.rate
    assert (after.samples == before.samples).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_tag_that_fits_does_not_move_the_sound(originals, tmp_path, kind):
    path = copy_of(originals / "bare" / kind, tmp_path)
    write_field(path, "genre", ("Jazz",))
    size, place = path.stat().st_size, place_of_sound(path)
    write_field(path, "genre", ("Progressive House", "Ünïcode"))
    assert place_of_sound(path) == place
    assert path.stat().st_size == size or path.suffix in (".wv", ".ape", ".mpc")  # no padding


def place_of_sound(path: Path) -> list[tuple[int, int]]:
    """Where the sound is in a file; of Ogg the whole of it."""
    with path.open("rb") as file:
        return find_payload(file, path.stat().st_size).ranges


@pytest.mark.parametrize("kind", KINDS)
def test_much_text_fits(originals, tmp_path, kind):
    path = copy_of(originals / kind, tmp_path)
    sound = audio_hash(path)
    text = "".join(
        f"{number} " for number in range(5000)
    ).strip()  # more than padding, less than 64 K
    assert write_field(path, "comment", (text,)) == (text,)
    assert read_tags(path).comment == (text,)
    assert audio_hash(path) == sound
    assert write_field(path, "comment", ()) == ()
    assert read_tags(path).comment == ()
    assert audio_hash(path) == sound


@pytest.mark.parametrize(("kind", "version"), [("v23.mp3", 3), ("v24.mp3", 4)])
def test_id3_keeps_its_version(originals, tmp_path, kind, version):
    path = copy_of(originals / kind, tmp_path)
    write_field(path, "genre", ("Jazz", "日本"))
    assert path.read_bytes()[3] == version


def test_id3v1_is_kept_in_step(originals, tmp_path):
    path = copy_of(originals / "v23.mp3", tmp_path)
    for genre, number in (("jazz", 8), ("No such number", 255)):
        write_field(path, "genre", (genre, "Rock"))
        tail = path.read_bytes()[-128:]
        assert tail.startswith(b"TAG")
        assert tail[127] == number


def test_a_new_tag_has_what_id3v1_has(originals, tmp_path):
    path = copy_of(originals / "bare" / "v24.mp3", tmp_path)
    old = b"TAG" + b"Title".ljust(30, b"\0") + b"Artist".ljust(30) + b"Album".ljust(30, b"\0")
    old += b"1999" + b"Comment".ljust(29, b"\0") + bytes([7, 17])
    path.write_bytes(path.read_bytes() + old)
    assert read_tags(path).genres == ("Rock",)
    write_field(path, "genre", ("Jazz",))
    tags = mutagen.id3.ID3(path)
    shown = {key: str(tags[key]) for key in ("TIT2", "TPE1", "TALB", "TRCK", "TDRC", "TCON")}
    assert shown == {
        **{"TIT2": "Title", "TPE1": "Artist", "TALB": "Album", "TRCK": "7", "TDRC": "1999"},
        "TCON": "Jazz",
    }


def test_a_new_tag_has_what_wav_info_has(originals, tmp_path):
    path = copy_of(originals / "bare" / "a.wav", tmp_path)
    info = b"INFO" + b"".join(
        name + struct.pack("<I", len(text)) + text
        for name, text in ((b"INAM", b"Name\0\0"), (b"IGNR", b"Punk"), (b"IART", b"Caf\xe9\0\0\0"))
    )
    data = path.read_bytes() + b"LIST" + struct.pack("<I", len(info)) + info
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    tags = read_tags(path)
    assert (tags.genres, tags.title, tags.artist) == (("Punk",), "Name", "Café")
    write_field(path, "genre", ("Jazz",))
    tags = read_tags(path)
    assert (tags.genres, tags.title, tags.artist) == (("Jazz",), "Name", "Café")
    assert info.replace(b"Punk", b"Jazz") in path.read_bytes()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("17", ["Rock"]),
        ("(17)", ["Rock"]),
        ("(17)Rock", ["Rock"]),
        ("(4)Eurodisco", ["Disco", "Eurodisco"]),
        ("(51)(39)", ["Techno-Industrial", "Noise"]),
        ("((Foo)", ["(Foo)"]),
        ("(RX)", ["Remix"]),
        ("CR", ["Cover"]),
        ("(999)", ["(999)"]),
        ("1999", ["1999"]),
    ],
)
def test_numbers_of_genres_are_read_as_names(text, names):
    frame = b"TCON" + struct.pack(">I", len(text) + 1) + b"\0\0" + b"\0" + text.encode()
    tag = b"ID3\x03\0\0\0\0\0" + bytes([len(frame)]) + frame
    assert list(id3.fields(id3.parse(tag))["genre"]) == names


def frame24(name: bytes, data: bytes, flags: bytes = b"\0\0") -> bytes:
    assert len(data) < 128
    return name + struct.pack(">I", len(data)) + flags + data


def tag24(frames: bytes, flags: int = 0) -> bytes:
    size = bytes([0, 0, len(frames) >> 7, len(frames) & 0x7F])
    return b"ID3\x04\0" + bytes([flags]) + size + frames


def test_unknown_doubled_and_packed_frames_keep_their_bytes():
    """Where mutagen would drop or rewrite them: two of a kind, flags, broken text, unknown ones."""
    import zlib

    rest = [
        frame24(b"COMM", b"\0engsame\0one"),
        frame24(b"COMM", b"\0engsame\0two"),
        frame24(b"XQQQ", b"\xff\x00\xfe anything"),
        frame24(b"TIT2", struct.pack(">I", 6) + zlib.compress(b"\0Title"), b"\0\x09"),
        frame24(b"TPE1", b"\x07 no such encoding"),
    ]
    tag = id3.parse(tag24(rest[0] + rest[1] + frame24(b"TCON", b"\0Rock") + b"".join(rest[2:])))
    assert not tag.damaged
    assert id3.fields(tag) == {"genre": ("Rock",), "title": ("Title",)}
    new, written = id3.replace_field(tag, "genre", ("Jazz",))
    again = id3.parse(id3.render(new))
    assert [frame.raw for frame in again.frames if frame.name != "TCON"] == rest
    assert id3.fields(again)["genre"] == written == ("Jazz",)


def test_unsynchronised_tags_stay_so():
    whole = (
        b"TCON" + struct.pack(">I", 5) + b"\0\0\0Rock" + b"PRIV" + struct.pack(">I", 4) + b"\0\0"
    )
    old = whole + b"a\0\xff\xe0"
    data = b"ID3\x03\0\x80\0\0\0" + bytes([len(old) + 1]) + old.replace(b"\xff", b"\xff\0")
    tag = id3.parse(data)
    new, _ = id3.replace_field(tag, "genre", ("ÿà",))
    out = id3.render(new)
    assert b"\xff\xe0" not in out
    assert id3.fields(id3.parse(out))["genre"] == ("ÿà",)
    assert id3.parse(out).frames[1].raw == tag.frames[1].raw


def test_itunes_sizes_are_understood():
    """ID3v2.4 with frame sizes of eight bits a byte, as old iTunes wrote them."""
    picture = b"APIC" + struct.pack(">I", 300) + b"\0\0" + b"x" * 300
    tag = id3.parse(tag24(picture + frame24(b"TCON", b"\0Rock")))
    assert (tag.base, tag.damaged) == (256, False)
    long = "y" * 200
    new, _ = id3.replace_field(tag, "genre", (long,))
    again = id3.parse(id3.render(new))
    assert (again.frames[0].raw, id3.fields(again)["genre"]) == (picture, (long,))


def test_a_damaged_tag_is_read_as_far_as_it_goes_but_not_written():
    tag = id3.parse(tag24(frame24(b"TCON", b"\0Rock") + b"garbage here and there"))
    assert id3.fields(tag)["genre"] == ("Rock",)
    with pytest.raises(DataError, match="damaged"):
        id3.replace_field(tag, "genre", ("Jazz",))


def test_id3v22_is_kept():
    frame = b"TCO\0\0\x05\0(17)"
    tag = id3.parse(b"ID3\x02\0\0\0\0\0" + bytes([len(frame)]) + frame)
    new, _ = id3.replace_field(tag, "genre", ("Jazz",))
    out = id3.render(new)
    assert out[3] == 2
    assert b"TCO\0\0\x05\0Jazz" in out
    assert id3.fields(id3.parse(out)) == {"genre": ("Jazz",)}


def test_comments_that_are_not_utf8_keep_their_bytes(originals, tmp_path):
    path = copy_of(originals / "a.flac", tmp_path)
    broken = "TITLE=Tïtle".encode().replace("ï".encode(), b"\xef\xff")
    path.write_bytes(path.read_bytes().replace("TITLE=Tïtle".encode(), broken))
    write_field(path, "genre", ("Jazz",))
    assert broken in path.read_bytes()
    assert read_tags(path).genres == ("Jazz",)


def test_a_wrong_extension_is_refused(originals, tmp_path):
    path = tmp_path / "song.mp3"
    shutil.copy(originals / "a.flac", path)
    with pytest.raises(AudioError, match=r"ends in '\.mp3', but it is FLAC") as error:
        read_tags(path)
    assert error.value.remedy == "rename it to end in .flac"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "begins as no known music format"),
        (b"MAC " + b"\0" * 99, "Monkey's Audio"),
        (b"text" * 9, "begins as no known music format"),
        (b"RF64\xff\xff\xff\xffWAVE", "RF64"),
        (b"BW64\xff\xff\xff\xffWAVE", "BW64"),
        (b"RIFX\0\0\0\x24WAVE", "RIFX"),
        (b"riff\x2e\x91\xcf\x11" + bytes(32), "Wave64"),
    ],
)
def test_what_cannot_be_tagged_is_refused(tmp_path, content, message):
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=message) as caught:
        read_tags(path)
    assert caught.value.remedy


ID3 = b"ID3\x04\0\0\0\0\0\x0fTCON\0\0\0\x05\0\0\0Rock"


@pytest.mark.parametrize(
    ("kind", "before", "message", "remedy"),
    [
        ("v24.mp3", ID3.replace(b"ID3\x04", b"ID3\x05"), "ID3 tag is of version 2.5", "ID3v2.4"),
        ("a.ogg", ID3, "an ID3 tag stands before it, and Ogg has none there", "remove that tag"),
        ("a.wav", ID3, "an ID3 tag stands before it, and WAV has none there", "remove that tag"),
        ("a.m4a", ID3, "an ID3 tag stands before it, and MP4 or M4A has", "remove that tag"),
        ("a.opus", b"garbage" * 9, "no page stand before its first", "remove them"),
        ("v24.mp3", b"garbage" * 9, "begins as no known music format", "remove what stands"),
        ("a.wav", b"", "it ends at byte 88,244, and it has 88,265 bytes", "repair it"),
    ],
)
def test_what_stands_where_it_should_not_is_named(
    originals, tmp_path, kind, before, message, remedy
):
    path = copy_of(originals / "bare" / kind, tmp_path)
    path.write_bytes(before + path.read_bytes() + (b"" if before else b"behind the last chunk"))
    with pytest.raises((AudioError, DataError), match=message) as caught:
        write_field(path, "genre", ("Jazz",))
    assert remedy in (caught.value.remedy or "")


def test_protected_files_are_refused(originals, tmp_path):
    path = copy_of(originals / "a.m4a", tmp_path)
    check_protection(path)
    path.write_bytes(path.read_bytes().replace(b"mp4a", b"drms", 1))
    with pytest.raises(AudioError, match="DRM"):
        check_protection(path)


def test_protected_wma_files_are_refused(originals, tmp_path):
    path = copy_of(originals / "a.wma", tmp_path)
    check_protection(path)
    padding = bytes.fromhex("74d40618dfca0945a4ba9aabcb96aae8")
    encryption = bytes.fromhex("fbb31122 23bd d211 b4b7 00a0c955fc6e")
    path.write_bytes(path.read_bytes().replace(padding, encryption, 1))
    with pytest.raises(AudioError, match="DRM"):
        check_protection(path)


def test_ogg_comments_on_many_pages(tmp_path):
    path = write_song(tmp_path / "a.ogg", seconds=5)
    sound = audio_hash(path)
    long = "é" * 120_000
    for values in ((long,), ("short",), (), (long, long)):
        write_field(path, "custom:OURS", values)
        assert read_tags(path).values("custom:ours") == values
        assert foreign_values(path, "custom") == list(values)
        assert audio_hash(path) == sound
    assert load_audio(path).rate > 0


@pytest.mark.parametrize("flags", ["+faststart", "+frag_keyframe+empty_moov"])
def test_m4a_with_its_tables_before_the_sound(originals, tmp_path, flags):
    """Where a longer tag moves the sound, the offsets to it are corrected."""
    av = pytest.importorskip("av")
    path = tmp_path / "a.m4a"
    with (
        av.open(str(originals / "bare" / "a.m4a")) as old,
        av.open(str(path), "w", format="ipod", options={"movflags": flags}) as new,
    ):
        stream = new.add_stream_from_template(old.streams.audio[0])
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    sound, samples = audio_hash(path), load_audio(path).samples
    write_field(path, "custom:OURS", ("x" * 5000,))
    assert path.stat().st_size > len(data)
    assert audio_hash(path) == sound
    assert (load_audio(path).samples == samples).all()
