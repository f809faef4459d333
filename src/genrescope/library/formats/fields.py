"""What the formats share: fields read, and bytes exchanged within a file."""

from __future__ import annotations

import os
from typing import BinaryIO

Fields = dict[str, tuple[str, ...]]
Part = tuple[str, bytes]
"""Something in the tags: a name for people, and its bytes."""

CUSTOM = "custom:"
MOOD = "custom:MOOD"
"""What the field `mood` is where a format has no name of its own for it."""

_FREE_GENRE = "custom:GENRE"
REPAIR = "repair it with its own editor, or convert it, first"
_CHUNK = 1 << 20


def standard(field: str) -> str:
    """The field that readers show `custom:GENRE` as, in capitals; any other one as it is."""
    return "genre" if field == _FREE_GENRE else field


def custom_name(field: str) -> str:
    """NAME of the field `custom:NAME`."""
    return field[len(CUSTOM) :]


def add(fields: Fields, field: str, values: list[str]) -> None:
    """Append values, stripped and without empty ones, to a field; a genre counts once."""
    kept = fields.get(field, ()) + tuple(text for value in values if (text := value.strip()))
    if kept:
        fields[field] = tuple(dict.fromkeys(kept)) if field == "genre" else kept


def first_of(*layers: Fields) -> Fields:
    """Each field, from the first layer that has it."""
    found: Fields = {}
    for layer in layers:
        found = layer | found
    return found


def splice(file: BinaryIO, offset: int, length: int, new: bytes) -> None:
    """Put `new` in the place of `length` bytes at `offset`; what follows moves."""
    end = file.seek(0, os.SEEK_END)
    growth = len(new) - length
    starts = range(offset + length, end, _CHUNK)
    for start in reversed(starts) if growth > 0 else starts:
        if growth == 0:
            break
        file.seek(start)
        chunk = file.read(min(_CHUNK, end - start))
        file.seek(start + growth)
        file.write(chunk)
    file.seek(offset)
    file.write(new)
    file.truncate(end + growth)
