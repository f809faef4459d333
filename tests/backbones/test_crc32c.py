"""CRC-32C against published values and what makes it a CRC."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrescope.backbones.weights.crc32c import crc32c, masked_crc32c


@pytest.mark.parametrize(
    ("data", "expected"),
    [  # RFC 3720, appendix B.4, and the check value of the catalogues of CRCs
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        (b"123456789", 0xE3069283),
        (b"", 0),
    ],
)
def test_published_values(data, expected):
    assert crc32c(data) == expected


def test_the_mask_turns_and_adds():
    assert masked_crc32c(b"") == 0xA282EAD8
    assert masked_crc32c(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) % (
        1 << 32
    )


@given(
    st.binary(min_size=1, max_size=50).flatmap(
        lambda a: st.tuples(
            st.just(a),
            st.binary(min_size=len(a), max_size=len(a)),
            st.binary(min_size=len(a), max_size=len(a)),
        )
    )
)
def test_it_is_affine(texts):
    first, second, third = texts
    mixed = bytes(a ^ b ^ c for a, b, c in zip(first, second, third, strict=True))
    assert crc32c(mixed) == crc32c(first) ^ crc32c(second) ^ crc32c(third)


@given(st.binary(max_size=300))
def test_it_is_the_remainder_bit_by_bit(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    assert crc32c(data) == crc ^ 0xFFFFFFFF
