from __future__ import annotations

import pytest

from genrescope.audio.containers.mp3 import _frame_length
from genrescope.audio.containers.sniff import id3_length, sniff


@pytest.mark.parametrize(
    ("head", "name", "core"),
    [
        (b"fLaC\0\0\0\x22", "FLAC", True),
        (b"RIFF\x24\0\0\0WAVEfmt ", "WAV", True),
        (b"RIFF\x24\0\0\0AVI LIST", "AVI", False),
        (b"\0\0\0\x20ftypM4A ", "MP4 or M4A", False),
        (b"\xff\xfb\x90\x44", "MP3", True),
        (b"\xff\xf3\x90\x44", "MP3", True),
        (b"\xff\xf1\x50\x80", "AAC", False),
        (b"\xff\xf9\x50\x80", "AAC", False),
        (b"\x47" + bytes(187) + b"\x47", "MPEG transport stream", False),
    ],
)
def test_formats_are_distinguished(head: bytes, name: str, core: bool) -> None:
    assert sniff(head) == (name, core)


@pytest.mark.parametrize("head", [b"", b"\xff", b"text", b"\xff\xe0", b"\x47" + bytes(300)])
def test_unknown_is_unknown(head: bytes) -> None:
    assert sniff(head) is None


def test_id3_length_counts_seven_bits_a_byte() -> None:
    assert id3_length(b"ID3\x04\0\0\0\0\x02\x01") == 10 + 257
    assert id3_length(b"\xff\xfb\x90\x44......") == 0


@pytest.mark.parametrize(
    ("header", "length"),
    [
        ("fffb9044", 417),  # MPEG 1, 128 kbit/s, 44.1 kHz
        ("fffb9244", 418),  # padded
        ("fffbe044", 1044),  # 320 kbit/s
        ("fff380c4", 208),  # MPEG 2, 64 kbit/s, 22.05 kHz
        ("fffb0044", 0),  # free format
        ("fffd9044", 0),  # layer II
        ("ffeb9044", 0),  # reserved version
    ],
)
def test_length_of_mp3_frames(header: str, length: int) -> None:
    assert _frame_length(bytes.fromhex(header)) == length
