"""How other programs name a file of a library: by an id that reveals nothing, never by a path."""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64encode
from pathlib import Path


def inside(root: Path, path: str) -> Path | None:
    """A file below `root`, links followed; None where it is not there, or elsewhere."""
    if "\0" in path:
        return None
    try:
        real = Path(os.path.realpath(root / path, strict=True))
    except OSError:
        return None
    return real if real.is_relative_to(os.path.realpath(root)) and real.is_file() else None


def song_id(raw: bytes) -> str:
    """The id of the file at a path, as the index has it: it does not reveal the path."""
    return urlsafe_b64encode(hashlib.blake2b(raw, digest_size=9).digest()).decode()
