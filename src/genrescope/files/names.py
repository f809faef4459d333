"""Names of files as systems keep them: in bytes or text, and in some case and Unicode form."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path, PurePath


def decoded_name(data: bytes) -> str:
    """The name that bytes mean to this system.

    As `os.fsdecode`, which raises on Windows where bytes are not UTF-8: names are text there, and
    none is like these. What is wrong in them becomes U+FFFD.
    """
    try:
        return os.fsdecode(data)
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def composed(name: str) -> str:
    """The same for every Unicode form of a name."""
    return unicodedata.normalize("NFC", name)


def folded(name: str) -> str:
    """The same for every Unicode form and case of a name."""
    return composed(name).casefold()


def as_listed(folder: Path, path: PurePath) -> PurePath:
    """A path below a folder as the folders on the way list its parts.

    Systems that take no notice of case or Unicode form find a file by any spelling; what keeps
    paths as text has one. Parts that are in no list stay as they are.
    """
    found = PurePath()
    for part in path.parts:
        found /= _listed(folder / found, part)
    return found


def _listed(folder: Path, name: str) -> str:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names only
    except OSError:
        return name
    if name in names:
        return name
    return next((other for other in names if folded(other) == folded(name)), name)
