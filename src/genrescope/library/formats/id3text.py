"""Text of ID3 frames: encodings, several values in one, and genres that are numbers."""

from __future__ import annotations

import re

from genrescope.taxonomy.normalise import id3v1_names

CODECS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
"""By the number that a frame gives its encoding."""

_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_NUMBERED = re.compile(r"\((\d{1,3}|RX|CR)\)")
_SPECIAL = {"RX": "Remix", "CR": "Cover"}


def strings(data: bytes) -> list[str]:
    """Encoding byte and text, divided by NUL; a NUL at the end divides nothing."""
    if not data or data[0] >= len(CODECS):
        return []
    codec, text = CODECS[data[0]], data[1:]
    if codec.startswith("utf-16"):
        return _wide_strings(text, "utf-16-be" if codec == "utf-16-be" else "utf-16-le")
    return _parts(text.decode(codec, "replace"))


def _wide_strings(data: bytes, codec: str) -> list[str]:
    """UTF-16: a byte order mark counts for its own string and those after it.

    Written by programs of all kinds: without a mark, with one where none belongs, with two, with a
    last byte missing.
    """
    units = [data[place : place + 2] for place in range(0, len(data), 2)]
    if units and len(units[-1]) == 1:
        units[-1] = units[-1] + b"\0" if units[-1] != b"\0" else b"\0\0"
    found: list[bytes] = [b""]
    codecs = [codec]
    for unit in units:
        if unit == b"\0\0":
            found.append(b"")
            codecs.append(codecs[-1])
        elif unit in _MARKS and not found[-1]:
            codecs[-1] = _MARKS[unit]
        else:
            found[-1] += unit
    texts = [text.decode(name, "replace") for text, name in zip(found, codecs, strict=True)]
    return texts[:-1] if len(texts) > 1 and not texts[-1] else texts


def _parts(text: str) -> list[str]:
    return [part.lstrip("\ufeff") for part in text.removesuffix("\0").split("\0")]


def genres(values: list[str]) -> list[str]:
    """Names, for numbers too: `17`, `(17)`, `(17)(18)Blend`, `((In brackets)`.

    A number that the list has not, such as `(255)`, is kept as it is written: it is there.
    """
    names: list[str] = []
    for value in values:
        text = value.strip()
        if text in _SPECIAL or text.isdecimal():
            names.append(_named(text) or text)
            continue
        while (match := _NUMBERED.match(text)) and (name := _named(match[1])):
            names.append(name)
            text = text[match.end() :].lstrip()
        if text and text not in names:  # `(17)Rock` has the same twice
            names.append(text[1:] if text.startswith("((") else text)
    return names


def _named(number: str) -> str | None:
    names = id3v1_names()
    if number in _SPECIAL:
        return _SPECIAL[number]
    return names[int(number)] if int(number) < len(names) else None
