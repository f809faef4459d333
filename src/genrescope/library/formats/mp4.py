"""MP4 files (M4A): atoms within moov.udta.meta.ilst.

Atoms that are not replaced keep their bytes. Mutagen places the list in the file and corrects the
offsets to the sound.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from genrescope.errors import DataError
from genrescope.library.formats.fields import CUSTOM, REPAIR, Fields, add, custom_name
from genrescope.library.formats.id3 import PADDING, genre_names

_KEYS = {
    **{"genre": "\xa9gen", "album": "\xa9alb", "artist": "\xa9ART", "title": "\xa9nam"},
    **{"comment": "\xa9cmt"},
}
_FIELDS = {key.encode("latin-1"): field for field, key in _KEYS.items()}
_MEAN = "----:com.apple.iTunes:"
_TEXT = 1
_ENCRYPTED = (b"drms", b"enca")


class Atom(NamedTuple):
    """An atom: its name, and where its content begins and ends."""

    name: bytes
    start: int
    end: int


def read(file: BinaryIO) -> Fields:
    """The text fields; pictures are not read."""
    found: Fields = {}
    for atom in _items(file):
        name = _name(file, atom)
        if name:
            add(found, name, _values(file, atom))
    return found


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the atoms are damaged.
    """
    from mutagen import MutagenError
    from mutagen.mp4 import MP4, MP4Tags

    rest = [(atom, _raw(file, atom)) for atom in _items(file) if not _holds(file, atom, field)]
    file.seek(0)
    try:
        opened: Any = MP4(file)
        opened.tags = MP4Tags()
        for atom, data in rest:  # written back as they are, after those set
            opened.tags._failed_atoms.setdefault(atom.name.decode("latin-1"), []).append(data)
        _set(opened.tags, field, values)
        file.seek(0)
        opened.save(file, padding=lambda info: max(info.padding, 0) or PADDING)
    except MutagenError as error:
        raise DataError(f"the atoms are damaged: {error}", remedy=REPAIR) from None
    return values


def _set(tags: Any, field: str, values: tuple[str, ...]) -> None:
    if values and field.startswith(CUSTOM):
        tags[_MEAN + custom_name(field)] = [value.encode() for value in values]
    elif values:
        tags[_KEYS[field]] = list(values)


def others(file: BinaryIO, field: str) -> list[bytes]:
    """The bytes of every atom of another field; their order has no meaning."""
    items = [atom for atom in _items(file) if not _holds(file, atom, field)]
    return sorted(atom.name + _raw(file, atom) for atom in items)


def is_protected(file: BinaryIO) -> bool:
    """Whether the sound is encrypted."""
    end = file.seek(0, os.SEEK_END)
    tables = [(0, end)]
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"):
        inner = [atom for span in tables for atom in _atoms(file, *span) if atom.name == name]
        tables = [(atom.start, atom.end) for atom in inner]
    kinds = [atom.name for start, end in tables for atom in _atoms(file, start + 8, end)]
    return any(kind in _ENCRYPTED for kind in kinds)


def _atoms(file: BinaryIO, start: int, end: int) -> Iterator[Atom]:
    while start + 8 <= end:
        file.seek(start)
        head = file.read(16)
        length, skip = int.from_bytes(head[:4]), 8
        if length == 1:
            length, skip = int.from_bytes(head[8:16]), 16
        length = length or end - start
        if length < skip or start + length > end:
            return
        yield Atom(head[4:8], start + skip, start + length)
        start += length


def _items(file: BinaryIO) -> list[Atom]:
    """The atoms of the list of tags; empty where there is none."""
    start, end = 0, file.seek(0, os.SEEK_END)
    for name in (b"moov", b"udta", b"meta", b"ilst"):
        atom = next((atom for atom in _atoms(file, start, end) if atom.name == name), None)
        if atom is None:
            return []
        start, end = atom.start + 4 * (name == b"meta"), atom.end
    return list(_atoms(file, start, end))


def _raw(file: BinaryIO, atom: Atom) -> bytes:
    file.seek(atom.start)
    return file.read(atom.end - atom.start)


def _name(file: BinaryIO, atom: Atom) -> str:
    """The field that an atom holds, or nothing."""
    if atom.name == b"gnre":
        return "genre"
    if atom.name != b"----":
        return _FIELDS.get(atom.name, "")
    parts = [part for part in _atoms(file, atom.start, atom.end) if part.name == b"name"]
    return CUSTOM + _raw(file, parts[0])[4:].decode("utf-8", "replace").upper() if parts else ""


def _values(file: BinaryIO, atom: Atom) -> list[str]:
    values = []
    for part in _atoms(file, atom.start, atom.end):
        data = _raw(file, part) if part.name == b"data" else b""
        if atom.name == b"gnre":
            number = int.from_bytes(data[8:10]) - 1
            values += [genre_names()[number]] if 0 <= number < len(genre_names()) else []
        elif len(data) >= 8 and (data[3] == _TEXT or atom.name == b"----"):
            values.append(data[8:].decode("utf-8", "replace"))
    return values


def _holds(file: BinaryIO, atom: Atom, field: str) -> bool:
    wanted = CUSTOM + custom_name(field).upper() if field.startswith(CUSTOM) else field
    return _name(file, atom) == wanted
