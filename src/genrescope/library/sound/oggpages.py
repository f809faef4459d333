"""Ogg: the packets of sound within the pages, and the header packets without the comments.

Format: RFC 3533. A tag editor rewrites the comment packet and so may move, renumber and checksum
again every page; the packets of sound stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAGIC = b"OggS"
_FIXED = 27
_NOT_THE_END = 255  # a segment of this length goes on in the next one
# First bytes of a stream -> header packets in it; the second of them holds the comments.
_HEADERS = {
    b"\x01vorbis": 3,
    b"OpusHead": 2,
    b"Speex   ": 2,
}
_FLAC = b"\x7fFLAC"
_FLAC_COUNT = slice(7, 9)  # header packets after the first, 0 where unknown


@dataclass(frozen=True)
class Page:
    """One page: the granule position as stored, the lengths of its segments, its packets' bytes."""

    granule: bytes
    lacing: bytes
    body: bytes

    @property
    def size(self) -> int:
        """In bytes, its head included."""
        return _FIXED + len(self.lacing) + len(self.body)


def pages(file: BinaryIO, offset: int) -> Iterator[Page]:
    """The pages from `offset` on, up to the end or to where they break off."""
    file.seek(offset)
    while (head := file.read(_FIXED)).startswith(MAGIC) and len(head) == _FIXED:
        lacing = file.read(head[26])
        yield Page(head[6:14], lacing, file.read(sum(lacing)))


def read_headers(file: BinaryIO) -> tuple[bytes, int]:
    """The header packets without the comments, and the offset of the first page of sound.

    Of a codec that is not known, no bytes and 0: its comments cannot be separated from sound.
    """
    packets: list[bytes] = [b""]
    offset = 0
    for page in pages(file, 0):
        offset += page.size
        _add_packets(packets, page)
        wanted = _header_count(packets[0])
        if wanted == 0:
            break
        if len(packets) > wanted:
            del packets[wanted:], packets[1]
            return b"".join(packets), offset
    return b"", 0


def steady_part(data: bytes) -> bytes:
    """What stays of a stretch of pages when they are renumbered, wherever the stretch begins.

    Left out are the number and checksum of each page, and at the beginning as much as can be the
    rest of a page's head.
    """
    first, *rest = data.split(MAGIC)
    return (first + b"".join(part[:14] + part[22:] for part in rest))[_FIXED:]


def _add_packets(packets: list[bytes], page: Page) -> None:
    """Add the page's packets; the last one in the list is not yet ended."""
    start = 0
    for length in page.lacing:
        packets[-1] += page.body[start : start + length]
        start += length
        if length < _NOT_THE_END:
            packets.append(b"")


def _header_count(first: bytes) -> int:
    if first.startswith(_FLAC):
        return 1 + int.from_bytes(first[_FLAC_COUNT], "big") or 2
    return next((count for magic, count in _HEADERS.items() if first.startswith(magic)), 0)
