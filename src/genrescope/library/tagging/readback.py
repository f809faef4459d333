"""What other readers show of a tag that was written: mutagen, and ffmpeg where it is there.

Of DSDIFF files ffmpeg shows no tags, and mutagen does not know Matroska: there one alone is asked.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from genrescope.audio.containers.sniff import HEAD_BYTES, sniff
from genrescope.errors import GenrescopeError
from genrescope.library.formats.fields import CUSTOM, MOOD, custom_name
from genrescope.library.formats.id3 import COMMENT, USER_TEXT
from genrescope.library.tagging.tagfile import reading_problems

Values = tuple[str, ...]
_MP4_KEYS = {"genre": "\xa9gen", "comment": "\xa9cmt"}
_ASF_KEYS = {"genre": "WM/Genre", "comment": "Description", "mood": "WM/Mood"}
_SHOWN = {"mood": ("MOOD", "TMOO", "WM/MOOD")}  # by ffmpeg, which leaves some names as they are
_MEAN = "----:com.apple.iTunes:"
_PROBE = (
    *("ffprobe", "-v", "error", "-of", "json", "-select_streams", "a"),
    *("-show_entries", "format_tags:stream_tags"),
)


def unread_by(path: Path, wanted: Mapping[str, Values]) -> str:
    """The name of a reader that does not show these values of fields in a file; empty: all do."""
    kind = _kind(path)
    values = {field: list(values) for field, values in wanted.items()}
    if kind != "Matroska or WebM" and _by_mutagen(path, wanted) != values:
        return "mutagen"
    shown = None if kind == "DSDIFF" else _by_ffmpeg(path)
    if shown is None:
        return ""
    all_shown = all(_is_shown(shown, field, values) for field, values in wanted.items())
    return "" if all_shown else "ffmpeg"


def _kind(path: Path) -> str:
    """The name of the container format; empty where it is unknown."""
    with path.open("rb") as file:
        found = sniff(file.read(HEAD_BYTES))
    return found.name if found else ""


def _by_mutagen(path: Path, fields: Iterable[str]) -> dict[str, list[str]] | None:
    """The values of fields; None where mutagen cannot read the file."""
    import mutagen

    try:
        with reading_problems():
            opened = mutagen.File(path)
            if opened is None:
                return None
            tags = opened.tags
            return {name: [] if tags is None else _values(tags, name) for name in fields}
    except (GenrescopeError, OSError):
        return None


def _values(tags: Any, field: str) -> list[str]:
    from mutagen.apev2 import APEv2
    from mutagen.asf import ASFTags
    from mutagen.id3 import ID3
    from mutagen.mp4 import MP4Tags

    name = custom_name(field) if field.startswith(CUSTOM) else ""
    if isinstance(tags, ID3):
        return _id3_values(tags, field, name.upper())
    if isinstance(tags, MP4Tags):
        name = custom_name(MOOD) if field == "mood" else name
        named = (key for key in tags if name and key.upper() == (_MEAN + name).upper())
        found = tags.get(next(named, _MP4_KEYS.get(field, "")), [])
        return [str(v, "utf-8", "replace") if isinstance(v, bytes) else v for v in found]
    if isinstance(tags, APEv2):
        return list(tags.get(name or field, ()))
    key = name or (_ASF_KEYS[field] if isinstance(tags, ASFTags) else field)
    found = [str(value) for label, value in tags if label.upper() == key.upper() and str(value)]
    return found if found or key != _ASF_KEYS["mood"] else _values(tags, MOOD)


def _id3_values(tags: Any, field: str, name: str) -> list[str]:
    if field == "genre":
        return [value for frame in tags.getall("TCON") for value in frame.genres]
    if field == "mood":
        frames = tags.getall("TMOO")
        if frames:
            return [value for frame in frames for value in frame.text]
        name = custom_name(MOOD)
    frames = tags.getall(USER_TEXT if name else COMMENT)
    return [value for frame in frames if frame.desc.upper() == name for value in frame.text]


def _by_ffmpeg(path: Path) -> dict[str, str] | None:
    """Tags of the file and its sound, not of pictures, by name in capitals; None without ffmpeg."""
    if importlib.util.find_spec("av"):
        import av

        with av.open(str(path), metadata_errors="ignore") as container:
            layers = [container.metadata, *(stream.metadata for stream in container.streams.audio)]
    elif shutil.which("ffprobe"):
        done = subprocess.run(
            [*_PROBE, f"file:{path.absolute()}"], capture_output=True, check=False
        )
        found = json.loads(done.stdout or b"{}")
        parts = [found.get("format", {}), *found.get("streams", [])]
        layers = [part.get("tags", {}) for part in parts]
    else:
        return None
    return {name.upper(): value for layer in layers for name, value in layer.items()}


def _is_shown(shown: Mapping[str, str], field: str, values: Values) -> bool:
    """Whether one of the values is: ffmpeg joins several, or keeps one."""
    name = (custom_name(field) if field.startswith(CUSTOM) else field).upper()
    texts = [shown[key] for key in _SHOWN.get(field, (name,)) if shown.get(key, "").strip()]
    if not values:
        return not texts
    return any(value.strip() in text for value in values for text in texts)
