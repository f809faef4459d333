"""Ogg files: Vorbis, Opus, FLAC and Speex in pages; the second packet has the comments.

Mutagen lays the pages out again and numbers them; the comments themselves are this package's, byte
for byte.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from genrescope.errors import DataError
from genrescope.library.formats import besides, vorbis
from genrescope.library.formats.fields import REPAIR, Fields, Part
from genrescope.library.formats.id3 import PADDING

# First bytes of the stream: mutagen's module and class, bytes of the second packet before comments.
_CODECS = {
    b"\x01vorbis": ("oggvorbis", "OggVorbis", 7),
    b"OpusHead": ("oggopus", "OggOpus", 8),
    b"\x7fFLAC": ("oggflac", "OggFLAC", 4),
    b"Speex   ": ("oggspeex", "OggSpeex", 0),
}
_PAGE = 27
_MOST_PAGES = 4096  # of a comment packet: 256 MiB


def read(file: BinaryIO) -> Fields:
    """The text fields."""
    return vorbis.fields(_comments(file))


def write(file: BinaryIO, field: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Replace one field; return its values as they will be read back.

    Raises:
        DataError: the comments are damaged, or the pages are.
    """
    from importlib import import_module

    from mutagen import MutagenError

    data = vorbis.render(vorbis.replace_field(_comments(file), field, values))
    module, kind, _ = _codec(file)
    file.seek(0)
    try:
        opened: Any = getattr(import_module(f"mutagen.{module}"), kind)(file)
        opened.tags.write = lambda framing=True: data + (b"\1" if framing else b"")
        file.seek(0)
        opened.save(file, padding=_padding)
    except MutagenError as error:
        raise DataError(f"the pages are damaged: {error}", remedy=REPAIR) from None
    besides.replace(file, field, values)
    return values


def _padding(info: Any) -> int:
    return int(info.padding) if info.padding >= 0 else PADDING


def others(file: BinaryIO, field: str) -> list[Part]:
    """Every other comment, and what tags of other kinds behind the pages have besides the field."""
    return vorbis.others(_comments(file), field) + besides.others(file, field)


def _codec(file: BinaryIO) -> tuple[str, str, int]:
    file.seek(0)
    head = file.read(_PAGE + 255 + 8)
    start = _PAGE + head[26] if len(head) > _PAGE else 0
    for magic, codec in _CODECS.items():
        if head.startswith(magic, start):
            return codec
    if not head.startswith(b"OggS"):
        raise DataError(
            "bytes that are no page stand before its first one", remedy="remove them, or convert it"
        )
    raise DataError("this kind of Ogg file is not supported", remedy="tag it with another program")


def _comments(file: BinaryIO) -> vorbis.Comments:
    """The second packet of the first stream, which may lie on several pages."""
    skip = _codec(file)[2]
    file.seek(0)
    packet, serial, pages = b"", b"", 0
    for _ in range(_MOST_PAGES):
        header = file.read(_PAGE)
        if len(header) < _PAGE or header[:4] != b"OggS":
            break
        lengths = file.read(header[26])
        data = file.read(sum(lengths))
        serial = serial or header[14:18]
        if header[14:18] != serial:
            continue
        pages += 1
        if pages == 1:
            continue
        for index, length in enumerate(lengths):
            if length < 255:  # the packet's last piece
                return vorbis.parse((packet + data[: sum(lengths[: index + 1])])[skip:])
        packet += data
    raise DataError("the file ends within its comments", remedy="fetch the file again")
