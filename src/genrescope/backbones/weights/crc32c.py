"""CRC-32C (Castagnoli), the checksum of TensorFlow's checkpoints."""

from __future__ import annotations

_POLYNOMIAL = 0x82F63B78  # 0x1EDC6F41, bits reversed


def _of_byte(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
    return value


_TABLE = [_of_byte(value) for value in range(256)]


def crc32c(data: bytes) -> int:
    """CRC-32C of `data` (RFC 3720, appendix B.4), about 10 MB a second."""
    table = _TABLE
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def masked_crc32c(data: bytes) -> int:
    """CRC-32C as LevelDB's format stores it: turned by 15 bits, plus a constant."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
