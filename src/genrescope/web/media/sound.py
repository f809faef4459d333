"""A song for the page: its outline, and its sound where a browser cannot play the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.containers.sniff import HEAD_BYTES, id3_length, sniff
from genrescope.audio.decode import open_source
from genrescope.audio.source import Source
from genrescope.errors import AudioError

_STRETCH = 256  # frames that the outline holds while it is made
_PLAYED = {
    "WAV": "audio/wav",
    "FLAC": "audio/flac",
    "MP3": "audio/mpeg",
    "Ogg": "audio/ogg",
    "AAC": "audio/aac",
    "MP4 or M4A": "audio/mp4",
    "Matroska or WebM": "audio/webm",
}
"""Formats that most browsers play, and how they are called there."""


def played_as(path: Path) -> str | None:
    """The media type of a file, by its content; None where browsers do not play it.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if tag := id3_length(head):
            file.seek(tag)
            head = file.read(HEAD_BYTES)
    kind = sniff(head)
    return _PLAYED.get(kind.name) if kind else None


def outline(path: Path, points: int, longest: float) -> dict[str, Any]:
    """Lowest and highest sample of `points` stretches of equal length (fewer in a short song).

    Raises:
        AudioError: it cannot be read, or is longer than `longest` seconds.
    """
    source = open_source(path)
    low, high, frames = _extremes(_bounded(source, path, longest))
    if not frames:
        raise AudioError(
            "no sound can be decoded", place=path, remedy="it is damaged: copy or download it again"
        )
    edges = np.linspace(0, len(low), min(points, len(low)), endpoint=False).astype(np.int64)
    return {
        "duration": round(frames / source.rate, 3),
        "low": np.minimum.reduceat(low, edges).clip(-1, 1).round(3).tolist(),
        "high": np.maximum.reduceat(high, edges).clip(-1, 1).round(3).tolist(),
    }


def write_wav(path: Path, target: Path, longest: float) -> None:
    """Write a song as WAV of 16 bits, mono or stereo.

    Raises:
        AudioError: it cannot be read, or is longer than `longest` seconds.
    """
    import soundfile

    source = open_source(path)
    channels = min(source.channels, 2)
    with soundfile.SoundFile(
        target, "w", source.rate, channels, subtype="PCM_16", format="WAV"
    ) as file:
        for block in _bounded(source, path, longest):
            file.write(np.nan_to_num(block[:, :channels]).clip(-1, 1))


def _extremes(
    blocks: Iterator[NDArray[np.float32]],
) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
    """Lowest and highest sample of each short stretch, and the frames of all."""
    lows, highs, frames = [], [], 0
    rest = np.empty(0, np.float32)
    for block in blocks:
        frames += len(block)
        mono = np.concatenate([rest, np.nan_to_num(block.mean(axis=1))])
        whole = len(mono) // _STRETCH * _STRETCH
        parts, rest = mono[:whole].reshape(-1, _STRETCH), mono[whole:].copy()
        lows.append(parts.min(axis=1))
        highs.append(parts.max(axis=1))
    if len(rest):
        lows.append(rest.min(keepdims=True))
        highs.append(rest.max(keepdims=True))
    empty = np.empty(0, np.float32)
    return np.concatenate([empty, *lows]), np.concatenate([empty, *highs]), frames


def _bounded(source: Source, path: Path, longest: float) -> Iterator[NDArray[np.float32]]:
    """The blocks of a song that is not too long, whatever its header states."""
    frames = 0
    for block in source.blocks():
        frames += len(block)
        _check_frames(frames, source, path, longest)
        yield block


def check_length(path: Path, longest: float) -> None:
    """Raises: AudioError where a song is longer than `longest` seconds, or is so by its header."""
    source = open_source(path)
    _check_frames(source.frames or 0, source, path, longest)


def _check_frames(frames: int, source: Source, path: Path, longest: float) -> None:
    if frames > longest * source.rate:
        raise AudioError(
            f"longer than {longest / 3600:g} hours", place=path, remedy="play it elsewhere"
        )
