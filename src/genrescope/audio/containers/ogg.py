"""The links of a chained Ogg file: streams one after the other, as radio recorders write them."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from genrescope.audio.containers.splice import Pieces, between

_CAPTURE = b"OggS"
_HEADER_BYTES = 27  # and one for each segment
_FIRST = 2  # flag of the first page of a stream
Data = mmap.mmap | bytes


def ogg_links(path: Path) -> list[Pieces]:
    """How to read each link of an Ogg file; nothing where it is one, which begins the file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return between(list(_starts(data)), len(data))


def _starts(data: Data) -> Iterator[int]:
    """Where links begin: the first pages of several streams in a row begin one link together."""
    in_head = False
    for place, flags in _pages(data):
        first = bool(flags & _FIRST)
        if first and not in_head:
            yield place
        in_head = first


def _pages(data: Data) -> Iterator[tuple[int, int]]:
    """(place, flags) of each page; what lies between them is passed over."""
    place = data.find(_CAPTURE)
    while place >= 0 and place + _HEADER_BYTES <= len(data):
        segments = data[place + _HEADER_BYTES - 1]
        table = data[place + _HEADER_BYTES : place + _HEADER_BYTES + segments]
        yield place, data[place + 5]
        after = place + _HEADER_BYTES + segments + sum(table)
        if data[after : after + 4] == _CAPTURE:
            place = after
        else:  # damage, or the end
            place = data.find(_CAPTURE, place + len(_CAPTURE))
