"""WAV, AIFF and DSDIFF files: an ID3v2 tag in a chunk of its own.

A chunk has a name of four letters and a length: four bytes, little-endian in WAV; in DSDIFF eight.

A WAV file without such a chunk may have the older LIST INFO chunk; that is read, and stays as it
is. The tag written then also has what INFO says, since a reader may look at one of them only.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO, NamedTuple

from genrescope.errors import DataError
from genrescope.library.formats import id3
from genrescope.library.formats.fields import REPAIR, Fields, Part, first_of, splice

_MOST_CHUNKS = 4096
_INFO = {
    **{b"IGNR": "genre", b"IPRD": "album", b"IART": "artist", b"INAM": "title"},
    **{b"ICMT": "comment", b"ICRD": "year", b"ITRK": "track"},
}
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
    """The text fields of the ID3v2 tag; those that it has not, of LIST INFO."""
    chunks = _chunks(file)
    tag = _tag(file, chunks)
    return first_of(id3.fields(tag) if tag else {}, _info(file, chunks))


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the tag is damaged, or the chunks are.
    """
    chunks = _chunks(file)
    end = _checked_end(file, chunks)
    tag = _tag(file, chunks) or id3.seeded(_info(file, chunks))
    new, written = id3.replace_field(tag, field, values)
    old = _tag_chunk(chunks)
    layout = _layout(file)
    content = id3.render(new)
    name = old.name if old else b"id3 " if layout.startswith("<") else b"ID3 "
    chunk = struct.pack(layout, name, len(content)) + content + b"\0" * (len(content) % 2)
    head = struct.calcsize(layout)
    start, length = (old.start - head, old.end - old.start + head) if old else (end, 0)
    missing = max(0, end - file.seek(0, os.SEEK_END))  # the last chunk's pad byte
    splice(file, start - missing, max(0, length - missing), b"\0" * (0 if old else missing) + chunk)
    _set_size(file, layout, end + len(chunk) - length - head)
    return written


def others(file: BinaryIO, field: str) -> list[Part]:
    """Every other frame, and every other chunk that is not the sound."""
    chunks = _chunks(file)
    tag = _tag(file, chunks) or id3.seeded(_info(file, chunks))
    found = id3.others(tag, field)
    for chunk in chunks:
        if chunk.name not in _SOUND and chunk != _tag_chunk(chunks):
            file.seek(chunk.start)
            found.append((chunk.name.decode("latin-1"), file.read(chunk.length)))
    return found


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
        chunks.append(Chunk(name, place + head, min(length, size - place - head)))
        place = place + head + length + length % 2
    return chunks


def _checked_end(file: BinaryIO, chunks: list[Chunk]) -> int:
    """Where the last chunk ends, which is where the file says that it ends and where it does.

    Raises:
        DataError: it is not; then something unknown could be overwritten.
    """
    layout = _layout(file)
    head = struct.calcsize(layout)
    file.seek(0)
    said = struct.unpack(layout, file.read(head))[1] + head
    size = file.seek(0, os.SEEK_END)
    end = chunks[-1].end if chunks else head + 4
    if not (end - 1 <= said <= end and end - 1 <= size <= end):
        raise DataError(_WRONG_SIZES, remedy=REPAIR)
    return end


def _set_size(file: BinaryIO, layout: str, size: int) -> None:
    if size >= 1 << 32 and layout.endswith("I"):
        raise DataError(
            "the file has no room for a tag: it would be longer than 4 GiB", remedy=REPAIR
        )
    file.seek(4)
    file.write(struct.pack(layout.replace("4s", ""), size))


def _tag_chunk(chunks: list[Chunk]) -> Chunk | None:
    return next((chunk for chunk in chunks if chunk.name in (b"ID3 ", b"id3 ")), None)


def _tag(file: BinaryIO, chunks: list[Chunk]) -> id3.Tag | None:
    chunk = _tag_chunk(chunks)
    if chunk is None:
        return None
    file.seek(chunk.start)
    data = file.read(chunk.length)
    return id3.parse(data) if data.startswith(b"ID3") else None


def _info(file: BinaryIO, chunks: list[Chunk]) -> Fields:
    found: Fields = {}
    for chunk in chunks:
        file.seek(chunk.start)
        if chunk.name != b"LIST" or file.read(4) != b"INFO":
            continue
        data = file.read(chunk.length - 4)
        while len(data) >= 8:
            name, length = struct.unpack("<4sI", data[:8])
            text = _decode(data[8 : 8 + length].split(b"\0")[0]).strip()
            if name in _INFO and text:
                found.setdefault(_INFO[name], (text,))
            data = data[8 + length + length % 2 :]
    return found


def _decode(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace")
