"""What stands in one field of every file now; for fields that the index does not keep."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from genrescope.engine import Failure
from genrescope.errors import DataError
from genrescope.library.index.database import Index
from genrescope.library.index.reading import read_in_batches
from genrescope.library.tagging.tagfile import read_tags


def present_values(index: Index, field: str, jobs: int | None = None) -> dict[str, tuple[str, ...]]:
    """The values of a field by path, of the files that have any and can be read."""
    paths = [os.fsdecode(path) for (path,) in index.rows("SELECT path FROM files")]
    read = partial(_read_batch, root=index.root, field=field)
    found: dict[str, tuple[str, ...]] = {}
    for _, values in read_in_batches(read, paths, jobs):
        if not isinstance(values, Failure):
            found.update(values)
    return found


def _read_batch(paths: Sequence[str], root: Path, field: str) -> dict[str, tuple[str, ...]]:
    return {path: values for path in paths if (values := _read(root / path, field))}


def _read(path: Path, field: str) -> tuple[str, ...]:
    try:
        return read_tags(path).values(field)
    except (DataError, OSError):
        return ()
