"""ID3v2.2, 2.3 and 2.4 tags as bytes: read the text frames, replace one and keep the others.

Frames that are not replaced keep their bytes, order and flags, known or not; only an extended
header and a footer (both optional, both rare, both describing the tag as it was) go. Padding is
used up before a tag grows, so that most files keep their length. Written after the specifications
at id3.org.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from genrescope.errors import DataError
from genrescope.library.formats.fields import (
    CUSTOM,
    MOOD,
    REPAIR,
    Fields,
    Part,
    add,
    custom_name,
    standard,
)
from genrescope.library.formats.id3text import CODECS, genres, strings

PADDING = 1024  # of a tag that must grow anyway
_HEADER = 10
_TEXT = {
    **{"genre": "TCON", "album": "TALB", "artist": "TPE1", "title": "TIT2"},
    **{"track": "TRCK", "year": "TDRC", "mood": "TMOO"},
}
COMMENT = "COMM"
USER_TEXT = "TXXX"
"""ID3's frames of comments, and of text under a name of the user's own."""
_OLD_NAMES = {
    **{"TCON": "TCO", "TALB": "TAL", "TPE1": "TP1", "TIT2": "TT2"},
    **{COMMENT: COMMENT[:3], USER_TEXT: USER_TEXT[:3]},
}
_NEW_NAMES = {old: new for new, old in _OLD_NAMES.items()}
_NAME = re.compile(rb"[A-Z0-9 ]{3}[A-Z0-9 \0]?")  # three letters and NUL: old iTunes


class Frame(NamedTuple):
    """One frame: its four-letter name (also in ID3v2.2), its flags, and all its bytes."""

    name: str
    flags: int
    raw: bytes


@dataclass(frozen=True)
class Tag:
    """A parsed tag.

    Attributes:
        version: 2, 3 or 4.
        size: bytes it takes in the file, header and padding included.
        unsync: whether bytes FF 00 stand for FF, in the whole tag (2.2, 2.3) or all frames (2.4).
        frames: in the order of the file.
        base: 128 where sizes have seven bits a byte, as in ID3v2.4; 256 elsewhere.
        damaged: whether there is something after the frames that is not padding.
    """

    version: int = 4
    size: int = 0
    unsync: bool = False
    frames: tuple[Frame, ...] = field(default_factory=tuple)
    base: int = 128
    damaged: bool = False


def parse(data: bytes) -> Tag:
    """The tag that `data` begins with.

    Raises:
        DataError: it is of a version that does not exist.
    """
    version, flags, size = data[3], data[5], _number(data[6:10], 128)
    if version not in (2, 3, 4) or (version == 2 and flags & 0x40):
        raise DataError(
            f"its ID3 tag is of version 2.{version}, which no reader supports",
            remedy="remove that tag, or save it as ID3v2.4, with the program that wrote it",
        )
    unsync = bool(flags & 0x80)
    body = data[_HEADER : _HEADER + size]
    if unsync and version < 4:
        body = body.replace(b"\xff\x00", b"\xff")
    if flags & 0x40:
        body = body[_extended_length(body, version) :]
    size += _HEADER * (2 if version == 4 and flags & 0x10 else 1)
    tags = []
    for base in (128, 256) if version == 4 else (256,):  # iTunes wrote 2.4 with sizes of 2.3
        frames, length = _frames(body, version, base)
        damaged = bool(body[length:].strip(b"\0"))
        tags.append(Tag(version, size, unsync, tuple(frames), base, damaged))
    return min(tags, key=lambda tag: (tag.damaged, -len(tag.frames)))


def _extended_length(body: bytes, version: int) -> int:
    return _number(body[:4], 128) if version == 4 else _number(body[:4], 256) + 4


def _frames(body: bytes, version: int, base: int) -> tuple[list[Frame], int]:
    """The frames up to the padding or to what is no frame, and where that begins."""
    letters, head = (3, 6) if version == 2 else (4, 10)
    frames, place = [], 0
    while place + head <= len(body) and body[place]:
        name = body[place : place + letters]
        length = head + _number(body[place + letters : place + (6 if version == 2 else 8)], base)
        if not _NAME.fullmatch(name) or place + length > len(body):
            break
        flags = 0 if version == 2 else _number(body[place + 8 : place + 10], 256)
        text = name.decode().rstrip("\0 ")
        raw = body[place : place + length]
        frames.append(Frame(_NEW_NAMES.get(text, text), flags, raw))
        place += length
    return frames, place


def _number(data: bytes, base: int) -> int:
    value = 0
    for byte in data:
        value = value * base + byte % base
    return value


def _digits(value: int, base: int, count: int) -> bytes:
    return bytes(value // base**power % base for power in reversed(range(count)))


def content(tag: Tag, frame: Frame) -> bytes:
    """What a frame holds, unpacked; empty where it is encrypted or damaged."""
    if tag.version == 2:
        return frame.raw[6:]
    data, flags = frame.raw[_HEADER:], frame.flags
    if tag.version == 3:
        packed, encrypted = flags & 0x80, flags & 0x40
        data = data[(4 if packed else 0) + (1 if flags & 0x20 else 0) :]
    else:
        packed, encrypted = flags & 0x08, flags & 0x04
        data = data[(1 if flags & 0x40 else 0) + (4 if flags & 0x01 else 0) :]
        if tag.unsync or flags & 0x02:
            data = data.replace(b"\xff\x00", b"\xff")
    try:
        return b"" if encrypted else zlib.decompress(data) if packed else data
    except zlib.error:
        return b""


def fields(tag: Tag) -> Fields:
    """The text fields of a tag."""
    found: Fields = {}
    for frame in tag.frames:
        for name, values in _texts(tag, frame):
            add(found, name, values)
    return found


def _texts(tag: Tag, frame: Frame) -> Iterator[tuple[str, list[str]]]:
    """The field that a frame holds, with its values; nothing for a frame of another kind."""
    for name, letters in _TEXT.items():
        if frame.name == letters:
            values = strings(content(tag, frame))
            yield name, genres(values) if name == "genre" else values
    if frame.name == USER_TEXT:
        name, *values = strings(content(tag, frame)) or [""]
        yield standard(CUSTOM + name.upper()), values
    elif frame.name == COMMENT:
        data = content(tag, frame)
        about, *values = strings(data[:1] + data[4:]) or [""]
        if not about:  # others are machine data, such as iTunNORM
            yield "comment", values


def replace_field(tag: Tag, name: str, values: tuple[str, ...]) -> tuple[Tag, tuple[str, ...]]:
    """The tag with one field's frames replaced, and the values as they will be read back.

    Raises:
        DataError: the tag is damaged, so that something in it could be lost.
    """
    if tag.damaged:
        raise DataError("the ID3 tag is damaged", remedy=REPAIR)
    name = _stored_name(tag, name)
    old = [index for index, frame in enumerate(tag.frames) if _holds(tag, frame, name)]
    place = old[0] if old else len(tag.frames)
    rest = [frame for index, frame in enumerate(tag.frames) if index not in old]
    if not values:
        return replace(tag, frames=tuple(rest)), ()
    if name == "comment":
        values = ("; ".join(values),)
    elif tag.version < 4:
        values = ("/".join(values),)
    language = content(tag, tag.frames[old[0]])[1:4] if old and name == "comment" else b"eng"
    rest.insert(place, _frame(tag, name, values, language))
    return replace(tag, frames=tuple(rest)), values


def has(tag: Tag, name: str) -> bool:
    """Whether a tag has a field."""
    name = _stored_name(tag, name)
    return any(_holds(tag, frame, name) for frame in tag.frames)


def others(tag: Tag, name: str) -> list[Part]:
    """Every frame that does not hold the field, in order."""
    name = _stored_name(tag, name)
    return [(frame.name, frame.raw) for frame in tag.frames if not _holds(tag, frame, name)]


def _stored_name(tag: Tag, name: str) -> str:
    """The field as the tag holds it: versions before 2.4 have no frame for a mood."""
    plain = name == "mood" and tag.version < 4 and not _has_frame(tag, _TEXT[name])
    return MOOD if plain else name


def _has_frame(tag: Tag, letters: str) -> bool:
    return any(frame.name == letters for frame in tag.frames)


def _holds(tag: Tag, frame: Frame, name: str) -> bool:
    wanted = CUSTOM + custom_name(name).upper() if name.startswith(CUSTOM) else name
    return _TEXT.get(name) == frame.name or any(found == wanted for found, _ in _texts(tag, frame))


def _frame(tag: Tag, name: str, values: tuple[str, ...], language: bytes) -> Frame:
    """A new frame: Latin-1 where that can hold it, else UTF-8 (2.4) or UTF-16 (before)."""
    letters, parts, between = _TEXT.get(name, ""), list(values), b""
    if name == "genre" and tag.version < 4 and values[0].startswith("("):
        parts = [f"({values[0]}"]  # a bracket that is no number's
    elif name == "comment":
        letters, parts, between = COMMENT, ["", *values], language
    elif name.startswith(CUSTOM):
        letters, parts = USER_TEXT, [custom_name(name), *values]
    encoding = 3 if tag.version == 4 else 1
    if all(ord(char) < 256 for part in parts for char in part):
        encoding = 0
    # In UTF-16 each string has its own byte order mark.
    zero = b"\0\0" if encoding == 1 else b"\0"
    text = zero.join(part.encode(CODECS[encoding]) for part in parts)
    data, flags = bytes([encoding]) + between + text, 0
    if tag.unsync and tag.version == 4:
        data, flags = _unsynchronise(data), 2
    if tag.version == 2:
        return Frame(letters, 0, _OLD_NAMES[letters].encode() + _digits(len(data), 256, 3) + data)
    head = letters.encode() + _digits(len(data), tag.base, 4) + _digits(flags, 256, 2)
    return Frame(letters, flags, head + data)


def _unsynchronise(data: bytes) -> bytes:
    return re.sub(rb"\xff(?=[\xe0-\xff\0]|$)", b"\xff\0", data)


def render(tag: Tag) -> bytes:
    """The tag's bytes: as many as before where it fits, else with fresh padding."""
    body = b"".join(frame.raw for frame in tag.frames)
    room = tag.size - _HEADER
    padded = body.ljust(max(room, 0) if len(body) <= room else len(body) + PADDING, b"\0")
    if tag.unsync and tag.version < 4:
        padded = _unsynchronise(body)
        padded = padded.ljust(room if len(padded) <= room else len(padded) + PADDING, b"\0")
    flags = 0x80 if tag.unsync else 0
    return b"ID3" + bytes([tag.version, 0, flags]) + _digits(len(padded), 128, 4) + padded


def seeded(fields: Fields) -> Tag:
    """A new ID3v2.4 tag that holds these fields."""
    tag = Tag()
    for name, values in fields.items():
        tag, _ = replace_field(tag, name, values)
    return tag
