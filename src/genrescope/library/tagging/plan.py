r"""The plan: which tags are to become what, in a file that a person can read and edit.

CSV in UTF-8 with a header. Rows may be deleted and reordered, the new values changed. Several
values of a field are separated by `; ` (a semicolon within a value is written `\;`). A path is
relative to the library's folder, with forward slashes; bytes of a name that are not UTF-8 are
written `%XX`, and so is a percent sign before two hexadecimal digits (`%25`).
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TextIO

from genrescope.errors import DataError
from genrescope.files.atomic import write_atomic
from genrescope.files.names import decoded_name

COLUMNS = ("path", "field", "old", "new", "action", "confidence", "why", "audio")
_OPTIONAL = ("audio",)  # plans made by hand, and earlier ones, have none
REPLACE, APPEND, SKIP = ACTIONS = ("replace", "append", "skip")
FIELDS = re.compile(r"genre|mood|comment|custom:.+")
"""The fields that can be planned."""

_JOINED = ("/", "; ")  # how several values are one, where a format has room for one
_SOUND = re.compile(r"(?:[0-9a-f]{32})?")
_DELIMITER = re.compile(r'"?sep=(.)"?\s*$')
_AMBIGUOUS = re.compile(rb"%(?=[0-9A-Fa-f]{2})")
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_SEPARATOR = re.compile(r"(?<!\\)((?:\\\\)*);")


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What becomes of one field of one file.

    Attributes:
        path: relative to the library's folder, with forward slashes; bytes of a name that are not
            UTF-8 as surrogates, as in `os.fsdecode`.
        field: "genre", "mood", "comment" or "custom:NAME".
        old: the values there when the plan was made.
        new: the values to be there (replace), to be added to those there (append), or that would
            be (skip).
        action: "replace", "append" or "skip".
        confidence: of the first new value, 0 to 1; None where a person decided.
        why: for people.
        audio: quick hash of the sound that the plan is of, see
            `genrescope.library.sound.audiohash`, in hexadecimal digits; empty: whatever is there.
    """

    path: str
    field: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    action: str
    confidence: float | None = None
    why: str = ""
    audio: str = ""


def write_plan(path: Path, rows: Iterable[PlanRow]) -> None:
    """Write a plan, complete or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(row) for row in rows)
    write_atomic(path, text.getvalue().encode())


def read_plan(path: Path) -> list[PlanRow]:
    """Read a plan, perhaps edited in a spreadsheet program (which may separate by `;` or tab).

    Raises:
        DataError: it is not a plan; names the line and what is wrong there.
        OSError: the file cannot be read.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            return list(_rows(file, path))
        except UnicodeDecodeError as error:
            raise DataError(
                f"is not UTF-8: {error.reason}", place=path, remedy="save it as CSV in UTF-8"
            ) from None


def join_values(values: Iterable[str]) -> str:
    """Values of a field as one cell: separated by `; `, each without blanks around it."""
    return "; ".join(value.strip().replace("\\", "\\\\").replace(";", "\\;") for value in values)


def split_values(cell: str) -> tuple[str, ...]:
    """The values of a cell, empty ones left out; undoes `join_values`."""
    if ";" not in cell and "\\" not in cell:  # nearly all cells
        return (cell.strip(),) if cell.strip() else ()
    parts = _SEPARATOR.sub("\\1\0", cell).split("\0")
    values = (re.sub(r"\\([\\;])", r"\1", part).strip() for part in parts)
    return tuple(value for value in values if value)


def same_values(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Whether values are the same, also where a format has room for one and they are joined."""
    return any(sign.join(one) == sign.join(two) for sign in _JOINED)


def path_to_text(path: str) -> str:
    """A path as valid Unicode, without loss; see this module's description."""
    if path.isascii() and "%" not in path:  # nearly all
        return path
    data = _AMBIGUOUS.sub(b"%25", os.fsencode(path))
    return "".join(
        f"%{ord(char) - 0xDC00:02X}" if "\udc80" <= char <= "\udcff" else char
        for char in data.decode("utf-8", "surrogateescape")
    )


def text_to_path(text: str) -> str:
    """Undo `path_to_text`."""
    data = _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), text.encode())
    return decoded_name(data)


def _cells(row: PlanRow) -> tuple[str, ...]:
    confidence = "" if row.confidence is None else f"{row.confidence:.4f}"
    values = join_values(row.old), join_values(row.new)
    return (path_to_text(row.path), row.field, *values, row.action, confidence, row.why, row.audio)


def _rows(file: TextIO, path: Path) -> Iterator[PlanRow]:
    header, first = file.readline(), 2
    if named := _DELIMITER.match(header):  # a spreadsheet's own line
        header, first = file.readline(), 3
    delimiter = named[1] if named else next((char for char in ";\t" if char in header), ",")
    names = next(csv.reader([header], delimiter=delimiter), [])
    if missing := [name for name in COLUMNS if name not in (*names, *_OPTIONAL)]:
        raise DataError(
            f"has no column {missing[0]}",
            place=f"{path}:1",
            remedy=f"keep the first line: {','.join(COLUMNS)}",
        )
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    seen = set()
    try:
        for values in reader:
            if not any(value.strip() for value in values):  # emptied in a spreadsheet
                continue
            line = reader.line_num + first - 1
            cells = dict.fromkeys((*COLUMNS, *names), "")
            cells |= dict(zip(names, values, strict=False))
            row = _row(cells, path, line)
            if (row.path, row.field) in seen:
                raise _wrong(path, line, f"{cells['path']} has a second line for {row.field}")
            seen.add((row.path, row.field))
            yield row
    except csv.Error as error:
        raise _wrong(path, reader.line_num + first - 1, str(error)) from None


def _row(cells: dict[str, str], path: Path, line: int) -> PlanRow:
    name = text_to_path(cells["path"])
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\0" in name or Path(name).drive:
        raise _wrong(path, line, f"'{cells['path']}' is no path below the library's folder")
    field, action = cells["field"], cells["action"]
    if not FIELDS.fullmatch(field):
        raise _wrong(path, line, f"'{field}' is not genre, mood, comment or custom:NAME")
    if action not in ACTIONS:
        raise _wrong(path, line, f"'{action}' is not replace, append or skip")
    if "\0" in cells["new"]:
        raise _wrong(path, line, f"'{cells['new']}' holds a character that no tag can")
    old, new = split_values(cells["old"]), split_values(cells["new"])
    confidence, sound = _confidence(cells, path, line), cells["audio"].strip().lower()
    if not _SOUND.fullmatch(sound):
        raise _wrong(path, line, f"'{cells['audio']}' is no hash of a sound")
    return PlanRow(name, field, old, new, action, confidence, cells["why"], sound)


def _confidence(cells: dict[str, str], path: Path, line: int) -> float | None:
    try:
        return float(cells["confidence"].replace(",", ".")) if cells["confidence"] else None
    except ValueError:
        raise _wrong(path, line, f"'{cells['confidence']}' is no confidence, 0 to 1") from None


def _wrong(path: Path, line: int, message: str) -> DataError:
    return DataError(message, place=f"{path}:{line}", remedy="correct the line or delete it")
