"""Where in a file the audio is, apart from its tags: what a tag editor leaves as it is.

MP3, AAC, WavPack, Monkey's Audio, Musepack, TTA: all but ID3v2, ID3v1, Lyrics3 and APE tags. FLAC:
the stream information and the frames. WAV, AIFF, DSDIFF: format and sound chunks. MP4: the media
data. ASF (WMA): the data object. DSF: the data chunk. Matroska: the Clusters. Ogg: see
`genrescope.library.sound.oggpages`. Any other format: the whole file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.containers.sniff import HEAD_BYTES, after_id3, sniff
from genrescope.errors import DataError
from genrescope.library.formats import id3v1
from genrescope.library.formats.iff.chunks import LAYOUTS
from genrescope.library.formats.matroska.segment import CLUSTER, read_segment, sound_description

Range = tuple[int, int]
_MOST_RANGES = 4096
_JOINED = b"RIFF"  # a WAV file behind the first
_TAIL = id3v1.LENGTH + id3v1.EXTENSION_LENGTH
_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_ASF_STREAM = bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365")
_MP4_PARENTS = frozenset((b"moov", b"trak", b"mdia", b"minf", b"stbl"))
_MP4_TABLES = frozenset((b"stsd", b"stts", b"stsc", b"stsz"))
_MP4_OFFSETS = {b"stco": ">u4", b"co64": ">u8"}


@dataclass
class Payload:
    """The audio of a file.

    Attributes:
        kind: the container format.
        described: what is needed to decode it, such as the WAV format chunk; small.
        ranges: (offset, length) in bytes, in the order of the file.
    """

    kind: str
    described: bytes = b""
    ranges: list[Range] = field(default_factory=list)


def find_payload(file: BinaryIO, size: int) -> Payload:
    """The audio of an open file of `size` bytes; a damaged file has what its rest allows."""
    start = after_id3(file)
    head = _read(file, start, HEAD_BYTES)
    kind = sniff(head)
    name = kind.name if kind else "unknown"
    if name == "FLAC":
        return _flac(file, start, size)
    if head[:4] in LAYOUTS and name in ("WAV", "AIFF", "DSDIFF"):
        return _chunks(file, start, size, name)
    if name == "WMA (ASF)":
        return _asf(file, start, size)
    if name in ("MP4 or M4A", "QuickTime"):
        return _mp4(file, start, size)
    if name == "Matroska or WebM" and (matroska := _matroska(file, size)):
        return matroska
    if name == "DSF" and head[80:84] == b"data":
        length = int.from_bytes(head[84:92], "little")
        return Payload(name, head[28:80], [_clip(80, length, size)])
    return Payload(name, ranges=[_clip(start, end_of_audio(file, start, size) - start, size)])


def _read(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(max(0, length))


def _clip(offset: int, length: int, size: int) -> Range:
    return offset, max(0, min(length, size - offset))


def end_of_audio(file: BinaryIO, start: int, end: int) -> int:
    """Where the tags at the end begin: ID3v1, APE and Lyrics3, in any order."""
    while end > start:
        tail = _read(file, max(start, end - _TAIL), min(_TAIL, end - start))
        if tail[-id3v1.LENGTH :].startswith(id3v1.MAGIC) and len(tail) >= id3v1.LENGTH:
            length = _TAIL if tail.startswith(id3v1.EXTENSION) else id3v1.LENGTH
        elif tail[-32:-24] == b"APETAGEX":
            body, flags = struct.unpack("<I4xI", tail[-20:-8])
            length = body + (32 if flags >> 31 else 0)  # its head is not counted in
        elif tail[-9:] == b"LYRICS200" and tail[-15:-9].isdigit():
            length = int(tail[-15:-9]) + 15
        else:
            break
        end -= max(length, 1)
    return max(end, start)


def _flac(file: BinaryIO, start: int, size: int) -> Payload:
    """The first block, of 34 bytes: the parameters of decoding, and the samples' checksum."""
    position, last, described = start + 4, False, b""
    for _ in range(_MOST_RANGES):
        if last or position >= size:
            break
        block = _read(file, position, 4)
        if len(block) < 4:
            break
        last = bool(block[0] & 0x80)
        length = int.from_bytes(block[1:], "big")
        if block[0] & 0x7F == 0:
            described = _read(file, position + 4, length)
        position += 4 + length
    end = end_of_audio(file, min(position, size), size)
    return Payload("FLAC", described, [_clip(position, end - position, size)])


