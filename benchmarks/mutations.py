"""Mutated music files that keep much of their structure.

A file is cut into its parts: boxes, blocks, pages, frames, chunks, objects. These are doubled,
dropped, exchanged, made longer, or get wrong bytes; then it is put together, with right lengths and
checksums or, now and then, with wrong ones.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ebmltrees import CRC, MASTERS, SEGMENT, built, checked, grown

_ASF_NAMES = 16
_OGG_HEAD = 27


@dataclass
class Part:
    """A part of a file: what stands before its content, the content, and how to join the two."""

    head: bytes
    body: bytes
    join: Callable[[bytes, bytes], bytes]

    def render(self, *, right: bool) -> bytes:
        """The part's bytes; with a right length and checksum or with those it had."""
        return self.join(self.head, self.body) if right else self.head + self.body


def mutated(data: bytes, suffix: str, rng: np.random.Generator) -> bytes:
    """A mutation of a file of this suffix."""
    before, parts, after = _CUTTERS[suffix](data)
    for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
        _change(parts, rng)
    right = rng.random() < 0.8
    out = before + b"".join(part.render(right=right) for part in parts) + after
    if suffix in _WHOLE and rng.random() < 0.9:
        out = _WHOLE[suffix](out)
    if rng.random() < 0.15:
        out = _with_foreign_tags(out, rng)
    return _flipped(out, rng) if rng.random() < 0.1 else out


def _change(parts: list[Part], rng: np.random.Generator) -> None:
    """One change to the list of parts."""
    if not parts:
        return
    one, two = (int(n) for n in rng.integers(0, len(parts), 2))
    part, kind = parts[one], int(rng.integers(0, 8))
    if kind == 0:
        parts.insert(two, part)
    elif kind == 1:
        del parts[one]
    elif kind == 2:
        parts[one], parts[two] = parts[two], part
    elif kind == 3:
        parts[one] = Part(part.head, part.body + rng.bytes(int(rng.integers(1, 2000))), part.join)
    elif kind == 4:
        parts[one] = Part(part.head, _flipped(part.body, rng), part.join)
    elif kind == 5:
        parts[one] = Part(_flipped(part.head, rng), part.body, part.join)
    elif kind == 6:
        parts[one] = Part(
            part.head, part.body[: int(rng.integers(0, len(part.body) + 1))], part.join
        )
    else:
        parts[one] = Part(part.head, _inner(part.body, rng), part.join)


