"""M3U and M3U8 playlists: which files they name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from genrescope.errors import AudioError

PLAYLIST_SUFFIXES = frozenset({".m3u", ".m3u8"})
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # two letters or more: C:\ is a drive


def read_playlist(path: Path) -> Iterator[Path | AudioError]:
    """The files that a playlist names, in its order; what cannot be one comes as an error.

    Relative names count from the playlist's folder. A name is taken byte for byte; where no such
    file is there, as Latin-1, which older programs wrote.

    Raises:
        OSError: the playlist cannot be read.
    """
    lines = path.read_bytes().removeprefix(_BYTE_ORDER_MARK).splitlines()
    for number, line in enumerate(lines, start=1):
        entry = line.strip()
        if entry and not entry.startswith(b"#"):
            yield _entry(entry, path, number)


def _entry(entry: bytes, playlist: Path, number: int) -> Path | AudioError:
    name = os.fsdecode(entry)
    if _URL.match(name):
        url = urlsplit(name)
        if url.scheme.lower() != "file":
            return AudioError(
                f"'{name}' is a stream", place=f"{playlist}:{number}", remedy="name local files"
            )
        name = url2pathname(url.path)
    candidates = [name, entry.decode("latin-1"), name.replace("\\", "/")]
    paths = [playlist.parent / candidate for candidate in candidates]
    return next((path for path in paths if os.path.lexists(path)), paths[0])
