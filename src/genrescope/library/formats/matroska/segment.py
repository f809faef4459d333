"""The Segment of a Matroska file: its elements in their order, clusters of unknown length too.

Format: RFC 9559. In a live recording the Segment and its Clusters may have no length: a Cluster
then ends where an element begins that cannot be in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from genrescope.errors import DataError
from genrescope.library.formats.fields import REPAIR
from genrescope.library.formats.matroska.ebml import (
    CRC,
    VOID,
    Element,
    Node,
    content,
    damaged,
    file_size,
    parts,
    read_element,
)

HEADER, SEGMENT = 0x1A45DFA3, 0x18538067
SEEK_HEAD, INFO, TRACKS, CLUSTER = 0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1F43B675
CUES, CHAPTERS, ATTACHMENTS, TAGS = 0x1C53BB6B, 0x1043A770, 0x1941A469, 0x1254C367
NAMES = {
    **{SEEK_HEAD: "SeekHead", INFO: "Info", TRACKS: "Tracks", CUES: "Cues"},
    **{CHAPTERS: "Chapters", ATTACHMENTS: "Attachments", TAGS: "Tags"},
}
_NOT_IN_CLUSTERS = frozenset((HEADER, SEGMENT, CLUSTER, *NAMES))
_MOST_ID, _MOST_SIZE = 0x42F2, 0x42F3  # bytes of identifiers and lengths in this file
_ENTRY, _TYPE, _CODEC, _PRIVATE, _AUDIO, _UID = 0xAE, 0x83, 0x86, 0x63A2, 0xE1, 0x73C5
_SOUND = 2  # a track's type
_ENDLESS = 1 << 62  # so that a Segment that is cut is read as far as it goes
_TITLE = 0x7BA9


@dataclass
class Segment:
    """What a file consists of.

    Attributes:
        header: before the Segment.
        whole: the Segment itself.
        elements: in it, in their order, as far as they can be understood.
        problem: why not all of it was; None where it was.
    """

    header: Element
    whole: Element
    elements: list[Element] = field(default_factory=list)
    problem: DataError | None = None

    def all(self, id_: int) -> list[Element]:
        """The elements of a kind."""
        return [found for found in self.elements if found.id == id_]

    @property
    def clusters(self) -> int:
        """Where the sound begins; where the Segment ends, if there is none."""
        return next((it.start for it in self.elements if it.id == CLUSTER), self.whole.end)


def read_segment(file: BinaryIO) -> Segment:
    """What a file consists of.

    Raises:
        DataError: it has no Segment.
    """
    size = file_size(file)
    header = read_element(file, 0, size)
    start = header.end
    while (whole := read_element(file, start, _ENDLESS)).id in (VOID, CRC):
        start = whole.end
    if not whole.sized:
        whole = whole._replace(end=size)
    if header.id != HEADER or whole.id != SEGMENT:
        raise damaged("it has no Segment")
    found = Segment(header, whole)
    try:
        place = whole.body
        while place < whole.end:
            item = read_element(file, place, whole.end)
            if item.id in (HEADER, SEGMENT):
                raise damaged("another file begins in it")
            if item.id == CLUSTER and not item.sized:
                item = item._replace(end=_end_of_cluster(file, item))
            elif not item.sized:
                raise damaged("one has no length")
            found.elements.append(item)
            place = item.end
    except DataError as error:
        found.problem = error
    return found


def check_writable(file: BinaryIO, segment: Segment) -> None:
    """See that all of a file was understood, so that nothing unknown is harmed.

    Raises:
        DataError: it was not, or it has what would have to be made again.
    """
    if segment.problem:
        raise segment.problem
    if segment.whole.end != file_size(file):
        raise DataError("the lengths in the file do not add up", remedy=REPAIR)
    if segment.elements and segment.elements[0].id == CRC:
        raise DataError("it has a checksum over all of it", remedy=REPAIR)
    if not segment.all(CLUSTER):
        raise DataError("it has no sound", remedy="fetch the file again")
    limits = {node.id: node.number for node in parts(content(file, segment.header))}
    if limits.get(_MOST_ID, 4) != 4 or limits.get(_MOST_SIZE, 8) != 8:
        raise DataError("its lengths are of an uncommon kind", remedy=REPAIR)


def sound_tracks(file: BinaryIO, segment: Segment) -> list[dict[int, Node]]:
    """The parts of each track of sound, by their identifiers."""
    tracks = [node for found in segment.all(TRACKS) for node in parts(content(file, found))]
    entries = [{it.id: it for it in parts(node.body)} for node in tracks if node.id == _ENTRY]
    return [entry for entry in entries if _TYPE in entry and entry[_TYPE].number == _SOUND]


def sound_uid(file: BinaryIO, segment: Segment) -> int:
    """The number by which tags name the track of sound; 0 where there is not just one."""
    tracks = sound_tracks(file, segment)
    return tracks[0][_UID].number if len(tracks) == 1 and _UID in tracks[0] else 0


def sound_description(file: BinaryIO, segment: Segment) -> bytes:
    """What decoders need of the tracks of sound."""
    tracks = sound_tracks(file, segment)
    wanted = (_CODEC, _PRIVATE, _AUDIO)
    return b"".join(track[id_].raw for track in tracks for id_ in wanted if id_ in track)


def title(file: BinaryIO, segment: Segment) -> str:
    """The title that the Segment's information has."""
    found = [node for info in segment.all(INFO) for node in parts(content(file, info))]
    return next((node.text for node in found if node.id == _TITLE), "")


def _end_of_cluster(file: BinaryIO, cluster: Element) -> int:
    """Where a Cluster of unknown length ends: before what cannot be in it, or with the Segment."""
    place = cluster.body
    while place < cluster.end:
        found = read_element(file, place, cluster.end)
        if found.id in _NOT_IN_CLUSTERS:
            return place
        if not found.sized:
            raise damaged("one has no length")
        place = found.end
    return place
