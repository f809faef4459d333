"""FLAC files: one metadata block has the Vorbis comments, another one room to grow.

There should be one block of comments, and no tag of another kind: a field that further ones have is
replaced there too.
"""

from __future__ import annotations

from contextlib import suppress
from typing import BinaryIO, NamedTuple

from genrescope.audio.containers.sniff import after_id3
from genrescope.errors import DataError
from genrescope.library.formats import besides, vorbis
from genrescope.library.formats.fields import MOOD, REPAIR, Fields, Part, first_of, splice
from genrescope.library.formats.id3 import PADDING

_STREAMINFO, _PADDING, _COMMENTS, _PICTURE, _NO_BLOCK = 0, 1, 4, 6, 127
_HEADER = 4
_KEYS = {"track": "custom:TRACKNUMBER", "year": "custom:DATE", "mood": MOOD}
_LONGEST = (1 << 24) - 1
_DAMAGED = "the metadata is damaged"


class Block(NamedTuple):
    """A metadata block: its type and its content."""

    kind: int
    data: bytes


def read(file: BinaryIO) -> Fields:
    """The text fields of the comments, else of the ID3v2 tags before them."""
    blocks, _ = _blocks(file, (_COMMENTS,))
    return first_of(*map(vorbis.fields, _comments(blocks)), besides.leading_fields(file))


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the metadata is damaged or full.
    """
    besides.replace(file, field, values)
    blocks, length = _blocks(file)
    first, *further = _seeded_comments(file, blocks)
    changed = [vorbis.replace_field(first, field, values)]
    changed += [vorbis.replace_field(comments, field, ()) for comments in further]
    new = [Block(_COMMENTS, vorbis.render(comments)) for comments in changed]
    if any(len(block.data) > _LONGEST for block in new):
        raise DataError("the comments have no room for more", remedy="shorten them")
    places = [place for place, block in enumerate(blocks) if block.kind == _COMMENTS]
    if not places:
        blocks.insert(1, new[0])
    for place, block in zip(places, new, strict=False):
        blocks[place] = block
    splice(file, _start(file), length, _render(_padded(blocks, length)))
    return values


def others(file: BinaryIO, field: str) -> list[Part]:
    """Every other comment, every other block but padding, and what tags of other kinds have."""
    blocks, _ = _blocks(file)
    comments = _seeded_comments(file, blocks)
    found = [part for block in comments for part in vorbis.others(block, field)]
    rest = [(f"block {kind}", data) for kind, data in blocks if kind not in (_COMMENTS, _PADDING)]
    return found + rest + besides.others(file, field)


def _start(file: BinaryIO) -> int:
    """Where the blocks begin: after ID3v2 tags, which should not be there, and "fLaC"."""
    return after_id3(file) + 4


def _blocks(file: BinaryIO, wanted: tuple[int, ...] = ()) -> tuple[list[Block], int]:
    """The blocks (of all others than those wanted only the type) and how many bytes they take.

    Raises:
        DataError: a block ends beyond the file, or no frame follows the last one: then a length is
            wrong, such as that of a picture which needs more than the 24 bits there are.
    """
    start = place = _start(file)
    blocks, last = [], False
    while not last:
        file.seek(place)
        header = file.read(_HEADER)
        if len(header) < _HEADER or header[0] & 0x7F == _NO_BLOCK:
            raise DataError(_DAMAGED, remedy=REPAIR)
        last, kind, length = bool(header[0] & 0x80), header[0] & 0x7F, int.from_bytes(header[1:])
        data = file.read(length) if not wanted or kind in wanted else b""
        blocks.append(Block(kind, data))
        place += _HEADER + length
    file.seek(place)
    frame = file.read(2)
    if frame and (frame[0] != 0xFF or (frame[1:] and frame[1] & 0xFC != 0xF8)):
        raise DataError(f"{_DAMAGED}: no sound follows it", remedy=REPAIR)
    return blocks, place - start


def _comments(blocks: list[Block]) -> list[vorbis.Comments]:
    """The comments of each block that has some; empty ones where none has."""
    found = [vorbis.parse(block.data) for block in blocks if block.kind == _COMMENTS]
    return found or [vorbis.Comments()]


def _seeded_comments(file: BinaryIO, blocks: list[Block]) -> list[vorbis.Comments]:
    """The comments; where there are none, what ID3 tags before them have.

    Players do not look at those any more once there are comments.
    """
    first, *further = _comments(blocks)
    if not first.entries and not further:
        for field, values in besides.leading_fields(file).items():
            with suppress(DataError):  # a name that cannot be a key stays where it is
                first = vorbis.replace_field(first, _KEYS.get(field, field), values)
    return [first, *further]


def _padded(blocks: list[Block], length: int) -> list[Block]:
    """The blocks with padding at the end that keeps their length, where that can be."""
    rest = [block for block in blocks if block.kind != _PADDING]
    room = length - sum(_HEADER + len(block.data) for block in rest)
    if room == 0:
        return rest
    return rest + _padding(room if room >= _HEADER else PADDING + _HEADER)


def _padding(room: int) -> list[Block]:
    """Padding of this many bytes, in as many blocks as that needs."""
    blocks = []
    while room:
        size = min(room, _HEADER + _LONGEST)
        if 0 < room - size < _HEADER:  # too little for a block's head is not left
            size -= _HEADER
        blocks.append(Block(_PADDING, bytes(size - _HEADER)))
        room -= size
    return blocks


def _render(blocks: list[Block]) -> bytes:
    parts = []
    for index, (kind, data) in enumerate(blocks):
        last = 0x80 if index == len(blocks) - 1 else 0
        parts.append(bytes([kind | last]) + len(data).to_bytes(3) + data)
    return b"".join(parts)