def _flipped(data: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes replaced by others, rather at the beginning, where lengths and kinds stand."""
    if not data:
        return data
    new = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        most = len(new) if rng.random() < 0.3 else min(len(new), 64)
        new[int(rng.integers(0, most))] = int(
            rng.choice([0, 1, 2, 127, 128, 254, 255, rng.integers(256)])
        )
    return bytes(new)


def _inner(data: bytes, rng: np.random.Generator) -> bytes:
    """A stretch of a part doubled, dropped, or turned to other text."""
    if len(data) < 8:
        return data
    start = int(rng.integers(0, len(data) - 4))
    stop = min(len(data), start + int(rng.integers(1, 64)))
    middle = (data[start:stop] * 2, b"", b"\xff\xfe" + data[start:stop], b"\0" * 4)[rng.integers(4)]
    return data[:start] + middle + data[stop:]


def _with_foreign_tags(data: bytes, rng: np.random.Generator) -> bytes:
    """Tags of another kind before or after the file."""
    frame = b"TCON" + struct.pack(">I", 5) + b"\0\0\0Funk"
    footer = rng.random() < 0.3
    tag = b"ID3\4\0" + (b"\x10" if footer else b"\0") + bytes([0, 0, 0, len(frame)]) + frame
    tag += b"3DI" + tag[3:10] if footer else b""
    old = b"TAG" + b"Title".ljust(30, b"\0") + bytes(94) + bytes([17])
    item = struct.pack("<II", 4, 0) + b"Genre\0Soul"
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, len(item) + 32, 1, 0) + bytes(8)
    kind = int(rng.integers(0, 5))
    if kind < 2:
        return tag * (kind + 1) + data
    return data + (old, item + ape, item + ape + old)[kind - 2]


def _boxes(data: bytes) -> tuple[bytes, list[Part], bytes]:
    """MP4: top-level boxes, and what is within moov and its parents one by one."""
    parts, place = [], 0
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 4])
        if length < 8 or place + length > len(data):
            break
        parts.append(Part(data[place : place + 8], data[place + 8 : place + length], _box))
        place += length
    return b"", parts, data[place:]


def _box(head: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4) + head[4:] + body


def mutated_box(data: bytes, rng: np.random.Generator, depth: int = 0) -> bytes:
    """MP4: a change somewhere in the tree; the lengths of the boxes around it are right."""
    _, parts, rest = _boxes(data)
    inner = [n for n, part in enumerate(parts) if part.head[4:] in _PARENTS]
    if inner and rng.random() < 0.85:
        part = parts[number := int(rng.choice(inner))]
        skip = 4 if part.head[4:] == b"meta" else 0
        body = part.body[:skip] + mutated_box(part.body[skip:], rng, depth + 1)
        parts[number] = Part(part.head, body, _box)
    else:
        _change(parts, rng)
    return b"".join(part.render(right=True) for part in parts) + rest


_PARENTS = (
    b"moov",
    b"udta",
    b"meta",
    b"ilst",
    b"trak",
    b"mdia",
    b"minf",
    b"stbl",
    b"moof",
    b"traf",
)


def _blocks(data: bytes) -> tuple[bytes, list[Part], bytes]:
    """FLAC: metadata blocks."""
    parts, place, last = [], 4, False
    while not last and place + 4 <= len(data):
        length = int.from_bytes(data[place + 1 : place + 4])
        last = bool(data[place] & 0x80)
        parts.append(Part(data[place : place + 4], data[place + 4 : place + 4 + length], _block))
        place += 4 + length
    return data[:4], parts, data[place:]


def _block(head: bytes, body: bytes) -> bytes:
    return head[:1] + (len(body) & 0xFFFFFF).to_bytes(3) + body


def _flac_whole(data: bytes) -> bytes:
    """Mark the last block, and no other, as the last."""
    new, place = bytearray(data), 4
    while place + 4 <= len(new) and new[place : place + 2] not in (b"\xff\xf8", b"\xff\xf9"):
        following = place + 4 + int.from_bytes(new[place + 1 : place + 4])
        ends = new[following : following + 2] in (b"\xff\xf8", b"\xff\xf9")
        new[place] = new[place] & 0x7F | (0x80 if ends else 0)
        place = following
    return bytes(new)


def _pages(data: bytes) -> tuple[bytes, list[Part], bytes]:
    """Ogg: pages."""
    parts, place = [], 0
    while data[place : place + 4] == b"OggS" and place + _OGG_HEAD <= len(data):
        count = data[place + 26]
        start = place + _OGG_HEAD + count
        end = start + sum(data[place + _OGG_HEAD : start])
        parts.append(Part(data[place:start], data[start:end], _page))
        place = end
    return b"", parts, data[place:]


def _page(head: bytes, body: bytes) -> bytes:
    full, rest = divmod(min(len(body), 254 * 255), 255)
    lacing = head[_OGG_HEAD:]
    if sum(lacing) != len(body):
        lacing = b"\xff" * full + bytes([rest])
    new = bytearray(head[:22] + b"\0\0\0\0" + bytes([len(lacing)]) + lacing + body[: sum(lacing)])
    new[22:26] = struct.pack("<I", _ogg_crc(bytes(new)))
    return bytes(new)


def _ogg_table() -> list[int]:
    table = []
    for number in range(256):
        value = number << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
        table.append(value)
    return table


_OGG_TABLE = _ogg_table()


def _ogg_crc(data: bytes) -> int:
    value = 0
    for byte in data:
        value = (value << 8 ^ _OGG_TABLE[(value >> 24) ^ byte]) & 0xFFFFFFFF
    return value


def _frames(data: bytes) -> tuple[bytes, list[Part], bytes]:
    """MP3: frames of the ID3v2 tag, where there is one."""
    if not data.startswith(b"ID3"):
        half = len(data) // 2
        return b"", [Part(b"", data[:half], _plain)], data[half:]
    size = sum(byte << 7 * (3 - n) for n, byte in enumerate(data[6:10]))
    parts, place = [], 10
    base = 7 if data[3] == 4 else 8
    while place + 10 <= 10 + size and data[place]:
        length = sum(byte << base * (3 - n) for n, byte in enumerate(data[place + 4 : place + 8]))
        parts.append(
            Part(data[place : place + 10], data[place + 10 : place + 10 + length], _frame(base))
        )
        place += 10 + length
    return data[:10], parts, data[place:]


def _frame(base: int) -> Callable[[bytes, bytes], bytes]:
    def join(head: bytes, body: bytes) -> bytes:
        length = bytes(len(body) >> base * n & (1 << base) - 1 for n in (3, 2, 1, 0))
        return head[:4] + length + head[8:] + body

    return join


def _id3_whole(data: bytes) -> bytes:
    """A length of the tag that ends where the sound begins."""
    sync = next(
        (
            n
            for n in range(10, len(data) - 1)
            if data[n] == 0xFF and data[n + 1] & 0xF6 in (0xF2, 0xF6)
        ),
        0,
    )
    if not data.startswith(b"ID3") or not sync:
        return data
    size = bytes(sync - 10 >> 7 * n & 0x7F for n in (3, 2, 1, 0))
    return data[:6] + size + data[10:]


def _plain(head: bytes, body: bytes) -> bytes:
    return head + body


def _chunks(number: str) -> Callable[[bytes], tuple[bytes, list[Part], bytes]]:
    size = 4 + struct.calcsize(number)

    def cut(data: bytes) -> tuple[bytes, list[Part], bytes]:
        parts, place = [], size + 4
        while place + size <= len(data):
            length = struct.unpack_from(number, data, place + 4)[0]
            end = place + size + length
            parts.append(Part(data[place : place + size], data[place + size : end], join))
            place = end + length % 2
        return data[: size + 4], parts, data[place:]

    def join(head: bytes, body: bytes) -> bytes:
        return head[:4] + struct.pack(number, len(body)) + body + b"\0" * (len(body) % 2)

    return cut


def _riff_whole(number: str) -> Callable[[bytes], bytes]:
    size = 4 + struct.calcsize(number)
    return lambda data: data[:4] + struct.pack(number, max(0, len(data) - size)) + data[size:]


def _items(data: bytes) -> tuple[bytes, list[Part], bytes]:
    """WavPack and others: items of the APEv2 tag at the end, where there is one."""
    end = len(data) - 32
    if data[end : end + 8] != b"APETAGEX":
        half = len(data) // 2
        return b"", [Part(b"", data[:half], _plain)], data[half:]
    start = place = end + 32 - struct.unpack_from("<I", data, end + 12)[0]
    parts = []
    while place + 8 < end:
        value = data.index(b"\0", place + 8) + 1
        following = value + struct.unpack_from("<I", data, place)[0]
        parts.append(Part(data[place:value], data[value:following], _item))
        place = following
    return data[:start], parts, data[end:]


def _item(head: bytes, body: bytes) -> bytes:
    return struct.pack("<I", len(body)) + head[4:] + body


def _ape_whole(data: bytes) -> bytes:
    """The tag's length and number of items, in its header and its footer."""
    start, end = data.find(b"APETAGEX"), data.rfind(b"APETAGEX")
    if start < 0 or start == end:
        return data
    count, place = 0, start + 32
    while place + 8 < end and (value := data.find(b"\0", place + 8, end)) >= 0:
        count, place = count + 1, value + 1 + struct.unpack_from("<I", data, place)[0]
    numbers = struct.pack("<II", end - start, count)
    head = data[start : start + 12] + numbers + data[start + 20 : end]
    return data[:start] + head + data[end : end + 12] + numbers + data[end + 20 :]


def _dsf_frames(data: bytes) -> tuple[bytes, list[Part], bytes]:
    """DSF: frames of the ID3v2 tag at the end, where there is one."""
    place = int.from_bytes(data[20:28], "little")
    before, parts, after = _frames(data[place:])
    return data[:place] + before, parts, after


def _dsf_whole(data: bytes) -> bytes:
    """The length of the file, and of the tag at its end."""
    data = data[:12] + struct.pack("<Q", len(data)) + data[20:]
    place = int.from_bytes(data[20:28], "little")
    if data[place : place + 3] != b"ID3":
        return data
    size = bytes(len(data) - place - 10 >> 7 * n & 0x7F for n in (3, 2, 1, 0))
    return data[: place + 6] + size + data[place + 10 :]


def _objects(data: bytes) -> tuple[bytes, list[Part], bytes]:
    """ASF: objects of the header."""
    end = int.from_bytes(data[16:24], "little")
    parts, place = [], 30
    while place + 24 <= end:
        length = int.from_bytes(data[place + 16 : place + 24], "little")
        parts.append(Part(data[place : place + 24], data[place + 24 : place + length], _object))
        place += max(length, 24)
    return data[:30], parts, data[end:]


def _object(head: bytes, body: bytes) -> bytes:
    return head[:_ASF_NAMES] + struct.pack("<Q", 24 + len(body)) + body


_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")


def _asf_whole(data: bytes) -> bytes:
    """The header's length and number of objects."""
    end = data.find(_ASF_DATA)
    count, place = 0, 30
    while 30 <= place < end:
        count += 1
        place += max(24, int.from_bytes(data[place + 16 : place + 24], "little"))
    return data if end < 0 else data[:16] + struct.pack("<QI", end, count) + data[28:]


def _trees(data: bytes) -> tuple[bytes, list[Part], bytes]:
    """Matroska: the elements of the Segment, or, where the length of one is wrong, no parts."""
    try:
        segment = next(branch for branch in grown(data) if branch.id == SEGMENT)
    except (ValueError, StopIteration):
        return data, [], b""
    starts = [branch.start for branch in segment.inner]
    parts = [
        Part(data[branch.start : branch.body], data[branch.body : end], _element)
        for branch, end in zip(segment.inner, [*starts[1:], len(data)], strict=False)
    ]
    return data[: segment.body], parts, b""


def _element(head: bytes, body: bytes) -> bytes:
    width = 9 - head[0].bit_length() if head and head[0] else len(head) + 1
    if width > len(head) or head[width:] in (b"\xff", b"\x01" + _OPEN):  # an unknown length stays
        return head + body
    return built(int.from_bytes(head[:width]), body)


def mutated_tree(data: bytes, rng: np.random.Generator) -> bytes:
    """Matroska: a change of an element, or within one that has no sound; all lengths are right."""
    before, parts, _ = _trees(data)
    number = int(rng.integers(0, len(parts))) if parts else 0
    if parts and int.from_bytes(parts[number].head[:4]) in MASTERS and rng.random() < 0.7:
        inner = mutated_inner(parts[number].body, rng)
        parts[number] = Part(parts[number].head, inner, _element)
    else:
        _change(parts, rng)
    return _tree_whole(before + b"".join(part.render(right=True) for part in parts))


def mutated_inner(data: bytes, rng: np.random.Generator) -> bytes:
    """A change of an element somewhere within another one; a checksum before them is right."""
    try:
        branches = grown(data)
    except ValueError:
        return _flipped(data, rng)
    ends = [*(branch.start for branch in branches[1:]), len(data)]
    pairs = [(b, end) for b, end in zip(branches, ends, strict=False) if b.id != CRC]
    parts = [Part(data[b.start : b.body], data[b.body : end], _element) for b, end in pairs]
    deeper = [number for number, (branch, _) in enumerate(pairs) if branch.id in MASTERS]
    if deeper and rng.random() < 0.7:
        part = parts[number := int(rng.choice(deeper))]
        parts[number] = Part(part.head, mutated_inner(part.body, rng), _element)
    else:
        _change(parts, rng)
    inner = b"".join(part.render(right=True) for part in parts)
    return checked(inner) if branches and branches[0].id == CRC else inner


def _tree_whole(data: bytes) -> bytes:
    """The length of the Segment, where it has one of eight bytes that is not unknown."""
    place = data.find(SEGMENT.to_bytes(4))
    if place < 0 or data[place + 4 : place + 5] != b"\x01" or data[place + 5 : place + 12] == _OPEN:
        return data
    return data[: place + 5] + (len(data) - place - 12).to_bytes(7) + data[place + 12 :]


_OPEN = b"\xff" * 7


_CUTTERS: dict[str, Callable[[bytes], tuple[bytes, list[Part], bytes]]] = {
    **{".m4a": _boxes, ".flac": _blocks, ".ogg": _pages, ".opus": _pages, ".mp3": _frames},
    **{".wav": _chunks("<I"), ".aiff": _chunks(">I"), ".dff": _chunks(">Q"), ".wma": _objects},
    **{".wv": _items, ".ape": _items, ".mpc": _items, ".dsf": _dsf_frames},
    **dict.fromkeys((".mka", ".mkv", ".webm"), _trees),
}
_WHOLE: dict[str, Callable[[bytes], bytes]] = {
    **{".flac": _flac_whole, ".mp3": _id3_whole, ".wma": _asf_whole},
    **{".wav": _riff_whole("<I"), ".aiff": _riff_whole(">I"), ".dff": _riff_whole(">Q")},
    **{".wv": _ape_whole, ".ape": _ape_whole, ".mpc": _ape_whole, ".dsf": _dsf_whole},
    **dict.fromkeys((".mka", ".mkv", ".webm"), _tree_whole),
}
SUFFIXES = tuple(_CUTTERS)


def mutate(data: bytes, suffix: str, rng: np.random.Generator) -> bytes:
    """A mutation of a file: of MP4 and Matroska mostly deep in the tree."""
    if suffix in (".mka", ".mkv", ".webm") and rng.random() < 0.7:
        for _ in range(int(rng.choice([1, 1, 2, 3]))):
            data = mutated_tree(data, rng)
        return data
    if suffix == ".m4a" and rng.random() < 0.7:
        for _ in range(int(rng.choice([1, 1, 2, 3]))):
            data = mutated_box(data, rng)
        return _with_foreign_tags(data, rng) if rng.random() < 0.05 else data
    return mutated(data, suffix, rng)
