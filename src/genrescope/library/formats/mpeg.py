"""MP3 files (and AAC ones): ID3v2 before the audio; perhaps APEv2 and ID3v1 after it.

A field that the first ID3v2 tag has not is read from the others, from the APEv2 tag, else from
ID3v1; written into one tag, it is replaced in all that have it. A file without ID3v2 gets an
ID3v2.4 tag with all that its other tags have, since players do not look at those any more once
there is a new one.
"""

from __future__ import annotations

from typing import BinaryIO

from genrescope.library.formats import besides, id3
from genrescope.library.formats.fields import Fields, Part, first_of, splice

NAMES_MOOD = True


def read(file: BinaryIO) -> Fields:
    """The text fields."""
    return first_of(besides.leading_fields(file), besides.end_fields(file))


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: a tag is damaged.
    """
    tags = besides.leading_tags(file)
    tag = tags[0] if tags else id3.seeded(besides.end_fields(file))
    new, written = id3.replace_field(tag, field, values)
    if tags or values:
        splice(file, 0, tag.size, id3.render(new))
    besides.replace(file, field, values)
    return written


def others(file: BinaryIO, field: str) -> list[Part]:
    """Every other frame, and whatever other tags have besides the field."""
    seeded = [] if besides.leading_tags(file) else [id3.seeded(besides.end_fields(file))]
    found = [part for tag in seeded for part in id3.others(tag, field)]
    return found + besides.others(file, field)
