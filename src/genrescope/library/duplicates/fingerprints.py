"""Fingerprints of the sounds of a library, kept in its index.

A sound is decoded once, however often duplicates are looked for: its fingerprint stays under its
audio hash, also when a search is stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing

import numpy as np

from genrescope.engine import Failure, map_files
from genrescope.library.index.database import Index
from genrescope.similarity.fingerprint import Bits, fingerprint_of

_TABLE = """
    CREATE TABLE IF NOT EXISTS fingerprints (audio BLOB PRIMARY KEY, bits BLOB) WITHOUT ROWID
"""


def read_fingerprints(
    index: Index,
    files: Mapping[bytes, str],
    *,
    jobs: int | None = None,
    progress: Callable[[int, int, int], None] = lambda *_: None,
) -> list[tuple[str, str]]:
    """Decode the sounds whose fingerprint is not known, and keep it.

    Args:
        index: of the library.
        files: path by audio hash.
        jobs: worker processes; by default one a core.
        progress: called with the sounds read, failed, and to read.

    Returns:
        (path, why) of what could not be decoded.
    """
    index.database.execute(_TABLE)
    known = {audio for (audio,) in index.rows("SELECT audio FROM fingerprints")}
    todo = {index.root / path: audio for audio, path in files.items() if audio not in known}
    failed: list[tuple[str, str]] = []
    progress(0, 0, len(todo))
    with closing(map_files(fingerprint_of, todo, jobs=jobs)) as outcomes:
        for done, (path, bits) in enumerate(outcomes, 1):
            if isinstance(bits, Failure):
                failed.append((files[todo[path]], bits.reason))
            else:
                values = todo[path], bits.astype("<u4").tobytes()
                index.database.execute("INSERT OR REPLACE INTO fingerprints VALUES (?, ?)", values)
            progress(done, len(failed), len(todo))
    return sorted(failed)


def kept_fingerprint(index: Index, audio: bytes) -> Bits | None:
    """The fingerprint of a sound; None where it could not be decoded."""
    blob = index.value("SELECT bits FROM fingerprints WHERE audio = ?", audio)
    return None if blob is None else np.frombuffer(blob, "<u4").astype(np.uint32)
