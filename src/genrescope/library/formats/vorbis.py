"""Vorbis comments as bytes, as FLAC, Ogg Vorbis, Opus and Speex have them.

Entries that are not replaced keep their bytes, valid UTF-8 or not, and their order.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

from genrescope.errors import DataError
from genrescope.library.formats.fields import CUSTOM, REPAIR, Fields, Part, add, custom_name

_KEYS = {
    **{"genre": b"GENRE", "album": b"ALBUM", "artist": b"ARTIST", "title": b"TITLE"},
    **{"comment": b"COMMENT"},
}
_FIELDS = {key: field for field, key in _KEYS.items()}
_PICTURES = (b"METADATA_BLOCK_PICTURE", b"COVERART")
_PRINTABLE = range(0x20, 0x7E)


@dataclass(frozen=True)
class Comments:
    """A comment header: the encoder's name and `KEY=value` entries."""

    vendor: bytes = b"genrescope"
    entries: tuple[bytes, ...] = ()


def parse(data: bytes) -> Comments:
    """The comment header that `data` begins with.

    Raises:
        DataError: it is cut short.
    """
    parts: list[bytes] = []
    place, left = 0, 1
    try:
        while left:
            length = struct.unpack_from("<I", data, place)[0]
            part = data[place + 4 : place + 4 + length]
            if len(part) < length:
                raise struct.error
            place += 4 + length
            left -= 1
            if not parts:
                left = struct.unpack_from("<I", data, place)[0]
                place += 4
            parts.append(part)
    except struct.error:
        raise DataError("the comments are damaged", remedy=REPAIR) from None
    return Comments(parts[0], tuple(parts[1:]))


def render(comments: Comments) -> bytes:
    """The header's bytes, without what the container adds."""
    parts = [comments.vendor, *comments.entries]
    packed = [struct.pack("<I", len(part)) + part for part in parts]
    return packed[0] + struct.pack("<I", len(comments.entries)) + b"".join(packed[1:])


def fields(comments: Comments) -> Fields:
    """The text fields."""
    found: Fields = {}
    for entry in comments.entries:
        key = _key(entry)
        if key and key not in _PICTURES:
            field = _FIELDS.get(key) or CUSTOM + key.decode("latin-1")
            add(found, field, [entry.partition(b"=")[2].decode("utf-8", "replace")])
    return found


def replace_field(comments: Comments, field: str, values: tuple[str, ...]) -> Comments:
    """The comments with one field's entries replaced.

    Raises:
        DataError: the name of the field cannot be a key.
    """
    key = _wanted(field)
    if not key or any(byte not in _PRINTABLE or byte == ord("=") for byte in key):
        raise DataError(f"a comment cannot be named '{field}'", remedy="use plain letters")
    old = [index for index, entry in enumerate(comments.entries) if _key(entry) == key]
    place = old[0] if old else len(comments.entries)
    rest = [entry for index, entry in enumerate(comments.entries) if index not in old]
    spelled = comments.entries[old[0]].partition(b"=")[0] if old else key
    rest[place:place] = [spelled + b"=" + value.encode() for value in values]
    return replace(comments, entries=tuple(rest))


def others(comments: Comments, field: str) -> list[Part]:
    """The vendor and every entry of another field, in order."""
    key = _wanted(field)
    kept = [entry for entry in comments.entries if _key(entry) != key]
    return [("vendor", comments.vendor), *((_key(e).decode("latin-1"), e) for e in kept)]


def _wanted(field: str) -> bytes:
    return _KEYS.get(field) or custom_name(field).upper().encode("utf-8", "replace")


def _key(entry: bytes) -> bytes:
    """The key in capitals; empty where there is none."""
    key, equals, _ = entry.partition(b"=")
    return key.upper() if equals else b""
