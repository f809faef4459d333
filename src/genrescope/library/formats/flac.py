"""FLAC files: one metadata block has the Vorbis comments, another one room to grow."""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

from genrescope.audio.sniff import id3_length
from genrescope.errors import DataError
from genrescope.library.formats import vorbis
from genrescope.library.formats.fields import REPAIR, Fields, splice
from genrescope.library.formats.id3 import PADDING

_STREAMINFO, _PADDING, _COMMENTS, _PICTURE, _NO_BLOCK = 0, 1, 4, 6, 127
_HEADER = 4
_LONGEST = (1 << 24) - 1


class Block(NamedTuple):
    """A metadata block: its type and its content."""

    kind: int
    data: bytes


def read(file: BinaryIO) -> Fields:
    """The text fields."""
    blocks, _ = _blocks(file, (_COMMENTS,))
    return vorbis.fields(_comments(blocks))


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the metadata is damaged or full.
    """
    blocks, length = _blocks(file)
    comments = vorbis.render(vorbis.replace_field(_comments(blocks), field, values))
    if len(comments) > _LONGEST:
        raise DataError("the comments have no room for more", remedy="shorten them")
    place = next((i for i, block in enumerate(blocks) if block.kind == _COMMENTS), 1)
    blocks[place : place + any(block.kind == _COMMENTS for block in blocks)] = [
        Block(_COMMENTS, comments)
    ]
    splice(file, _start(file), length, _render(_padded(blocks, length)))
    return values


def others(file: BinaryIO, field: str) -> list[bytes]:
    """Every other comment, and every other block but padding."""
    blocks, _ = _blocks(file)
    rest = [b"%d:" % kind + data for kind, data in blocks if kind not in (_COMMENTS, _PADDING)]
    return vorbis.others(_comments(blocks), field) + rest


def _start(file: BinaryIO) -> int:
    """Where the blocks begin: after an ID3v2 tag, which should not be there, and "fLaC"."""
    file.seek(0)
    return id3_length(file.read(10)) + 4


def _blocks(file: BinaryIO, wanted: tuple[int, ...] = ()) -> tuple[list[Block], int]:
    """The blocks (of all others than those wanted only the type) and how many bytes they take."""
    start = place = _start(file)
    blocks, last = [], False
    while not last:
        file.seek(place)
        header = file.read(_HEADER)
        if len(header) < _HEADER or header[0] & 0x7F == _NO_BLOCK:
            raise DataError("the metadata is damaged", remedy=REPAIR)
        last, kind, length = bool(header[0] & 0x80), header[0] & 0x7F, int.from_bytes(header[1:])
        data = file.read(length) if not wanted or kind in wanted else b""
        blocks.append(Block(kind, data))
        place += _HEADER + length
    return blocks, place - start


def _comments(blocks: list[Block]) -> vorbis.Comments:
    data = next((block.data for block in blocks if block.kind == _COMMENTS), None)
    return vorbis.Comments() if data is None else vorbis.parse(data)


def _padded(blocks: list[Block], length: int) -> list[Block]:
    """The blocks with one padding block at the end that keeps their length, where that can be."""
    rest = [block for block in blocks if block.kind != _PADDING]
    room = length - sum(_HEADER + len(block.data) for block in rest)
    if room == 0:
        return rest
    return [*rest, Block(_PADDING, bytes(room - _HEADER if room >= _HEADER else PADDING))]


def _render(blocks: list[Block]) -> bytes:
    parts = []
    for index, (kind, data) in enumerate(blocks):
        last = 0x80 if index == len(blocks) - 1 else 0
        parts.append(bytes([kind | last]) + len(data).to_bytes(3) + data)
    return b"".join(parts)
