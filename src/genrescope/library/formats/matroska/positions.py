"""Positions of elements, counted from the Segment's content, as SeekHead and Cues have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from genrescope.library.formats.fields import Part
from genrescope.library.formats.matroska.ebml import (
    CRC,
    VOID,
    Element,
    Node,
    content,
    damaged,
    element,
    elements,
    is_checked,
    joined,
    master,
    nodes,
    number_bytes,
    parts,
)
from genrescope.library.formats.matroska.segment import (
    CLUSTER,
    CUES,
    SEEK_HEAD,
    TAGS,
    Segment,
)

_SEEK, _SEEK_ID, _SEEK_POSITION = 0x4DBB, 0x53AB, 0x53AC
_POINT, _TRACK_POSITIONS, _REFERENCE = 0xBB, 0xB7, 0xDB
_POSITIONS = frozenset((0xF1, 0xEA, 0x97, 0xEB))  # of Clusters, and of states of a codec
_CLUSTER_POSITION = 0xA7
_BLOCKS = (0xA3, 0xA0)
_TAGS_ID = number_bytes(TAGS)
Moved = Callable[[int], int]
"""A new position for an old one."""


@dataclass(frozen=True)
class SeekHead:
    """A list of where elements are.

    Attributes:
        raw: its bytes.
        entries: (identifier, position, bytes that the position takes, bytes of the entry).
        checked: whether a checksum is kept.
    """

    raw: bytes
    entries: tuple[tuple[bytes, int, int, bytes], ...]
    checked: bool

    @property
    def has_tags(self) -> bool:
        """Whether it is a position of tags."""
        return any(id_ == _TAGS_ID for id_, *_ in self.entries)

    def render(self, moved: Moved, tags: int | None) -> bytes:
        """Its bytes with new positions, and that of the tags; None: there are none.

        Raises:
            OverflowError: another position needs more bytes than it has.
        """
        inner, left = list[bytes](), tags
        for id_, position, width, raw in self.entries:
            now = left if id_ == _TAGS_ID else moved(position)
            if id_ == _TAGS_ID:
                left = None
            if now is not None:
                inner.append(raw if now == position else _entry(id_, now, width))
        if left is not None:
            inner.append(_entry(_TAGS_ID, left, 0))
        same = inner == [raw for *_, raw in self.entries]
        return self.raw if same else master(SEEK_HEAD, inner, checked=self.checked)


def read_seek_head(file: BinaryIO, found: Element) -> SeekHead:
    """The list in an element.

    Raises:
        DataError: it is damaged.
    """
    data, entries = content(file, found), list[tuple[bytes, int, int, bytes]]()
    for node in parts(data):
        inner = {part.id: part for part in parts(node.body)} if node.id == _SEEK else {}
        if _SEEK_ID in inner and _SEEK_POSITION in inner:
            place = inner[_SEEK_POSITION]
            entries.append((inner[_SEEK_ID].body, place.number, len(place.body), node.raw))
        else:
            entries.append((b"", 0, 0, node.raw))
    file.seek(found.start)
    raw = file.read(found.end - found.start)
    return SeekHead(raw, tuple(entries), is_checked(data))


def cues_moved(data: bytes, moved: Moved) -> bytes:
    """The content of Cues with new positions, as long as it was.

    Raises:
        DataError: it is damaged.
        OverflowError: a position needs more bytes than it has.
    """
    is_checked(data)
    return _moved_within(data, moved)


def has_position(file: BinaryIO, cluster: Element) -> bool:
    """Whether a Cluster has its own position, in what comes before its sound."""
    for found in elements(file, cluster.body, cluster.end):
        if found.id in _BLOCKS:
            return False
        if found.id == _CLUSTER_POSITION and any(content(file, found)):
            return True
    return False


def targets(file: BinaryIO, segment: Segment) -> list[Part]:
    """What SeekHead and Cues point to, whatever its place; tags and the lists themselves not."""
    steady = [it for it in segment.elements if it.id not in (TAGS, VOID, CLUSTER)]
    names = {it.start - segment.whole.body: number for number, it in enumerate(steady)}
    first = segment.clusters - segment.whole.body
    found: list[Part] = []
    for seek_head in (read_seek_head(file, it) for it in segment.all(SEEK_HEAD)):
        for id_, place, _, raw in seek_head.entries:
            if id_ != _TAGS_ID:
                goal = f"element {names[place]}" if place in names else f"{place - first}"
                found.append(("SeekHead", id_ + goal.encode() if id_ else raw))
    for cues in segment.all(CUES):
        found.append(("Cues", _relative(content(file, cues), first)))
    return found


def _relative(cues: bytes, first: int) -> bytes:
    """Cues without positions, and these counted from the first Cluster."""
    goals: list[int] = []

    def noted(place: int) -> int:
        goals.append(place - first)
        return 0

    return cues_moved(cues, noted) + repr(goals).encode()


def _entry(id_: bytes, position: int, width: int) -> bytes:
    """An entry; that of tags gets as much room as it needs."""
    width = max(width, len(number_bytes(position))) if id_ == _TAGS_ID else width
    inner = element(_SEEK_ID, id_), element(_SEEK_POSITION, number_bytes(position, width))
    return master(_SEEK, inner)


def _moved_within(data: bytes, moved: Moved) -> bytes:
    """Elements with new positions; checksums are made again."""
    found = nodes(data)
    inner = (_moved_node(node, moved) for node in found if node.id != CRC)
    return joined(inner, checked=any(node.id == CRC for node in found))


def _moved_node(node: Node, moved: Moved) -> bytes:
    body = node.body
    if node.id in (_POINT, _TRACK_POSITIONS, _REFERENCE):
        body = _moved_within(body, moved)
    elif node.id in _POSITIONS and node.number:
        body = number_bytes(moved(node.number), len(body))
    if len(body) != len(node.body):
        raise damaged("a checksum is too short")
    return node.raw[: len(node.raw) - len(body)] + body