def _chunks(file: BinaryIO, start: int, size: int, name: str) -> Payload:
    """Chunks of RIFF, IFF and DSDIFF, each padded to an even length."""
    layout, form, sounds = LAYOUTS[_read(file, start, 4)]
    head = struct.calcsize(layout)
    payload = Payload(name)
    position = start + head + 4
    for _ in range(_MOST_RANGES):
        header = _read(file, position, head)
        if len(header) < head:
            break
        kind, length = struct.unpack(layout, header)
        if kind == form:
            payload.described = _read(file, position + head, min(length, HEAD_BYTES))
        elif kind in (*sounds, _JOINED):
            payload.ranges.append(_clip(position + head, length, size))
        position += head + length + (length & 1)
    return payload


def _asf(file: BinaryIO, start: int, size: int) -> Payload:
    """The header's stream properties and the data object that follows the header."""
    payload = Payload("ASF")
    header = start + int.from_bytes(_read(file, start + 16, 8), "little")
    for name, position, length in _asf_objects(file, start + 30, min(header, size)):
        if name == _ASF_STREAM:
            payload.described += _read(file, position, min(length, HEAD_BYTES))
    for name, position, length in _asf_objects(file, header, size):
        if name == _ASF_DATA:
            payload.ranges.append(_clip(position, length, size))
    return payload


def _asf_objects(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, offset, length) of objects: a name of 16 bytes, a length of 8 that counts all."""
    while start + 24 <= end:
        head = _read(file, start, 24)
        length = int.from_bytes(head[16:], "little") or end - start  # 0 in a live recording
        yield head[:16], start, length
        start += max(length, 24)


def _mp4(file: BinaryIO, start: int, size: int) -> Payload:
    """Media data, and the tables that cut it into samples, their offsets counted from its start."""
    payload = Payload("MP4")
    offsets = []
    for name, position, length in _mp4_atoms(file, start, size):
        if name == b"mdat":
            payload.ranges.append(_clip(position, length, size))
        elif name in _MP4_TABLES:
            payload.described += name + _read(file, position, length)
        elif name in _MP4_OFFSETS:
            table = _read(file, position + 8, length - 8)
            width = np.dtype(_MP4_OFFSETS[name])
            offsets.append(np.frombuffer(table, width, len(table) // width.itemsize))
    payload.described += b"".join(_from_media(table, payload.ranges) for table in offsets)
    return payload


def _matroska(file: BinaryIO, size: int) -> Payload | None:
    """Clusters, and how the tracks of sound are coded; None where there are none."""
    try:
        segment = read_segment(file)
        payload = Payload("Matroska", sound_description(file, segment))
    except DataError:
        return None
    for cluster in segment.all(CLUSTER):
        start, length = _clip(cluster.start, cluster.end - cluster.start, size)
        if payload.ranges and sum(payload.ranges[-1]) == start:  # many follow each other
            start, before = payload.ranges.pop()
            length += before
        payload.ranges.append((start, length))
    return payload if payload.ranges else None


def _from_media(offsets: NDArray[Any], ranges: list[Range]) -> bytes:
    """Offsets in the file as (which range, offset in it): independent of what lies before."""
    starts = np.array([0, *(start for start, _ in ranges)])
    which = np.searchsorted(starts, offsets.astype(np.int64), "right") - 1
    return np.stack([which, offsets.astype(np.int64) - starts[which]]).tobytes()


def _mp4_atoms(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, offset and length of the content) of each atom, those within parents included."""
    while start + 8 <= end:
        head = _read(file, start, 16)
        if len(head) < 8:
            return
        length, skip = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, skip = int.from_bytes(head[8:16], "big"), 16
        length = length or end - start
        if length < skip:
            return
        yield head[4:8], start + skip, length - skip
        if head[4:8] in _MP4_PARENTS:
            yield from _mp4_atoms(file, start + skip, min(start + length, end))
        start += length
