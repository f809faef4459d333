"""MP4 files (M4A): items within moov.udta.meta.ilst, or, as QuickTime has them, right in udta.

Items that are not replaced keep their bytes and their order. Room is taken from the padding that
there is; where the sound must move, see `genrescope.library.formats.mp4.moving`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from genrescope.errors import DataError
from genrescope.library.formats.fields import CUSTOM, Fields, Part, add, custom_name, standard
from genrescope.library.formats.id3 import PADDING
from genrescope.library.formats.mp4.boxes import Box, Place, find_moov, parts, places, take_apart
from genrescope.library.formats.mp4.moving import replace_box
from genrescope.taxonomy.normalise import id3v1_names

_KEYS = {
    **{"genre": b"\xa9gen", "album": b"\xa9alb", "artist": b"\xa9ART", "title": b"\xa9nam"},
    **{"comment": b"\xa9cmt"},
}
_FIELDS = {key: field for field, key in _KEYS.items()}
_GENRE = b"gnre"  # a number; in `udta` a text
_MEAN = b"com.apple.iTunes"
# By an item's type; 0 is "what the item's name implies".
_CODECS = {0: "utf-8", 1: "utf-8", 2: "utf-16-be", 4: "utf-8", 5: "utf-16-be"}
_ENCRYPTED = (b"drms", b"enca")
_HANDLER = b"\0\0\0\0" + b"\0\0\0\0" + b"mdir" + b"appl" + b"\0" * 9
_LIST = slice(8, 12)  # of a handler: what kind of list it is
_FREE = (b"free", b"skip")
_HEAD = 8


def read(file: BinaryIO) -> Fields:
    """The text fields; pictures are not read."""
    found: Fields = {}
    for item, keys in _items(take_apart(file, find_moov(file))):
        if name := _name(item, keys):
            add(found, name, _values(item))
    return found


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the boxes are damaged, or the tags are a list that other players do not read.
    """
    place, wanted = find_moov(file), _wanted(field)
    moov = take_apart(file, place)
    for holder, keys in _holders(moov):
        holder.children = [item for item in holder.children or () if _name(item, keys) != wanted]
    if values:
        _tags(moov).children = [*(_tags(moov).children or ()), *_made(field, values)]
    _place(file, place, moov)
    return values


def others(file: BinaryIO, field: str) -> list[Part]:
    """Every item of another field, and the boxes beside the lists, but padding."""
    moov = take_apart(file, find_moov(file))
    found = [
        (name or item.name.decode("latin-1"), item.name + item.data)
        for item, keys in _items(moov)
        if (name := _name(item, keys)) != _wanted(field)
    ]
    for holder in (moov, *moov.named(b"udta")):
        found += [
            (box.name.decode("latin-1"), box.data)
            for box in holder.children or ()
            if box.children is None and box.name not in (b"trak", *_FREE, *_FIELDS, _GENRE)
        ]
    return found


def _wanted(field: str) -> str:
    return CUSTOM + custom_name(field).upper() if field.startswith(CUSTOM) else field


def is_protected(file: BinaryIO) -> bool:
    """Whether the sound is encrypted."""
    tables = [(0, file.seek(0, 2))]
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"):
        inner = [box for span in tables for box in places(file, *span) if box.name == name]
        tables = [(box.start, box.end) for box in inner]
    kinds = [box.name for start, end in tables for box in places(file, start + 8, end)]
    return any(kind in _ENCRYPTED for kind in kinds)


def _metas(moov: Box) -> list[Box]:
    inner = [meta for udta in moov.named(b"udta") for meta in udta.named(b"meta")]
    return inner + moov.named(b"meta")


def _holders(moov: Box) -> Iterator[tuple[Box, list[str]]]:
    """Lists and `udta`, which hold items, each with the names that numbers stand for in it."""
    for meta in _metas(moov):
        yield from ((found, _keys(meta)) for found in meta.named(b"ilst"))
    yield from ((udta, []) for udta in moov.named(b"udta"))


def _items(moov: Box) -> Iterator[tuple[Box, list[str]]]:
    """All items, and the names that numbers stand for in their list."""
    for holder, keys in _holders(moov):
        for item in holder.children or ():
            if holder.name == b"ilst" or item.name in (*_FIELDS, _GENRE):
                yield item, keys


