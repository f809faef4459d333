"""What other readers show of a tag that was written: mutagen, and ffmpeg where it is there.

Of DSDIFF files ffmpeg shows no tags, and mutagen does not support Matroska: there one alone is
looked at; so it is where one cannot open the file as it was before.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from genrescope.audio.containers.sniff import after_id3
from genrescope.errors import DataError, GenrescopeError
from genrescope.library.formats.fields import CUSTOM, MOOD, custom_name
from genrescope.library.formats.id3 import COMMENT, USER_TEXT
from genrescope.library.tagging.tagfile import container, reading_problems

Values = tuple[str, ...]
_MP4_KEYS = {"genre": "\xa9gen", "comment": "\xa9cmt"}
_ASF_KEYS = {"genre": "WM/Genre", "comment": "Description", "mood": "WM/Mood"}
_SHOWN = {"mood": ("MOOD", "TMOO", "WM/MOOD")}  # by ffmpeg, which leaves some names as they are
_JOINTS = " ;/,\0"
_MEAN = "----:com.apple.iTunes:"
_PROBE = (
    *("ffprobe", "-v", "error", "-of", "json", "-select_streams", "a"),
    *("-show_entries", "format_tags:stream_tags"),
)


def unread_by(path: Path, wanted: Mapping[str, Values], original: Path | None = None) -> str:
    """The name of a reader that does not show these values of fields in a file; empty: all do.

    Args:
        path: the file.
        wanted: values by field.
        original: the file as it was: a reader that cannot open this is not counted.
    """
    original = original or path
    kind = _kind(path)
    values = {field: list(values) for field, values in wanted.items()}
    found = values if kind == "Matroska or WebM" else _by_mutagen(path, kind, wanted)
    known = found is not None or _by_mutagen(original, kind, wanted) is not None
    if known and found != values:
        return "mutagen"
    if kind == "DSDIFF":
        return ""
    shown = _by_ffmpeg(path)
    if shown is None:
        return "" if _by_ffmpeg(original) is None else "ffmpeg"
    all_shown = all(_is_shown(shown, field, values) for field, values in wanted.items())
    return "" if all_shown else "ffmpeg"


def _kind(path: Path) -> str:
    """The name of the container format; empty where it is unknown."""
    with path.open("rb") as file:
        return container(file)


def _by_mutagen(path: Path, kind: str, fields: Iterable[str]) -> dict[str, list[str]] | None:
    """The values of fields; None where mutagen cannot read the file."""
    try:
        with reading_problems():
            by_id3 = kind == "MP3" or (kind == "AAC" and _begins_with_id3(path))
            tags = _id3(path) if by_id3 else _tags(path)
            return {name: [] if tags is None else _values(tags, name) for name in fields}
    except (GenrescopeError, OSError):
        return None


def _begins_with_id3(path: Path) -> bool:
    with path.open("rb") as file:
        return after_id3(file) > 0


def _id3(path: Path) -> Any:
    """The ID3 tag, whatever sound it stands before: mutagen does not support every kind of that."""
    from mutagen.id3 import ID3, ID3NoHeaderError

    try:
        return ID3(path)
    except ID3NoHeaderError:
        return None


def _tags(path: Path) -> Any:
    import mutagen

    opened = mutagen.File(path)
    if opened is None:
        raise DataError("mutagen does not support it")
    return opened.tags


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


def _by_ffmpeg(path: Path) -> dict[str, list[str]] | None:
    """Tags of the file and its sound, not of pictures, by name in capitals.

    None without ffmpeg, or where it cannot open the file.
    """
    if importlib.util.find_spec("av"):
        layers = _by_pyav(path)
    elif shutil.which("ffprobe"):
        done = subprocess.run(
            [*_PROBE, f"file:{path.absolute()}"], capture_output=True, check=False
        )
        found = json.loads(done.stdout or b"{}")
        parts = [found["format"], *found.get("streams", [])] if "format" in found else []
        layers = [part.get("tags", {}) for part in parts]
    else:
        layers = []
    shown: dict[str, list[str]] = {}
    for name, value in (item for layer in layers for item in layer.items()):
        shown.setdefault(name.upper(), []).append(value)
    return shown if layers else None


def _by_pyav(path: Path) -> list[dict[str, str]]:
    import av

    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            streams = container.streams.audio
            return [container.metadata, *(stream.metadata for stream in streams)]
    except av.FFmpegError:
        return []


def _is_shown(shown: Mapping[str, list[str]], field: str, values: Values) -> bool:
    """Whether some of the values are, and nothing else is: ffmpeg joins several, or keeps one."""
    name = (custom_name(field) if field.startswith(CUSTOM) else field).upper()
    texts = [
        text for key in _SHOWN.get(field, (name,)) for text in shown.get(key, ()) if text.strip()
    ]
    if field == "mood":  # which may stand under several names, each for other readers
        return any(_consists_of(text, values) for text in texts) if values else not texts
    return bool(texts) == bool(values) and all(_consists_of(text, values) for text in texts)


def _consists_of(text: str, values: Values) -> bool:
    """Whether a text is some of the values, joined in some way."""
    rest = text
    for value in sorted(values, key=len, reverse=True):
        rest = rest.replace(value.strip(), "")
    return rest != text and not rest.strip(_JOINTS)
