"""WAV, AIFF and DSDIFF files: an ID3v2 tag in a chunk of its own.

A chunk has a name of four letters and a length: four bytes, little-endian in WAV; in DSDIFF eight.

Some readers look at the first ID3 chunk, some at the last, and some, in WAV files, only at the
older LIST INFO. So a field is written into the first ID3 chunk, which is made where there is none
with all that INFO has, and replaced wherever else the file has it.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO, NamedTuple

from genrescope.audio.containers.sniff import id3_length
from genrescope.errors import DataError
from genrescope.library.formats import id3
from genrescope.library.formats.fields import REPAIR, Fields, Part, first_of, splice
from genrescope.library.formats.iff import info

_MOST_CHUNKS = 4096
NAMES_MOOD = True
_WRONG_SIZES = "the lengths in the file do not add up"


class Layout(NamedTuple):
    """How a chunk's name and length are packed, the chunk with the format, those of sound."""

    head: str
    form: bytes
    sounds: tuple[bytes, ...]


LAYOUTS = {
    b"RIFF": Layout("<4sI", b"fmt ", (b"data",)),
    b"FORM": Layout(">4sI", b"COMM", (b"SSND",)),
    b"FRM8": Layout(">4sQ", b"PROP", (b"DSD ", b"DST ")),
}
"""By a file's first bytes."""

_SOUND = tuple(name for layout in LAYOUTS.values() for name in layout.sounds)
_TAGS = (b"ID3 ", b"id3 ")
_LIST = b"LIST"


class Chunk(NamedTuple):
    """A chunk: its name, where its content begins and how long that is."""

    name: bytes
    start: int
    length: int

    @property
    def end(self) -> int:
        """Where the next chunk begins: lengths are padded to even ones."""
        return self.start + self.length + self.length % 2


