"""What programs other than genrescope show as the genre of a file."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import av
import mutagen

_PROBE = ("ffprobe", "-v", "error", "-of", "json", "-show_entries", "format_tags:stream_tags")
_NAMES = ("genre", "tcon", "gnre", "\xa9gen")


def genres_shown(path: Path) -> dict[str, list[str]]:
    """The texts that each reader here, if it can open the file, shows under a name like "genre"."""
    readers = {"mutagen": _by_mutagen, "PyAV": _by_pyav}
    programs = {"ffprobe": _by_ffprobe, "exiftool": _by_exiftool}
    readers |= {name: read for name, read in programs.items() if shutil.which(name)}
    shown = {name: read(path) for name, read in readers.items()}
    return {
        name: [text for text in texts if text] for name, texts in shown.items() if texts is not None
    }


def _by_mutagen(path: Path) -> list[str] | None:
    try:
        opened = mutagen.File(path)
    except mutagen.MutagenError:
        return None
    tags = (opened.tags if opened else None) or []
    pairs = tags.items() if hasattr(tags, "items") else tags
    return [str(value) for name, value in pairs if any(part in name.lower() for part in _NAMES)]


def _by_pyav(path: Path) -> list[str] | None:
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            layers = [container.metadata, *(stream.metadata for stream in container.streams.audio)]
    except av.FFmpegError:
        return None
    return [value for layer in layers for name, value in layer.items() if "genre" in name.lower()]


def _by_ffprobe(path: Path) -> list[str] | None:
    done = subprocess.run([*_PROBE, f"file:{path}"], capture_output=True, check=False)
    found = json.loads(done.stdout or b"{}")
    if "format" not in found:
        return None
    layers = [part.get("tags", {}) for part in (found["format"], *found.get("streams", ()))]
    return [value for layer in layers for name, value in layer.items() if "genre" in name.lower()]


def _by_exiftool(path: Path) -> list[str]:
    done = subprocess.run(["exiftool", "-j", "-a", "-G4:1", str(path)], capture_output=True)
    [found] = json.loads(done.stdout.decode("latin-1"))
    return [str(value) for name, value in found.items() if "Genre" in name and value != "None"]
