"""Text that a person or another program wrote: its encoding, rows of CSV, JSON."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from genrescope.errors import DataError
from genrescope.files.compressed import DAMAGES

LONGEST = 1 << 30  # bytes: four times FMA's tracks.csv; no more is read of what has no end
_PIECE = 1 << 20
_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(path: Path) -> str:
    r"""The text of a file, with `\n` at the end of its lines and without a byte order mark.

    It is in UTF-8 or UTF-16, and may be packed by gzip.

    Raises:
        DataError: it cannot be read, or is no text; it names the line where that shows.
    """
    try:
        with path.open("rb") as file:
            content = _unpacked(_bounded(file))
    except (OSError, *DAMAGES) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(
            f"cannot be read: {reason}", place=path, remedy="check the name; is it a text file?"
        ) from error
    if len(content) > LONGEST:
        raise DataError(f"more than {LONGEST:,} bytes", place=path, remedy="is it the right file?")
    return _decoded(content, path).replace("\r\n", "\n").replace("\r", "\n")


def utf8(content: bytes) -> bytes:
    """Text without a byte order mark, UTF-16 as UTF-8."""
    if content.startswith(_UTF_16):
        return content.decode("utf-16", "replace").encode("utf-8", "surrogatepass")
    half = len(content) // 2
    for zeros, encoding in ((content[1::2], "utf-16-le"), (content[::2], "utf-16-be")):
        # No mark, but mostly letters of a western script.
        if half and half / 2 < zeros.count(0) and content.count(0) <= half + 1:
            return content.decode(encoding, "replace").encode("utf-8", "surrogatepass")
    return content.removeprefix(codecs.BOM_UTF8)


def csv_rows(text: str, place: str, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """(the line on which it begins, from 1; its cells) of each row of CSV.

    Raises:
        DataError: a quotation mark is opened and not closed, or a cell has no end.
    """
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True
    )
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"not as CSV is written: {error}",
            place=f"{place}:{line}",
            remedy='put "..." around the whole cell, and write a quotation mark in it twice',
        ) from error


def parse_json(text: str, **options: Any) -> Any:
    """The value of JSON, by `json.loads`.

    Raises:
        ValueError: it is no JSON, or nested deeper than anything useful.
    """
    try:
        return json.loads(text, **options)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _bounded(stream: IO[bytes] | gzip.GzipFile) -> bytes:
    """What a stream holds, as far as one byte beyond `LONGEST`; memory for no more than that."""
    pieces, left = [], LONGEST + 1
    while left and (piece := stream.read(min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        return content
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
        return _bounded(stream)


def _decoded(content: bytes, path: Path) -> str:
    """UTF-8, without the character NUL, which no text has.

    Raises:
        DataError: it is something else; it names the line.
    """
    content = utf8(content)
    try:
        text, wrong = content.decode("utf-8"), content.find(b"\0")
    except UnicodeDecodeError as error:
        text, wrong = "", error.start
    if wrong < 0:
        return text
    line = len(content[:wrong].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    latin = b"\0" not in content
    raise DataError(
        "not UTF-8 text" if latin else "not text",
        place=f"{path}:{line}",
        remedy="it seems to be Latin-1 (Windows-1252): save it as UTF-8"
        if latin
        else "is it the right file?",
    )
