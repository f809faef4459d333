"""CRC-32C (Castagnoli), the checksum of TensorFlow's checkpoints."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78  # 0x1EDC6F41, bits reversed
_Words = NDArray[np.uint32]


def _of_byte(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
    return value


_TABLE = np.array([_of_byte(value) for value in range(256)], dtype=np.uint32)
# How a zero byte changes a register, as the sum of what each of its four bytes, lowest first, does.
_ZERO = np.stack([_TABLE, *(np.arange(256, dtype=np.uint32) << 8 * byte for byte in range(3))])
_ONES = bytes.fromhex("54641f64")  # after which the register is ones, where it was zero


def crc32c(data: bytes) -> int:
    """CRC-32C of `data` (RFC 3720, appendix B.4), tens of MB a second.

    A register is linear in the bytes, and zeros before them leave it zero: so those of neighbours
    are joined, of single bytes, of pairs, of fours ..., the left one moved on by as many zeros.
    """
    content = _ONES + data
    length = 1 << (len(content) - 1).bit_length()
    registers = _TABLE[np.frombuffer(content.rjust(length, b"\0"), np.uint8)]
    zeros = _ZERO
    while len(registers) > 1:
        registers = _moved(registers[::2], zeros) ^ registers[1::2]
        zeros = _moved(zeros, zeros)
    return int(registers[0]) ^ 0xFFFFFFFF


def masked_crc32c(data: bytes) -> int:
    """CRC-32C as LevelDB's format stores it: turned by 15 bits, plus a constant."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _moved(registers: _Words, zeros: _Words) -> _Words:
    """Registers after the zeros of which `zeros` (4, 256) is the table."""
    a, b, c, d = (table[registers >> 8 * byte & 0xFF] for byte, table in enumerate(zeros))
    return np.asarray(a ^ b ^ c ^ d)
