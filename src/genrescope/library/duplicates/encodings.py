"""How the sounds of a library are encoded, as the heads of their files have it; nothing is decoded.

What was read is kept in the library's index under the audio hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from genrescope.engine import Failure
from genrescope.errors import GenrescopeError
from genrescope.library.index.database import Index
from genrescope.library.index.reading import read_in_batches
from genrescope.library.tagging.tagfile import reading_problems

_TABLE = """
    CREATE TABLE IF NOT EXISTS encodings (
        audio BLOB PRIMARY KEY, format TEXT, lossless INTEGER, kilobits REAL, seconds REAL
    ) WITHOUT ROWID
"""
_LOSSLESS = frozenset(
    ("FLAC", "WAVE", "AIFF", "WavPack", "MonkeysAudio", "TrueAudio", "OggFLAC", "OptimFROG", "DSF")
)  # mutagen's names
_FORMATS = {
    "WAVE": "WAV",
    "MonkeysAudio": "APE",
    "OggVorbis": "Vorbis",
    "OggOpus": "Opus",
    "ASF": "WMA",
    "alac": "ALAC",
    "mp4a.40.2": "AAC",
}


@dataclass(frozen=True)
class Encoding:
    """How a sound is encoded.

    Attributes:
        format: as it is commonly called.
        lossless: whether its decoded samples are those that were encoded.
        kilobits: a second.
        seconds: length; 0 where the head of the file does not have it.
    """

    format: str
    lossless: bool
    kilobits: float
    seconds: float


def read_encodings(
    index: Index, files: Mapping[bytes, str], jobs: int | None = None
) -> dict[bytes, Encoding]:
    """The encodings of sounds by audio hash; files that are gone are left out.

    Args:
        index: of the library.
        files: path by audio hash.
        jobs: worker processes; by default one a core.
    """
    index.database.execute(_TABLE)
    known = {
        audio: Encoding(name, bool(lossless), kilobits, seconds)
        for audio, name, lossless, kilobits, seconds in index.rows("SELECT * FROM encodings")
        if audio in files
    }
    todo = [(audio, index.root / path) for audio, path in files.items() if audio not in known]
    for _, found in read_in_batches(_read_batch, todo, jobs):
        if isinstance(found, Failure):
            continue
        with index.transaction():
            rows = ((audio, *astuple(item)) for audio, item in found.items())
            index.database.executemany(
                "INSERT OR REPLACE INTO encodings VALUES (?, ?, ?, ?, ?)", rows
            )
        known.update(found)
    return known


def _read_batch(batch: Sequence[tuple[bytes, Path]]) -> dict[bytes, Encoding]:
    found = {audio: encoding_of(path) for audio, path in batch}
    return {audio: encoding for audio, encoding in found.items() if encoding is not None}


def encoding_of(path: Path) -> Encoding | None:
    """The encoding that a file's head names, the least where it names none; None without a file."""
    import mutagen

    try:
        with reading_problems():
            size = path.stat().st_size
            opened: Any = mutagen.File(path)
    except FileNotFoundError:
        return None
    except (GenrescopeError, OSError):
        opened = None
    if opened is None:
        return Encoding(path.suffix.lstrip(".").upper(), False, 0.0, 0.0)
    kind, info = type(opened).__name__, opened.info
    codec = str(getattr(info, "codec", "") or getattr(info, "codec_name", ""))
    lossless = kind in _LOSSLESS or codec == "alac" or "Lossless" in codec
    seconds = float(getattr(info, "length", 0.0))
    by_size = size * 8 / max(seconds, 1e-3)
    kilobits = (getattr(info, "bitrate", 0) or by_size) / 1000
    return Encoding(_FORMATS.get(codec) or _FORMATS.get(kind, kind), lossless, kilobits, seconds)
