"""LIST INFO of WAV files: texts under names of four letters, an older place for tags than ID3.

Each item has a name, a length, a text and mostly a NUL after it, and is padded to an even length;
some programs do not pad. The encoding is not declared: written is UTF-8, as ffmpeg and TagLib take
it; read is also Windows' code page of Western Europe.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from genrescope.library.formats.fields import Fields, add, first_of

MAGIC = b"INFO"
"""What the content of such a LIST chunk begins with."""

_FIELDS = {
    **{b"IGNR": "genre", b"IPRD": "album", b"IART": "artist", b"INAM": "title"},
    **{b"ICMT": "comment", b"ICRD": "year", b"ITRK": "track"},
}
_HEAD = 8
_NAME = re.compile(rb"[A-Z][A-Za-z0-9 ]{3}")


class Item(NamedTuple):
    """An item: its field, empty for another one; where it begins and ends; and its text's bytes."""

    field: str
    start: int
    end: int
    data: bytes


def fields(content: bytes) -> Fields:
    """The text fields of a LIST chunk's content: of several items of a field the first's."""
    found: list[Fields] = []
    for item in _items(content):
        found.append({})
        if item.field:
            add(found[-1], item.field, [_decoded(item.data.split(b"\0")[0])])
    return first_of(*found)


def replaced(content: bytes, field: str, values: tuple[str, ...]) -> bytes:
    """A LIST chunk's content with the items of a field replaced by one, where there are any."""
    old = [item for item in _items(content) if item.field == field]
    for item in reversed(old):
        new = _rendered(content, item, "; ".join(values)) if values and item == old[0] else b""
        content = content[: item.start] + new + content[item.end :]
    return content


def without(content: bytes, field: str) -> bytes:
    """A LIST chunk's content without the items of a field."""
    return replaced(content, field, ())


def _rendered(content: bytes, item: Item, text: str) -> bytes:
    """An item with another text: as long as it was, where the text fits there."""
    data = text.encode()
    name = content[item.start : item.start + 4]
    if len(data) <= len(item.data):
        rest = content[item.start + _HEAD + len(item.data) : item.end]
        data = data.ljust(len(item.data), b"\0")
        return name + struct.pack("<I", len(data)) + data + rest
    data += b"\0" * (2 - len(data) % 2)
    return name + struct.pack("<I", len(data)) + data


def _items(content: bytes) -> Iterator[Item]:
    """The items, up to what is none: no known kind of name, and a length that cannot be."""
    place = len(MAGIC)
    while place + _HEAD <= len(content):
        name, length = struct.unpack_from("<4sI", content, place)
        if length > len(content) - place - _HEAD and _NAME.match(name) is None:
            return
        data = content[place + _HEAD : place + _HEAD + length]
        end = place + _HEAD + len(data)
        if len(data) % 2 and _NAME.match(content, end) is None:
            end = min(end + 1, len(content))  # the pad byte
        yield Item(_FIELDS.get(name, ""), place, end, data)
        place = end


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace")
