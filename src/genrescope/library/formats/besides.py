"""Tags beside a format's own: ID3v2 before the sound, APEv2 and ID3v1 after it.

Which of several tags counts is decided by each reader for itself. So a field is replaced in every
one that has it. None is made, and nothing else in them changes.
"""

from __future__ import annotations

from typing import BinaryIO

from genrescope.audio.containers.sniff import id3_length
from genrescope.library.formats import apev2, id3, id3v1
from genrescope.library.formats.fields import Fields, Part, first_of, splice

_HEADER = 10


def leading_tags(file: BinaryIO) -> list[id3.Tag]:
    """All ID3v2 tags that a file begins with; mostly there is one.

    Raises:
        DataError: one is of a version that does not exist.
    """
    tags: list[id3.Tag] = []
    place = 0
    while True:
        file.seek(place)
        head = file.read(_HEADER)
        length = id3_length(head)
        if not length:
            return tags
        tags.append(id3.parse(head + file.read(length - _HEADER)))
        place += length


def leading_fields(file: BinaryIO) -> Fields:
    """The text fields of the tags before the sound."""
    return first_of(*map(id3.fields, leading_tags(file)))


def end_fields(file: BinaryIO) -> Fields:
    """The text fields of the tags after the sound."""
    return first_of(apev2.fields(apev2.read_tag(file)), id3v1.fields(id3v1.read_tag(file)))


def replace(file: BinaryIO, field: str, values: tuple[str, ...]) -> None:
    """Replace a field in every tag that has it; in ID3v1 only the genre.

    Raises:
        DataError: a tag that has it is damaged.
    """
    if field == "genre":
        id3v1.write_genre(file, values)
    ape = apev2.read_tag(file)
    if apev2.has(ape, field):
        apev2.write(file, apev2.replace_field(ape, field, values))
    tags = leading_tags(file)
    for number, tag in reversed(list(enumerate(tags))):
        if id3.has(tag, field):
            start = sum(before.size for before in tags[:number])
            splice(file, start, tag.size, id3.render(id3.replace_field(tag, field, values)[0]))


def others(file: BinaryIO, field: str) -> list[Part]:
    """Whatever these tags have besides the field."""
    ape = apev2.others(apev2.read_tag(file), field)
    return leading_others(file, field) + ape + trailing_others(file, field)


def leading_others(file: BinaryIO, field: str) -> list[Part]:
    """Whatever the tags before the sound have besides the field."""
    return [part for tag in leading_tags(file) for part in id3.others(tag, field)]


def trailing_others(file: BinaryIO, field: str) -> list[Part]:
    """Whatever stands behind the APEv2 tag, or its place, besides the field."""
    tag = apev2.read_tag(file)
    file.seek(tag.start + tag.size)
    rest, old = file.read(), id3v1.read_tag(file)
    if field == "genre" and old:
        rest = rest[: -len(old)] + id3v1.without_genre(old)
    return [("tags behind the sound", rest)]
