"""WavPack, Monkey's Audio and Musepack files: an APEv2 tag at the end.

A field that the tag has not is read from ID3v2 before the sound, else from ID3v1. A file without an
APEv2 tag gets one with all that its other tags have, since players do not look at those any more.
"""

from __future__ import annotations

from typing import BinaryIO

from genrescope.library.formats import apev2, besides, id3v1
from genrescope.library.formats.fields import Fields, Part, first_of


def read(file: BinaryIO) -> Fields:
    """The text fields."""
    return first_of(apev2.fields(apev2.read_tag(file)), _other_fields(file))


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: a tag is damaged or of version 1, or the field's name cannot be a key.
    """
    tag = apev2.replace_field(_tag(file), field, values)
    if values or tag.size:
        apev2.write(file, tag)
    besides.replace(file, field, values)
    return values


def others(file: BinaryIO, field: str) -> list[Part]:
    """Every other item, and whatever the tags before and after have besides the field."""
    around = besides.leading_others(file, field) + besides.trailing_others(file, field)
    return apev2.others(_tag(file), field) + around


def _tag(file: BinaryIO) -> apev2.Tag:
    """The tag, or a new one that has what the other tags have."""
    tag = apev2.read_tag(file)
    if not tag.size and tag.whole:
        for field, values in _other_fields(file).items():
            tag = apev2.replace_field(tag, field, values)
    return tag


def _other_fields(file: BinaryIO) -> Fields:
    return first_of(besides.leading_fields(file), id3v1.fields(id3v1.read_tag(file)))
