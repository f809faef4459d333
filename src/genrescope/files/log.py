"""Append-only files that a killed or failing write leaves readable, but for a torn last line.

The caller opens the file unbuffered, so that what could not be written is not tried again when it
is closed, and keeps other writers away (`genrescope.files.lock`).
"""

from __future__ import annotations

import os
from contextlib import suppress
from io import FileIO


def append(file: FileIO, data: bytes, *, durable: bool = False) -> int:
    """Where `data` begins, which is added to the end of the file whole or not at all.

    Args:
        file: opened unbuffered.
        data: one record, or one line with its newline.
        durable: put it on the disk, not only with the system.

    Raises:
        OSError: it cannot be written; the file is as it was before.
    """
    end = file.seek(0, os.SEEK_END)
    left = memoryview(data)
    try:
        while left:
            left = left[file.write(left) :]
        if durable:
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            file.truncate(end)
        raise
    return end


def cut_torn_line(file: FileIO) -> int:
    """Cut off what follows the last whole line; what is left, in bytes."""
    file.seek(0)
    return file.truncate(file.read().rfind(b"\n") + 1)
