"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def writing_whole(path: Path) -> Iterator[Path]:
    """A temporary file to write, which becomes `path` when all of it is on disk; folders are made.

    On an error the temporary file is removed, and what was at `path` stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under its name only when all of it is on disk; folders are made."""
    with writing_whole(path) as temporary:
        temporary.write_bytes(content)
