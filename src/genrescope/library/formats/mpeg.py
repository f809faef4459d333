"""MP3 files (and AAC ones): ID3v2 before the audio; perhaps APEv2 and ID3v1 after it.

A field that the ID3v2 tag has not is read from the APEv2 tag, else from ID3v1. The genre byte of an
ID3v1 tag is kept in step: the number of the first genre, 255 where it has none. A file without
ID3v2 gets an ID3v2.4 tag with all that its other tags say, since players do not look at those any
more once there is a new one. APE tags stay as they are.
"""

from __future__ import annotations

from typing import BinaryIO

from genrescope.library.formats import apev2, id3, id3v1
from genrescope.library.formats.fields import Fields, Part, first_of, splice

NAMES_MOOD = True


def read(file: BinaryIO) -> Fields:
    """The text fields."""
    return first_of(*map(id3.fields, id3.leading_tags(file)), _end_fields(file))


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the tag is damaged.
    """
    tags, old = id3.leading_tags(file), id3v1.read_tag(file)
    tag = tags[0] if tags else id3.seeded(_end_fields(file))
    new, written = id3.replace_field(tag, field, values)
    splice(file, 0, tag.size, id3.render(new))
    if old and field == "genre":
        id3v1.write_genre(file, values)
    return written


def others(file: BinaryIO, field: str) -> list[Part]:
    """Every other frame, other ID3v2 tags, and what the ID3v1 tag says besides the genre."""
    tags, old = id3.leading_tags(file), id3v1.read_tag(file)
    found = id3.others(tags[0] if tags else id3.seeded(_end_fields(file)), field)
    found += [part for tag in tags[1:] for part in id3.others(tag, "")]
    return [*found, ("ID3v1", old[:-1] if field == "genre" else old)]


def _end_fields(file: BinaryIO) -> Fields:
    """What the tags after the sound say."""
    return first_of(apev2.fields(file), id3v1.fields(id3v1.read_tag(file)))
