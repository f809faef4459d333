"""Matroska as trees: another reader than genrescope's, and a check of all numbers in a file.

Written after RFC 8794 and RFC 9559.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

# Elements of elements. Those of a Cluster are not looked into.
MASTERS = {
    **{0x18538067: "Segment", 0x114D9B74: "SeekHead", 0x4DBB: "Seek", 0x1C53BB6B: "Cues"},
    **{0xBB: "CuePoint", 0xB7: "CueTrackPositions", 0x1254C367: "Tags", 0x7373: "Tag"},
    **{0x63C0: "Targets", 0x67C8: "SimpleTag"},
}
SEGMENT, CRC = 0x18538067, 0xBF
CLUSTER, TAGS, SEEK_HEAD, CUES, VOID = 0x1F43B675, 0x1254C367, 0x114D9B74, 0x1C53BB6B, 0xEC
_TOP = (0x1549A966, 0x1654AE6B, CLUSTER, CUES, 0x1043A770, 0x1941A469, TAGS, SEEK_HEAD)


@dataclass
class Branch:
    """An element: identifier, where it begins and its content does, the content, and its own."""

    id: int
    start: int
    body: int
    data: bytes
    inner: list[Branch] = field(default_factory=list)

    def all(self, *path: int) -> Iterator[Branch]:
        """What lies below it by these identifiers."""
        if not path:
            yield self
        for branch in self.inner:
            if path and branch.id == path[0]:
                yield from branch.all(*path[1:])

    @property
    def number(self) -> int:
        """The content as an unsigned number."""
        return int.from_bytes(self.data)


def grown(data: bytes, start: int = 0, end: int | None = None) -> list[Branch]:
    """The elements between two offsets.

    Raises:
        ValueError: they do not end where they should.
    """
    end, found = len(data) if end is None else end, []
    while start < end:
        id_, place = _variable(data, start, keep=True)
        size, body = _variable(data, place, keep=False)
        if size == (1 << 7 * (body - place)) - 1:  # unknown
            size = (_cluster_end(data, body, end) if id_ == CLUSTER else end) - body
        if body + size > end:
            raise ValueError(f"{id_:x} at {start} ends after {end}")
        branch = Branch(id_, start, body, data[body : body + size])
        if id_ in MASTERS:
            branch.inner = grown(data, body, body + size)
            _check_sum(branch)
        found.append(branch)
        start = body + size
    return found


def simple_tags(data: bytes) -> dict[str, list[str]]:
    """Values of all SimpleTags by their names in capitals."""
    found: dict[str, list[str]] = {}
    for segment in (branch for branch in grown(data) if branch.id == SEGMENT):
        for tag in segment.all(TAGS, 0x7373, 0x67C8):
            name = next(tag.all(0x45A3)).data.decode().upper()
            found.setdefault(name, []).extend(it.data.decode() for it in tag.all(0x4487))
    return found


def faults(data: bytes) -> list[str]:
    """Positions in SeekHead and Cues that lead to another element than they name."""
    (segment,) = (branch for branch in grown(data) if branch.id == SEGMENT)
    places = {branch.start - segment.body: branch.id for branch in segment.inner}
    wrong = []
    for seek in segment.all(SEEK_HEAD, 0x4DBB):
        wanted, place = next(seek.all(0x53AB)).number, next(seek.all(0x53AC)).number
        if places.get(place) != wanted:
            wrong.append(f"SeekHead: {wanted:x} is not at {place}")
    for cue in segment.all(CUES, 0xBB, 0xB7, 0xF1):
        if places.get(cue.number) != CLUSTER:
            wrong.append(f"Cues: no Cluster at {cue.number}")
    return wrong


def clusters(data: bytes) -> bytes:
    """All Clusters, one after the other."""
    (segment,) = (branch for branch in grown(data) if branch.id == SEGMENT)
    return b"".join(branch.data for branch in segment.all(CLUSTER))


def built(id_: int, data: bytes, width: int = 0) -> bytes:
    """An element; its length takes so many bytes, or as few as can be; -1: it is not declared."""
    head = id_.to_bytes((id_.bit_length() + 7) // 8)
    if width < 0:
        return head + b"\x01" + b"\xff" * 7 + data
    width = width or next(w for w in range(1, 9) if len(data) < (1 << 7 * w) - 1)
    return head + (len(data) | 1 << 7 * width).to_bytes(width) + data


def checked(data: bytes) -> bytes:
    """Content with a checksum before it."""
    return built(CRC, struct.pack("<I", zlib.crc32(data))) + data


def _variable(data: bytes, start: int, *, keep: bool) -> tuple[int, int]:
    """A number whose first bits are its length, with these or without, and where it ends."""
    if start >= len(data) or not data[start]:
        raise ValueError(f"no number at {start}")
    width = 9 - data[start].bit_length()
    value = int.from_bytes(data[start : start + width])
    return value if keep else value & ((1 << 7 * width) - 1), start + width


def _cluster_end(data: bytes, start: int, end: int) -> int:
    while start < end:
        id_, place = _variable(data, start, keep=True)
        if id_ in _TOP:
            break
        size, start = _variable(data, place, keep=False)
        start += size
    return start


def _check_sum(branch: Branch) -> None:
    if branch.inner and branch.inner[0].id == CRC:
        rest = branch.data[6:]
        if branch.inner[0].data != struct.pack("<I", zlib.crc32(rest)):
            raise ValueError(f"wrong checksum of {branch.id:x} at {branch.start}")
