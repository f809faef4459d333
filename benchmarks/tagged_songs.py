"""Short songs of all formats with rich tags, made by other programs than genrescope."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import mutagen.aiff
import mutagen.apev2
import mutagen.asf
import mutagen.dsdiff
import mutagen.dsf
import mutagen.flac
import mutagen.id3
import mutagen.monkeysaudio
import mutagen.mp3
import mutagen.mp4
import mutagen.musepack
import mutagen.oggopus
import mutagen.oggvorbis
import mutagen.wave
import mutagen.wavpack

from ebmltrees import simple_tags
from songfiles import OPTIONS, write_song

MATROSKA = (".mka", ".mkv", ".webm")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40

Tagger = Callable[[Path], None]


def _id3(tags: mutagen.id3.ID3) -> None:
    frames = mutagen.id3
    tags.add(frames.TIT2(encoding=3, text="Tïtle"))
    tags.add(frames.TALB(encoding=1, text="Album"))
    tags.add(frames.TPE1(encoding=3, text=["One", "Two"]))
    tags.add(frames.TCON(encoding=3, text=["Rock"]))
    tags.add(frames.COMM(encoding=3, lang="deu", desc="", text="a comment"))
    tags.add(frames.COMM(encoding=0, lang="eng", desc="iTunNORM", text=" 00000001"))
    tags.add(frames.TXXX(encoding=3, desc="MOOD", text="calm"))
    tags.add(frames.TXXX(encoding=3, desc="replaygain_track_gain", text="-7 dB"))
    tags.add(frames.APIC(encoding=0, mime="image/png", type=3, desc="", data=PICTURE))
    tags.add(frames.PRIV(owner="someone", data=bytes(range(256))))
    tags.add(frames.UFID(owner="http://musicbrainz.org", data=b"0123"))
    tags.add(frames.POPM(email="me", rating=200, count=3))


def _tag_mp3(version: int, v1: bool = False) -> Tagger:
    def tag(path: Path) -> None:
        opened = mutagen.mp3.MP3(path)
        opened.add_tags()
        _id3(opened.tags)
        if version == 3:
            opened.tags.update_to_v23()
        opened.save(v2_version=version, v1=2 if v1 else 0)

    return tag


def _tag_chunk(kind: Any) -> Tagger:
    def tag(path: Path) -> None:
        opened = kind(path)
        opened.add_tags()
        _id3(opened.tags)
        opened.save()

    return tag


def _vorbis(tags: Any) -> None:
    tags["TITLE"] = "Tïtle"
    tags["album"] = "Album"
    tags["ARTIST"] = ["One", "Two"]
    tags["Genre"] = ["Rock"]
    tags["COMMENT"] = "a comment"
    tags["MOOD"] = "calm"
    tags["REPLAYGAIN_TRACK_GAIN"] = "-7 dB"


def _picture() -> mutagen.flac.Picture:
    picture = mutagen.flac.Picture()
    picture.type, picture.mime, picture.data = 3, "image/png", PICTURE
    return picture


def _tag_flac(path: Path) -> None:
    opened = mutagen.flac.FLAC(path)
    _vorbis(opened)
    opened.add_picture(_picture())
    opened.save()


def _tag_ogg(kind: Any) -> Tagger:
    def tag(path: Path) -> None:
        import base64

        opened = kind(path)
        _vorbis(opened)
        opened["METADATA_BLOCK_PICTURE"] = base64.b64encode(_picture().write()).decode()
        opened.save()

    return tag


def _tag_m4a(path: Path) -> None:
    opened = mutagen.mp4.MP4(path)
    if opened.tags is None:
        opened.add_tags()
    tags = opened.tags
    tags["\xa9nam"], tags["\xa9alb"], tags["\xa9ART"] = "Tïtle", "Album", ["One", "Two"]
    tags["\xa9gen"], tags["\xa9cmt"] = "Rock", "a comment"
    tags["trkn"], tags["tmpo"], tags["cpil"] = [(3, 12)], [120], True
    tags["covr"] = [mutagen.mp4.MP4Cover(PICTURE, mutagen.mp4.MP4Cover.FORMAT_PNG)]
    tags["----:com.apple.iTunes:MOOD"] = [b"calm"]
    tags["----:com.apple.iTunes:replaygain_track_gain"] = [b"-7 dB"]
    opened.save()


def _tag_wma(path: Path) -> None:
    opened = mutagen.asf.ASF(path)
    opened["Title"], opened["WM/AlbumTitle"], opened["Author"] = "Tïtle", "Album", ["One", "Two"]
    opened["WM/Genre"], opened["Description"], opened["MOOD"] = "Rock", "a comment", "calm"
    opened["WM/TrackNumber"] = mutagen.asf.ASFDWordAttribute(3)
    opened["WM/Picture"] = mutagen.asf.ASFByteArrayAttribute(PICTURE)
    opened["IsVBR"] = mutagen.asf.ASFBoolAttribute(True)
    opened.save()


def _tag_ape(kind: Any) -> Tagger:
    def tag(path: Path) -> None:
        opened = kind(path)
        if opened.tags is None:
            opened.add_tags()
        _vorbis(opened.tags)
        opened["Cover Art (Front)"] = mutagen.apev2.APEBinaryValue(b"cover.png\0" + PICTURE)
        opened.save()

    return tag


def _tag_matroska(path: Path) -> None:
    """By ffmpeg, which puts tags before the sound, with a picture where one may be attached."""
    data, tags = path.read_bytes(), dict[str, str]()
    _vorbis(tags)
    tags |= {"ARTIST": "One/Two", "Genre": "Rock"}
    path.with_suffix(".old").write_bytes(data)
    options = OPTIONS.get(path.suffix, {})
    with (
        av.open(str(path.with_suffix(".old"))) as old,
        av.open(str(path), "w", options=options) as new,
    ):
        stream = new.add_stream_from_template(old.streams.audio[0])
        if path.suffix != ".webm":
            new.add_attachment("cover.png", "image/png", PICTURE)
        new.metadata.update(tags)
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    path.with_suffix(".old").unlink()


# Name of the file: how it is tagged.
KINDS: dict[str, Tagger] = {
    "v24.mp3": _tag_mp3(4),
    "v23.mp3": _tag_mp3(3, v1=True),
    "a.flac": _tag_flac,
    "a.ogg": _tag_ogg(mutagen.oggvorbis.OggVorbis),
    "a.opus": _tag_ogg(mutagen.oggopus.OggOpus),
    "a.m4a": _tag_m4a,
    "a.wma": _tag_wma,
    "a.aiff": _tag_chunk(mutagen.aiff.AIFF),
    "a.wav": _tag_chunk(mutagen.wave.WAVE),
    "a.wv": _tag_ape(mutagen.wavpack.WavPack),
    "a.ape": _tag_ape(mutagen.monkeysaudio.MonkeysAudio),
    "a.mpc": _tag_ape(mutagen.musepack.Musepack),
    "a.dsf": _tag_chunk(mutagen.dsf.DSF),
    "a.dff": _tag_chunk(mutagen.dsdiff.DSDIFF),
    **dict.fromkeys(("a.mka", "a.mkv", "a.webm"), _tag_matroska),
}


def make_song(
    folder: Path, kind: str, *, tagged: bool = True, seed: int = 0, seconds: float = 1.0
) -> Path:
    """Write a song of a kind of `KINDS`; without tags on request."""
    path = write_song(folder / kind, seed, seconds)
    if tagged:
        KINDS[kind](path)
    return path


def foreign_values(path: Path, field: str) -> list[str]:
    """What a field holds by mutagen, or for Matroska by another reader."""
    if path.suffix in MATROSKA:
        found = simple_tags(path.read_bytes())
        values = found.get({"custom": "OURS"}.get(field, field.upper()), [])
        return values[-1:] + values[:-1]  # the first stands last
    tags = mutagen.File(path).tags
    if isinstance(tags, mutagen.id3.ID3):
        key = {"genre": "TCON", "comment": "COMM", "custom": "TXXX:OURS"}[field]
        found = [frame for frame in tags.getall(key) if getattr(frame, "desc", "") in ("", "OURS")]
        return [value for frame in found for value in (frame.genres if key == "TCON" else frame)]
    keys = {
        mutagen.mp4.MP4Tags: ("\xa9gen", "\xa9cmt", "----:com.apple.iTunes:OURS"),
        mutagen.asf.ASFTags: ("WM/Genre", "Description", "OURS"),
        mutagen.apev2.APEv2: ("genre", "comment", "OURS"),
    }.get(type(tags), ("genre", "comment", "ours"))
    values = tags.get(dict(zip(("genre", "comment", "custom"), keys, strict=True))[field], [])
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]
