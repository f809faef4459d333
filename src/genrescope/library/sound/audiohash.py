"""A hash of a file's audio that does not change when its tags do.

Two kinds. The full one is over all the audio: equal hashes mean bit-identical audio. The quick one
is over the format, the length and three samples of 16 KiB, at the beginning, in the middle and at
the end: it identifies a moved or retagged file without reading it whole. Two recordings
have the same quick hash only where all that is the same: in practice copies of one recording, of
which one may be damaged elsewhere, or files of nothing but silence of the same length.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from genrescope.library.sound.oggpages import MAGIC, pages, read_headers, steady_part
from genrescope.library.sound.payload import Payload, end_of_audio, find_payload

_SAMPLE = 1 << 14
_BLOCK = 1 << 17  # which stays in the cache of a core
_DIGEST = 16


def audio_hash(path: Path, *, full: bool = True) -> str:
    """The hash of the audio in a file: 32 hexadecimal digits.

    Args:
        path: the file; what is no known format is hashed whole.
        full: over all of the audio; else quick, see this module's description.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.blake2b(digest_size=_DIGEST)
    with path.open("rb", buffering=_SAMPLE) as file:
        size = os.fstat(file.fileno()).st_size
        if file.read(4) == MAGIC:
            headers, start = read_headers(file)
            add_ogg = _add_pages if full else _add_page_samples
            digest.update(b"Ogg\0" + headers)
            add_ogg(digest, file, start, end_of_audio(file, start, size))
        else:
            payload = find_payload(file, size)
            digest.update(payload.kind.encode() + b"\0" + payload.described)
            (_add_ranges if full else _add_samples)(digest, file, payload)
    return digest.hexdigest()


def same_audio(one: Path, two: Path) -> bool:
    """Whether two files have the same hash over all of their audio; sooner than by computing it.

    Raises:
        OSError: a file cannot be read.
    """
    with one.open("rb") as first, two.open("rb") as second:
        if first.read(4) == MAGIC or second.read(4) == MAGIC:
            return audio_hash(one) == audio_hash(two)
        payloads = [find_payload(file, os.fstat(file.fileno()).st_size) for file in (first, second)]
        if len({(payload.kind, payload.described) for payload in payloads}) > 1:
            return False
        ranges = [payload.ranges for payload in payloads]
        return len(ranges[0]) == len(ranges[1]) and all(
            _same_range(first, second, *pair) for pair in zip(*ranges, strict=True)
        )


def _same_range(
    first: BinaryIO, second: BinaryIO, one: tuple[int, int], two: tuple[int, int]
) -> bool:
    if one[1] != two[1]:
        return False
    first.seek(one[0])
    second.seek(two[0])
    left = one[1]
    while left > 0:
        block = first.read(min(left, _BLOCK))
        if not block or block != second.read(len(block)):
            return not block
        left -= len(block)
    return True


def _add_ranges(digest: hashlib.blake2b, file: BinaryIO, payload: Payload) -> None:
    for offset, length in payload.ranges:
        digest.update(length.to_bytes(8, "big"))
        file.seek(offset)
        while length > 0 and (block := file.read(min(length, _BLOCK))):
            digest.update(block)
            length -= len(block)


def _add_samples(digest: hashlib.blake2b, file: BinaryIO, payload: Payload) -> None:
    for offset, length in payload.ranges:
        digest.update(length.to_bytes(8, "big"))
        for sample in _samples(file, offset, length):
            digest.update(sample)


def _samples(file: BinaryIO, offset: int, length: int) -> Iterator[bytes]:
    """The beginning, middle and end of a range; all of it where that is not more."""
    if length <= 3 * _SAMPLE:
        file.seek(offset)
        yield file.read(length)
        return
    for place in (0, (length - _SAMPLE) // 2, length - _SAMPLE):
        file.seek(offset + place)
        yield file.read(_SAMPLE)


def _add_pages(digest: hashlib.blake2b, file: BinaryIO, start: int, size: int) -> None:
    """Packets, their lengths and the last position: how they are cut into pages may change."""
    lengths = hashlib.blake2b(digest_size=_DIGEST)
    end, granule = start, b""
    for page in pages(file, start):
        digest.update(page.body)
        lengths.update(page.lacing)
        end += page.size
        granule = page.granule
    digest.update(lengths.digest() + granule)
    file.seek(end)
    digest.update(file.read(max(0, size - end)))  # what is no page any more


def _add_page_samples(digest: hashlib.blake2b, file: BinaryIO, start: int, size: int) -> None:
    digest.update((size - start).to_bytes(8, "big"))
    for sample in _samples(file, start, size - start):
        digest.update(steady_part(sample))
