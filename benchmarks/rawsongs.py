"""Small valid files of formats that no encoder here writes: DSD noise, and silence in others.

Written after the descriptions of the formats: Sony's DSF 1.01, Philips's DSDIFF 1.5, Monkey's Audio
3.99 and Musepack's stream version 8. How long a silent file lasts is of its seed, so that two seeds
are two sounds.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

DSD_RATE = 2_822_400
_BLOCK = 4096  # bytes of a channel in DSF


def write_dsf(path: Path, seed: int, seconds: float) -> None:
    """DSF of two channels."""
    blocks = max(1, round(seconds * DSD_RATE / 8 / _BLOCK))
    data = _noise(seed, 2 * blocks * _BLOCK)
    form = struct.pack(
        "<4sQIIIIIIQII", b"fmt ", 52, 1, 0, 2, 2, DSD_RATE, 1, blocks * _BLOCK * 8, _BLOCK, 0
    )
    chunk = struct.pack("<4sQ", b"data", len(data) + 12) + data
    head = struct.pack("<4sQQQ", b"DSD ", 28, 28 + len(form) + len(chunk), 0)
    path.write_bytes(head + form + chunk)


def write_dff(path: Path, seed: int, seconds: float) -> None:
    """Uncompressed DSDIFF of two channels."""
    data = _noise(seed, 2 * round(seconds * DSD_RATE / 8))
    properties = b"SND " + b"".join(
        (
            _chunk(b"FS  ", struct.pack(">I", DSD_RATE)),
            _chunk(b"CHNL", struct.pack(">H", 2) + b"SLFTSRGT"),
            _chunk(b"CMPR", b"DSD \x0enot compressed\0"),
        )
    )
    parts = _chunk(b"FVER", bytes([1, 5, 0, 0])), _chunk(b"PROP", properties), _chunk(b"DSD ", data)
    path.write_bytes(_chunk(b"FRM8", b"DSD " + b"".join(parts)))


def write_ape(path: Path, seed: int, seconds: float) -> None:
    """Silence in Monkey's Audio: frames that are marked as silent have no coded samples."""
    rate, per_frame = 44100, 4096
    samples = round(seconds * rate) + seed
    frames, last = -(-samples // per_frame), (samples - 1) % per_frame + 1
    lengths = [per_frame] * (frames - 1) + [last]
    data = b"".join(
        struct.pack("<4I", zlib.crc32(bytes(4 * length)) >> 1 | 1 << 31, 3, 0, 0)
        for length in lengths
    )
    start = 52 + 24 + 4 * frames
    seek = struct.pack(f"<{frames}I", *(start + 16 * number for number in range(frames)))
    head = struct.pack(
        "<4sHH7I16x", b"MAC ", 3990, 0, 52, 24, len(seek), 0, len(data), 0, 0
    ) + struct.pack("<HHIIIHHI", 1000, 32, per_frame, last, frames, 16, 2, rate)
    path.write_bytes(head + seek + data)


def write_mpc(path: Path, seed: int, seconds: float) -> None:
    """Silence in Musepack, stream version 8: frames without any band."""
    samples = round(seconds * 44100) + seed
    frames = -(-samples // 1152)
    shape = struct.pack(">H", 1 << 4)  # 44.1 kHz, one band, two channels, one frame a packet
    stream = b"\x08" + _varint(samples) + b"\0" + shape
    packets = [
        _packet(b"SH", struct.pack(">I", zlib.crc32(stream)) + stream),
        _packet(b"RG", b"\1" + bytes(8)),
        _packet(b"EI", bytes(4)),
        *[_packet(b"AP", bytes(8))] * frames,
        _packet(b"SE", b""),
    ]
    path.write_bytes(b"MPCK" + b"".join(packets))


WRITERS = {".dsf": write_dsf, ".dff": write_dff, ".ape": write_ape, ".mpc": write_mpc}


def _noise(seed: int, length: int) -> bytes:
    """One-bit samples: as many ones as zeros, so that it is quiet below the audible range."""
    return np.random.default_rng(seed).integers(0, 256, length, np.uint8).tobytes()


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack(">Q", len(content)) + content + bytes(len(content) % 2)


def _varint(value: int) -> bytes:
    """Seven bits a byte, the highest first; all bytes but the last have the top bit."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))


def _packet(key: bytes, content: bytes) -> bytes:
    size = len(content) + 3
    return key + _varint(size if size < 128 else size + 1) + content