def _keys(meta: Box) -> list[str]:
    """Names of QuickTime's numbered items: kind and name, each with its length before it."""
    for box in meta.named(b"keys"):
        return [data.decode("utf-8", "replace") for _, data in parts(box.data[8:])]
    return []


def _tags(moov: Box) -> Box:
    """The list to which items are added, made where there is none.

    Raises:
        DataError: the list that is there is QuickTime's.
    """
    if not (udtas := moov.named(b"udta")):
        moov.children = [*(moov.children or ()), udta := Box(b"udta", b"", [])]
        udtas = [udta]
    lists = [meta for udta in udtas for meta in udta.named(b"meta")]
    if not lists:
        handler = Box(b"hdlr", _HANDLER)
        lists = [Box(b"meta", b"\0\0\0\0", [handler])]
        udtas[0].children = [*(udtas[0].children or ()), *lists]
    handlers = lists[0].named(b"hdlr")
    if not lists[0].data or not handlers or handlers[0].data[_LIST] != b"mdir":
        raise DataError(
            "its tags are QuickTime's, which few players read", remedy="convert it to M4A first"
        )
    if not lists[0].named(b"ilst"):
        after = lists[0].children or []
        lists[0].children = [*after[:1], Box(b"ilst", b"", []), *after[1:]]
    return lists[0].named(b"ilst")[0]


def _made(field: str, values: tuple[str, ...]) -> list[Box]:
    """The item that holds a field."""
    data = [Box(b"data", b"\0\0\0\1\0\0\0\0" + value.encode()).render() for value in values]
    if not field.startswith(CUSTOM):
        return [Box(_KEYS[field], b"".join(data))]
    names = (b"mean", _MEAN), (b"name", custom_name(field).encode())
    head = [Box(name, b"\0\0\0\0" + text).render() for name, text in names]
    return [Box(b"----", b"".join(head + data))]


def _place(file: BinaryIO, place: Place, moov: Box) -> None:
    """Put the box in its place, so that nothing moves where there is room for it."""
    _remove_padding(moov)
    size = len(moov.render())
    for following in places(file, place.end):
        if following.name in _FREE and size > place.length:
            place = place._replace(end=following.end)
        break
    rest = place.length - size
    if rest < 0 or 0 < rest < _HEAD:
        rest = _HEAD + PADDING
    if rest:
        holder = next((meta for meta in _metas(moov) if meta.named(b"ilst")), moov)
        holder.children = [*(holder.children or ()), Box(b"free", bytes(rest - _HEAD))]
    replace_box(file, place, moov.render())


def _remove_padding(box: Box) -> None:
    if box.children is not None and box.name != b"ilst":
        box.children = [child for child in box.children if child.name not in _FREE]
        for child in box.children:
            _remove_padding(child)


def _name(item: Box, keys: list[str] | None = None) -> str:
    """The field that an item holds, or nothing."""
    if keys:
        number = int.from_bytes(item.name) - 1
        name = keys[number].lower() if 0 <= number < len(keys) else ""
        return name.removeprefix("com.apple.quicktime.")
    if item.name == _GENRE:
        return "genre"
    if item.name != b"----":
        return _FIELDS.get(item.name, "")
    names = [data[4:] for name, data in parts(item.data) if name == b"name"]
    return standard(CUSTOM + names[0].decode("utf-8", "replace").upper()) if names else ""


def _values(item: Box) -> list[str]:
    found = [data for name, data in parts(item.data) if name == b"data"]
    if item.name == _GENRE and not found:  # of 3GPP, in `udta`: version, language, text
        return [item.data[6:].decode("utf-8", "replace").split("\0")[0]]
    if item.name == _GENRE:
        numbers = [int.from_bytes(data[8:10]) - 1 for data in found]
        return [id3v1_names()[n] for n in numbers if 0 <= n < len(id3v1_names())]
    if not found and item.name in _FIELDS:  # QuickTime's: length, language, text
        return [item.data[4 : 4 + int.from_bytes(item.data[:2])].decode("utf-8", "replace")]
    kinds = [int.from_bytes(data[1:4]) for data in found]
    codecs = [_CODECS.get(kind, "utf-8" if item.name == b"----" else "") for kind in kinds]
    return [
        data[8:].decode(codec, "replace").rstrip("\0")
        for data, codec in zip(found, codecs, strict=True)
        if codec and len(data) > 8
    ]
