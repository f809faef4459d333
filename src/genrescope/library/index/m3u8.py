"""Entries of playlists in the format M3U8."""

from __future__ import annotations

import os
import re
from pathlib import Path

PLAYLIST = b"#EXTM3U\n"
"""First line of a playlist."""

LINE_ENDS = re.compile(r"[\r\n]+")
"""What no path of a playlist may have in it."""


def playlist_entry(artist: str, title: str, path: bytes) -> bytes:
    """An information line of a playlist (M3U8), and the path, byte for byte."""
    label = " - ".join(filter(None, (artist, title)))
    information = f"#EXTINF:-1,{LINE_ENDS.sub(' ', label)}\n" if label else ""
    return information.encode() + path + b"\n"


def relative_path(path: Path, folder: str) -> str:
    """A path as seen from a folder, with forward slashes; whole on another drive of Windows."""
    try:
        name = os.path.relpath(path, folder)
    except ValueError:
        name = os.fspath(path)
    return name.replace(os.sep, "/")
