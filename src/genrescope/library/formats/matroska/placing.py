"""Where tags are put in a Matroska file, and which numbers in it change with that.

In the room of the old tags and of padding, if they fit there. Else at the end of the Segment, where
a list of positions (SeekHead) has room for it: nothing else moves. Else before the first
Cluster, and all positions of what moves are changed. Old tags become padding.
"""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

from genrescope.errors import DataError
from genrescope.library.formats.fields import splice
from genrescope.library.formats.id3 import PADDING
from genrescope.library.formats.matroska.ebml import VOID, content, number_bytes, size_bytes, void
from genrescope.library.formats.matroska.positions import (
    Moved,
    cues_moved,
    has_position,
    read_seek_head,
)
from genrescope.library.formats.matroska.segment import (
    CLUSTER,
    CUES,
    SEEK_HEAD,
    SEGMENT,
    TAGS,
    Segment,
)

_LEAST_VOID = 2


class Edit(NamedTuple):
    """Bytes to be put in the place of others."""

    start: int
    length: int
    new: bytes


class Run(NamedTuple):
    """Tags and padding that follow each other."""

    start: int
    end: int
    has_tags: bool = False

    def holds(self, size: int) -> bool:
        """Whether so many bytes fit, and padding into what is left."""
        rest = self.end - self.start - size
        return rest == 0 or rest >= _LEAST_VOID

    def filled(self, tags: bytes) -> bytes:
        """Tags, and padding after them."""
        return tags + void(self.end - self.start - len(tags))


def place_tags(file: BinaryIO, segment: Segment, tags: bytes) -> None:
    """Put tags, or none, in the place of those that there are.

    Raises:
        DataError: there is no room, or what would have to be changed is damaged.
    """
    ways = (_in_room, _at_end, _before_sound) if tags else (_taken_out,)
    for way in ways:
        edits = way(file, segment, tags)
        if edits is not None:
            for edit in sorted(edits, reverse=True):
                splice(file, *edit)
            return
    raise DataError("it has no room for tags", remedy="remux it with another program first")


def _taken_out(file: BinaryIO, segment: Segment, _: bytes) -> list[Edit] | None:
    return _together(_seek_edits(file, segment, Run(0, 0), None), _voided(segment, Run(0, 0)))


def _together(*groups: list[Edit] | None) -> list[Edit] | None:
    """All edits; None where some cannot be."""
    found: list[Edit] = []
    for edits in groups:
        if edits is None:
            return None
        found += edits
    return found


def _in_room(file: BinaryIO, segment: Segment, tags: bytes) -> list[Edit] | None:
    """Where tags were, or in padding that readers find: before the sound, or by positions."""
    found = [run for run in _runs(segment) if run.holds(len(tags))]
    for run in sorted(found, key=lambda run: not run.has_tags):
        place = run.start - segment.whole.body
        named = run.start > segment.clusters
        seeks = _seek_edits(file, segment, run, place, named=named)
        new = Edit(run.start, run.end - run.start, run.filled(tags))
        if edits := _together([new], seeks, _voided(segment, run)):
            return edits
    return None


def _at_end(file: BinaryIO, segment: Segment, tags: bytes) -> list[Edit] | None:
    """After all else, in the place of what can be replaced there."""
    end = segment.whole.end
    run = _run_before(segment, end)
    seeks = _seek_edits(file, segment, run, run.start - segment.whole.body, named=True)
    new = Edit(run.start, end - run.start, tags + void(PADDING))
    return _together([new], seeks, _voided(segment, run), _size_edits(segment, new))


def _before_sound(file: BinaryIO, segment: Segment, tags: bytes) -> list[Edit] | None:
    """Before the first Cluster; what follows moves. None where a number has no room for that."""
    if any(has_position(file, cluster) for cluster in segment.all(CLUSTER)):
        return None
    end, body = segment.clusters, segment.whole.body
    run = _run_before(segment, end)
    for padding in (PADDING, 0):
        new = Edit(run.start, end - run.start, tags + void(padding))
        growth = len(new.new) - new.length

        def moved(position: int, growth: int = growth) -> int:
            return position + (growth if position + body >= end else 0)

        try:
            seeks = _seek_edits(file, segment, run, run.start - body, moved=moved)
            cues = _cues_edits(file, segment, moved)
        except OverflowError:
            continue
        return _together([new], seeks, cues, _voided(segment, run), _size_edits(segment, new))
    return None


def _runs(segment: Segment) -> list[Run]:
    found: list[Run] = []
    for item in segment.elements:
        if item.id in (TAGS, VOID):
            run = found.pop() if found and found[-1].end == item.start else Run(item.start, 0)
            found.append(Run(run.start, item.end, run.has_tags or item.id == TAGS))
    return found


def _run_before(segment: Segment, end: int) -> Run:
    """The run that ends at an offset; an empty one, if there is none."""
    return next((run for run in _runs(segment) if run.end == end), Run(end, end))


def _voided(segment: Segment, run: Run) -> list[Edit] | None:
    """Padding instead of all tags that are not in a run; None where they end a Cluster."""
    old = [it for it in segment.all(TAGS) if not run.start <= it.start < run.end]
    open_ends = {it.end for it in segment.all(CLUSTER) if not it.sized}
    if any(it.start in open_ends for it in old):
        return None
    return [Edit(it.start, it.end - it.start, void(it.end - it.start)) for it in old]


def _seek_edits(
    file: BinaryIO,
    segment: Segment,
    run: Run,
    place: int | None,
    *,
    moved: Moved = lambda position: position,
    named: bool = False,
) -> list[Edit] | None:
    """New lists of positions; None where they have no room, not even in the padding after them.

    Args:
        file: the file.
        segment: what it consists of.
        run: what is not to be used as padding.
        place: position of the tags; None: there are none.
        moved: new positions of all others.
        named: add the tags, where they are not listed so far.
    """
    edits = []
    lists = [(it, read_seek_head(file, it)) for it in segment.all(SEEK_HEAD)]
    is_new = named and not any(seek_head.has_tags for _, seek_head in lists)
    if is_new and not lists:
        return None
    for number, (item, seek_head) in enumerate(lists):
        added = seek_head.has_tags or (is_new and not number)
        new = seek_head.render(moved, place if added else None)
        if new == seek_head.raw:
            continue
        room = Run(item.start, _end_of_padding(segment, item.end, run))
        if not room.holds(len(new)):
            return None
        edits.append(Edit(room.start, room.end - room.start, room.filled(new)))
    return edits


def _end_of_padding(segment: Segment, start: int, run: Run) -> int:
    """Where the padding ends that begins here, outside of a run; here, if there is none."""
    for item in segment.elements:
        if item.start == start and item.id == VOID and not run.start <= start < run.end:
            start = item.end
    return start


def _cues_edits(file: BinaryIO, segment: Segment, moved: Moved) -> list[Edit]:
    edits = []
    for item in segment.all(CUES):
        old = content(file, item)
        edits.append(Edit(item.body, len(old), cues_moved(old, moved)))
    return edits


def _size_edits(segment: Segment, change: Edit) -> list[Edit]:
    """The length of the Segment, where it has one.

    Raises:
        DataError: it has no room for a larger one.
    """
    whole = segment.whole
    if not whole.sized:
        return []
    size = whole.end - whole.body + len(change.new) - change.length
    width = whole.body - whole.start - len(number_bytes(SEGMENT))
    try:
        new = size_bytes(size, width)
    except OverflowError:
        raise DataError(
            "the length of its Segment has no room for more", remedy="convert it first"
        ) from None
    return [Edit(whole.body - width, width, new)]