def read(file: BinaryIO) -> Fields:
    """The text fields of the ID3v2 tags; those that these have not, of LIST INFO."""
    chunks = _chunks(file)
    found = [chunk for chunk in chunks if chunk.name in _TAGS]
    tags = [tag for chunk in found if (tag := _tag(_content(file, chunk), chunk))]
    return first_of(*map(id3.fields, tags), _info_fields(file, chunks))


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: a tag is damaged, or the chunks are.
    """
    chunks = _chunks(file)
    end = _checked_end(file, chunks)
    layout, main = _layout(file), _main(chunks)
    tag, written = id3.replace_field(_main_tag(file, chunks), field, values)
    if main is None and values:
        name = b"id3 " if layout.startswith("<") else b"ID3 "
        splice(file, end, 0, _packed(layout, name, id3.render(tag)))
    for chunk in reversed(chunks):  # from the end: what stands before a chunk stays in its place
        content = _content(file, chunk) if chunk.name in (*_TAGS, _LIST) else b""
        new = _replaced(content, chunk, field, written)
        if chunk == main:
            new = id3.render(tag) + _rest(content)
        if new != content:
            start = chunk.start - struct.calcsize(layout)
            splice(file, start, chunk.end - start, _packed(layout, chunk.name, new))
    _set_size(file, layout)
    return written


def others(file: BinaryIO, field: str) -> list[Part]:
    """Every other frame and text of INFO, and every other chunk that is not the sound."""
    chunks = _chunks(file)
    found = id3.others(_main_tag(file, chunks), field)
    for chunk in chunks:
        if chunk.name not in _SOUND:
            content = _content(file, chunk)
            if chunk != _main(chunks) and (tag := _tag(content, chunk)):
                found += id3.others(tag, field)
            if chunk.name in _TAGS:
                content = _rest(content)
            elif _is_info(content, chunk):
                content = info.without(content, field)
            if content:
                found.append((chunk.name.decode("latin-1"), content))
    return found


def _replaced(content: bytes, chunk: Chunk, field: str, values: tuple[str, ...]) -> bytes:
    """The content of a chunk, with the new values where it has the field."""
    if (tag := _tag(content, chunk)) and id3.has(tag, field):
        return id3.render(id3.replace_field(tag, field, values)[0]) + _rest(content)
    return info.replaced(content, field, values) if _is_info(content, chunk) else content


def _packed(layout: str, name: bytes, content: bytes) -> bytes:
    return struct.pack(layout, name, len(content)) + content + b"\0" * (len(content) % 2)


def _layout(file: BinaryIO) -> str:
    """How name and length of a chunk are packed."""
    file.seek(0)
    return LAYOUTS.get(file.read(4), LAYOUTS[b"FORM"]).head


def _chunks(file: BinaryIO) -> list[Chunk]:
    layout, size = _layout(file), file.seek(0, os.SEEK_END)
    head = struct.calcsize(layout)
    chunks: list[Chunk] = []
    place = head + 4
    while place + head <= size and len(chunks) < _MOST_CHUNKS:
        file.seek(place)
        name, length = struct.unpack(layout, file.read(head))
        chunks.append(Chunk(name, place + head, length))
        place = place + head + length + length % 2
    return chunks


def _checked_end(file: BinaryIO, chunks: list[Chunk]) -> int:
    """Where the last chunk ends, which is where the file ends, by its header and in fact.

    The pad byte of the last chunk, which many programs leave out, is there afterwards.

    Raises:
        DataError: it is not; then something unknown could be overwritten.
    """
    layout = _layout(file)
    head = struct.calcsize(layout)
    file.seek(0)
    declared = struct.unpack(layout, file.read(head))[1] + head
    size = file.seek(0, os.SEEK_END)
    end = chunks[-1].end if chunks else head + 4
    if not (end - 1 <= declared <= end and end - 1 <= size <= end):
        raise DataError(
            f"{_WRONG_SIZES}: its chunks end at byte {end:,}, by its header it ends at byte "
            f"{declared:,}, and it has {size:,} bytes",
            remedy=REPAIR,
        )
    file.write(b"\0" * (end - size))
    return end


def _set_size(file: BinaryIO, layout: str) -> None:
    size = file.seek(0, os.SEEK_END) - struct.calcsize(layout)
    if size >= 1 << 32 and layout.endswith("I"):
        raise DataError(
            "the file has no room for a tag: it would be longer than 4 GiB", remedy=REPAIR
        )
    file.seek(4)
    file.write(struct.pack(layout.replace("4s", ""), size))


def _content(file: BinaryIO, chunk: Chunk) -> bytes:
    left = file.seek(0, os.SEEK_END) - chunk.start
    file.seek(chunk.start)
    return file.read(min(chunk.length, left))


def _main(chunks: list[Chunk]) -> Chunk | None:
    """The chunk that is written into."""
    return next((chunk for chunk in chunks if chunk.name in _TAGS), None)


def _main_tag(file: BinaryIO, chunks: list[Chunk]) -> id3.Tag:
    """Its tag; where there is none, a new one with what INFO has."""
    main = _main(chunks)
    tag = _tag(_content(file, main), main) if main else None
    return tag or id3.seeded(_info_fields(file, chunks))


def _tag(content: bytes, chunk: Chunk) -> id3.Tag | None:
    return id3.parse(content) if chunk.name in _TAGS and content.startswith(b"ID3") else None


def _rest(content: bytes) -> bytes:
    """What stands in an ID3 chunk behind the tag, which is mostly nothing."""
    return content[id3_length(content) :]


def _is_info(content: bytes, chunk: Chunk) -> bool:
    return chunk.name == _LIST and content.startswith(info.MAGIC)


def _info_fields(file: BinaryIO, chunks: list[Chunk]) -> Fields:
    lists = [(_content(file, chunk), chunk) for chunk in chunks if chunk.name == _LIST]
    return first_of(*(info.fields(content) for content, chunk in lists if _is_info(content, chunk)))
