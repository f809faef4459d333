"""Lengths of MP3 files with a variable bitrate that do not declare it.

Without a Xing or VBRI header a decoder guesses the length from the first frame's bitrate and stops
there. Counting the frames and putting a Xing header in front mends it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from genrescope.audio.sniff import id3_length

# Layer III, kbit/s by index; 0 is the free format, which has no fixed frame length.
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_HEADER_BYTES = 4
_FIRST_FRAMES = 8192  # holds any first frame, which may carry the header looked for


def with_header(path: Path) -> bytes | None:
    """The file's bytes with a Xing header in front, or None where it needs none.

    It needs one if it has none and its bitrate varies.
    """
    with path.open("rb") as handle:
        tag = id3_length(handle.read(10))
        handle.seek(tag)
        first = handle.read(_FIRST_FRAMES)
        if any(name in first for name in (b"Xing", b"Info", b"VBRI")):
            return None
        data = first + handle.read()
    headers = list(_frame_headers(data))
    if len({header[2] >> 4 for header in headers}) < 2:
        return None
    return _xing_frame(headers[0], len(headers)) + data


def _frame_headers(data: bytes) -> Iterator[bytes]:
    """The headers of the unbroken run of frames at the beginning of `data`."""
    position = 0
    while length := _frame_length(header := data[position : position + _HEADER_BYTES]):
        yield header
        position += length


def _frame_length(header: bytes) -> int:
    """Bytes of the frame with this header, 0 where it is none of MPEG layer III."""
    if len(header) < _HEADER_BYTES or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate == 15 or rate == 3:
        return 0
    kbits = (_KBITS_1 if version == 3 else _KBITS_2)[bitrate]
    if kbits == 0:
        return 0
    slots = 144000 if version == 3 else 72000
    return slots * kbits // _RATES[version][rate] + (header[2] >> 1 & 1)


def _xing_frame(like: bytes, frames: int) -> bytes:
    """A frame like one with the header `like`, which holds only the number of frames."""
    # Largest bitrate, no padding, no checksum: side information then has its plain length.
    header = bytes((like[0], like[1] | 1, like[2] & 0x0C | 0xE0, like[3]))
    mono = like[3] >> 6 == 3
    side = (17 if mono else 32) if like[1] >> 3 & 3 == 3 else (9 if mono else 17)
    body = bytes(side) + b"Xing" + struct.pack(">II", 1, frames)
    return (header + body).ljust(_frame_length(header), b"\0")
