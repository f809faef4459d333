"""What a file is by its first bytes, whatever its name."""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

HEAD_BYTES = 4096


class Kind(NamedTuple):
    """A container format, and whether the core decoder supports it."""

    name: str
    core: bool


# (offset, bytes there, name). Formats of the core decoder, libsndfile, first.
_CORE = (
    (0, b"fLaC", "FLAC"),
    (0, b"OggS", "Ogg"),
    (8, b"WAVE", "WAV"),
    (0, b"RF64", "WAV"),
    (0, b"riff\x2e\x91\xcf\x11", "Wave64"),
    (8, b"AIFF", "AIFF"),
    (8, b"AIFC", "AIFF"),
    (0, b"caff", "CAF"),
    (0, b".snd", "AU"),
    (0, b"ID3", "MP3"),  # a tag that would end behind the file's end
)
_FOREIGN = (
    (4, b"ftyp", "MP4 or M4A"),
    (4, b"moov", "QuickTime"),
    (4, b"mdat", "QuickTime"),
    (4, b"wide", "QuickTime"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA (ASF)"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"wvpk", "WavPack"),
    (0, b"TTA", "TTA"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (0, b"MPCK", "Musepack"),
    (0, b"MP+", "Musepack"),
    (0, b"tBaK", "TAK"),
    (0, b"FLV\x01", "Flash video"),
    (8, b"AVI ", "AVI"),
    (0, b"DSD ", "DSF"),
    (0, b"FRM8", "DSDIFF"),
    (0, b".RMF", "RealMedia"),
    (0, b"#!AMR", "AMR"),
    (0, b"\x0b\x77", "AC-3"),
    (0, b"\x7f\xfe\x80\x01", "DTS"),
    (0, b"\x00\x00\x01\xba", "MPEG video"),
)
_TS_PACKET = 188
_OGG_START = b"OggS\0\x02"  # of the first page of a stream


def sniff(head: bytes) -> Kind | None:
    """The format of a file that begins with `head` (after any ID3v2 tag); None where unknown."""
    for core, table in ((True, _CORE), (False, _FOREIGN)):
        for offset, magic, name in table:
            if head.startswith(magic, offset):
                return Kind(name, core)
    if _OGG_START in head:  # behind what is no page
        return Kind("Ogg", True)
    if head[:1] == b"\x47" == head[_TS_PACKET : _TS_PACKET + 1]:
        return Kind("MPEG transport stream", False)
    return _mpeg_audio(head)


def _mpeg_audio(head: bytes) -> Kind | None:
    """MP3 or raw AAC: 11 or 12 bits of sync; the layer bits are 0 in AAC (ADTS) only."""
    if len(head) < 2 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0x06:
        return Kind("MP3", True)
    return Kind("AAC", False) if head[1] & 0xF0 == 0xF0 else None


def id3_length(head: bytes) -> int:
    """Bytes of the ID3v2 tag at the beginning of `head`, its footer included; 0 without a tag."""
    if not head.startswith(b"ID3") or len(head) < 10:
        return 0
    size = 0
    for byte in head[6:10]:  # seven bits in each of four bytes
        size = size << 7 | byte & 0x7F
    footer = head[3] == 4 and head[5] & 0x10
    return 10 + size + (10 if footer else 0)


def after_id3(file: BinaryIO) -> int:
    """Where the first byte after all ID3v2 tags at the beginning of a file is.

    One that would end behind the file's end is none.
    """
    start, size = 0, file.seek(0, 2)
    while True:
        file.seek(start)
        length = id3_length(file.read(10))
        if not length or start + length > size:
            return start
        start += length
