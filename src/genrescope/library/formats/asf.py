"""ASF files (WMA): attributes of the header; all but those that are replaced stay as they are."""

from __future__ import annotations

from typing import BinaryIO

from genrescope.errors import DataError
from genrescope.library.formats.asfobjects import (
    DESCRIPTION,
    EXTENDED,
    EXTENSION,
    HOLDERS,
    LIBRARY,
    PADDING,
    TEXT,
    TITLES,
    Attribute,
    Header,
    Object,
    read_header,
    write_header,
)
from genrescope.library.formats.fields import CUSTOM, Fields, Part, add, custom_name, first_of
from genrescope.library.formats.id3 import PADDING as ROOM
from genrescope.library.formats.id3text import genres

_KEYS = {
    **{"genre": "WM/Genre", "album": "WM/AlbumTitle", "artist": "Author", "title": "Title"},
    **{"comment": "Description", "mood": "WM/Mood"},
}
_FIELDS = {key.upper(): field for field, key in _KEYS.items()}
# Shown as the genre by some readers: a plain text, and the number of ID3v1's list in brackets.
_GENRE, _GENRE_NUMBER = "GENRE", "WM/GENREID"
_MOST = (1 << 16) - 2  # bytes of a text where its length has 16 bits
# Content Encryption, Extended Content Encryption.
_ENCRYPTION = (
    bytes.fromhex("fbb31122 23bd d211 b4b7 00a0c955fc6e"),
    bytes.fromhex("14e68a29 2226 174c b935 dae07ee9289c"),
)
NAMES_MOOD = True


def read(file: BinaryIO) -> Fields:
    """The text fields; a value that stands in two objects counts once.

    The number of a genre counts where there is no name.
    """
    found: Fields = {}
    numbers: Fields = {}
    for item in (item for holder in _holders(read_header(file)) for item in holder.attributes):
        name = _field(item.name)
        if item.kind == TEXT and item.name.upper() == _GENRE_NUMBER:
            add(numbers, name, [text for text in genres([item.text]) if text != item.text.strip()])
        elif item.kind == TEXT and item.text.strip() not in found.get(name, ()):
            add(found, name, [item.text])
    return first_of(found, numbers)


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the header is damaged, or has no room.
    """
    header, key = read_header(file), _key(field)
    if field == "comment" and values:
        values = ("; ".join(values),)
    for holder in _holders(header):
        holder.attributes = [_emptied(holder, item, key) for item in holder.attributes]
        holder.attributes = [item for item in holder.attributes if not _is_free(holder, item, key)]
    new = [Attribute(key, value.encode("utf-16-le") + b"\0\0") for value in values]
    if new and key in TITLES and len(new[0].data) <= _MOST:
        holder = _holder(header, DESCRIPTION)
        holder.attributes[TITLES.index(key)] = new.pop(0)
    elif new and len(new[0].data) <= _MOST:
        _holder(header, EXTENDED).attributes.append(new.pop(0))
    if new:
        _holder(header, LIBRARY).attributes.extend(new)
    write_header(file, header, ROOM)
    return values


def others(file: BinaryIO, field: str) -> list[Part]:
    """Every other attribute with its type, language and stream, and the header's other objects."""
    header, key = read_header(file), _key(field)
    found = [
        (item.name, b"%d %d %d " % (item.kind, item.language, item.stream) + item.data)
        for holder in _holders(header)
        for item in holder.attributes
        if not _same(item.name, key) and item.data.strip(b"\0")
    ]
    rest = [item for item in header.all if item.name not in (*HOLDERS, PADDING, EXTENSION)]
    return found + sorted((f"object {item.name.hex()}", item.data) for item in rest)


def is_protected(file: BinaryIO) -> bool:
    """Whether the sound is encrypted, by its header."""
    return any(item.name in _ENCRYPTION for item in read_header(file).all)


def _holders(header: Header) -> list[Object]:
    """The objects with attributes, in the order in which readers take them."""
    found = [item for item in header.all if item.name in HOLDERS]
    return sorted(found, key=lambda item: HOLDERS.index(item.name))


def _holder(header: Header, name: bytes) -> Object:
    """The object for attributes of a kind, made where there is none.

    Raises:
        DataError: it belongs into the extension, and there is none.
    """
    for item in header.all:
        if item.name == name:
            return item
    empty = [Attribute(title, b"") for title in TITLES] if name == DESCRIPTION else []
    made = Object(name, attributes=empty)
    (header.extension if name == LIBRARY else header.objects).append(made)
    return made


def _emptied(holder: Object, item: Attribute, key: str) -> Attribute:
    """One of the fixed texts, which are always there, without its text."""
    fixed = holder.name == DESCRIPTION and _same(item.name, key)
    return Attribute(item.name, b"") if fixed else item


def _is_free(holder: Object, item: Attribute, key: str) -> bool:
    return holder.name != DESCRIPTION and _same(item.name, key)


def _key(field: str) -> str:
    key = _KEYS.get(field) or custom_name(field)
    if not key:
        raise DataError("a field needs a name", remedy="give custom:NAME")
    return key


def _same(name: str, key: str) -> bool:
    return _field(name) == _field(key)


def _field(name: str) -> str:
    """The field that an attribute holds."""
    if name.upper() in (_GENRE, _GENRE_NUMBER):
        return "genre"
    return _FIELDS.get(name.upper()) or CUSTOM + name.upper()
