"""ASF files (WMA), through mutagen; objects of the header that hold no tags stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from genrescope.errors import DataError
from genrescope.library.formats.fields import CUSTOM, REPAIR, Fields, add, custom_name
from genrescope.library.formats.id3 import PADDING

_KEYS = {
    **{"genre": "WM/Genre", "album": "WM/AlbumTitle", "artist": "Author", "title": "Title"},
    **{"comment": "Description"},
}
_FIELDS = {key: field for field, key in _KEYS.items()}
_HOLDERS = (
    *("ContentDescriptionObject", "ExtendedContentDescriptionObject"),
    *("MetadataObject", "MetadataLibraryObject", "PaddingObject"),
)
# Content Encryption, Extended Content Encryption.
_ENCRYPTION = (
    bytes.fromhex("fbb31122 23bd d211 b4b7 00a0c955fc6e"),
    bytes.fromhex("14e68a29 2226 174c b935 dae07ee9289c"),
)


def read(file: BinaryIO) -> Fields:
    """The text fields."""
    from mutagen.asf import ASFUnicodeAttribute

    found: Fields = {}
    with _opened(file) as opened:
        for name, value in opened.tags:
            if isinstance(value, ASFUnicodeAttribute):
                add(found, _FIELDS.get(name) or CUSTOM + name.upper(), [value.value])
    return found


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the header is damaged.
    """
    from mutagen.asf import ASFUnicodeAttribute

    if field == "comment" and values:
        values = ("; ".join(values),)
    key = _KEYS.get(field) or custom_name(field)
    with _opened(file) as opened:
        opened.tags[:] = [item for item in opened.tags if not _same(item[0], key)]
        opened.tags.extend((key, ASFUnicodeAttribute(value)) for value in values)
        file.seek(0)
        opened.save(file, padding=lambda info: max(info.padding, 0) or PADDING)
    return values


def others(file: BinaryIO, field: str) -> list[bytes]:
    """Every other attribute with its type, language and stream, and the header's other objects."""
    key = _KEYS.get(field) or custom_name(field)
    with _opened(file) as opened:
        tags = [
            f"{name} {value.TYPE} {value.language} {value.stream} {value.value!r}".encode()
            for name, value in opened.tags
            if not _same(name, key)
        ]
        return sorted(tags) + sorted(_objects(opened._header))


def is_protected(file: BinaryIO) -> bool:
    """Whether the sound is encrypted: the header says how."""
    with _opened(file) as opened:
        return any(item.GUID in _ENCRYPTION for item in opened._header.objects)


def _objects(parent: Any) -> Iterator[bytes]:
    """The objects that hold neither tags nor padding."""
    from mutagen.asf import _objects as kinds

    for item in parent.objects:
        if isinstance(item, kinds.HeaderExtensionObject):
            yield from _objects(item)
        elif type(item).__name__ not in _HOLDERS:
            yield item.GUID + item.data


def _same(name: str, key: str) -> bool:
    return name.upper() == key.upper()


@contextmanager
def _opened(file: BinaryIO) -> Iterator[Any]:
    from mutagen import MutagenError
    from mutagen.asf import ASF

    file.seek(0)
    try:
        yield ASF(file)
    except MutagenError as error:
        raise DataError(f"the header is damaged: {error}", remedy=REPAIR) from None
