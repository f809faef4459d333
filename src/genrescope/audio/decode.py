"""Choose a decoder for a file by what is in it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from genrescope.audio.chain import Chain
from genrescope.audio.containers.flac import flac_parts
from genrescope.audio.containers.lengths import wav_parts
from genrescope.audio.containers.mp3 import mp3_parts
from genrescope.audio.containers.ogg import ogg_links
from genrescope.audio.containers.sniff import HEAD_BYTES, Kind, after_id3, sniff
from genrescope.audio.containers.splice import Pieces
from genrescope.audio.containers.wavpack import wavpack_parts
from genrescope.audio.decoders import ffmpeg
from genrescope.audio.decoders.pyav import PyAVSource
from genrescope.audio.decoders.sndfile import SoundfileSource
from genrescope.audio.source import Source
from genrescope.errors import AudioError

# The lowest and highest rates in use, telephones' halved and DSD's as PCM; a broken header's pass
# these.
_RATES = range(2_000, 768_001)
_MAX_CHANNELS = 256


def open_source(path: Path) -> Source:
    """The file at `path` with the first decoder that can read it.

    libsndfile for what it supports; for the rest PyAV where installed, otherwise ffmpeg where on
    PATH. The content decides, not the name.

    Raises:
        AudioError: missing, not a file, unreadable, empty, not audio, of a format that no decoder
            here supports, or with a sampling rate or number of channels that cannot be.
    """
    try:
        source = _open(path)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise AudioError(
            f"cannot be read: {reason}", place=path, remedy="check its permissions and the disk"
        ) from error
    _check(source, path)
    return source


def _open(path: Path) -> Source:
    kind = _kind(path)
    source: Source | None = None
    if kind is None or kind.core:
        source = _core_source(path, kind)
    return source or _foreign_source(path, kind)


def _kind(path: Path) -> Kind | None:
    """What the first bytes are of."""
    if not path.is_file():
        raise _no_file(path)
    with path.open("rb") as handle:
        handle.seek(after_id3(handle))
        head = handle.read(HEAD_BYTES)
    if not head:
        raise AudioError("the file is empty", place=path, remedy="copy or download it again")
    return sniff(head)


def _core_source(path: Path, kind: Kind | None) -> Source | None:
    """The file by the core decoder, all of it where that takes help; None where it cannot."""
    parts = _parts(path, kind)
    return _joined(parts, partial(_link, path, kind)) or SoundfileSource.open(path)


def _joined(parts: Sequence[Pieces], open_: Callable[[Pieces], Source | None]) -> Source | None:
    """All parts that can be opened as one source; None where none can."""
    links = [link for pieces in parts if (link := open_(pieces)) is not None]
    return Chain.of(links) if len(links) > 1 else links[0] if links else None


def _link(path: Path, kind: Kind | None, pieces: Pieces) -> Source | None:
    """A part of the file; of Ogg, which holds much that the core decoder cannot read, by PyAV."""
    source: Source | None = SoundfileSource.open(path, pieces)
    if source is None and kind and kind.name == "Ogg" and importlib.util.find_spec("av"):
        source = PyAVSource.open(path, pieces)
    return source


def _parts(path: Path, kind: Kind | None) -> list[Pieces]:
    """What a decoder must be given to read all of the file; nothing: the file itself."""
    name = kind.name if kind else None
    if name in (None, "MP3"):
        return mp3_parts(path)
    if name == "Ogg":
        return ogg_links(path)
    if name == "FLAC":
        return flac_parts(path)
    if name == "WavPack":
        return wavpack_parts(path)
    return wav_parts(path) if name == "WAV" else []


def _no_file(path: Path) -> AudioError:
    if path.is_dir():
        return AudioError("a folder, not a file", place=path, remedy="name the files in it")
    if path.exists():
        return AudioError("not a regular file", place=path, remedy="name an audio file")
    return AudioError("no such file", place=path, remedy="check the name")


def _foreign_source(path: Path, kind: Kind | None) -> Source:
    if kind is None:
        raise AudioError("not an audio file", place=path, remedy="leave it out")
    source: Source | None
    if importlib.util.find_spec("av"):
        parts = [] if kind.core else _parts(path, kind)
        source = _joined(parts, partial(PyAVSource.open, path)) or PyAVSource.open(path)
    elif ffmpeg.is_available():
        source = ffmpeg.FFmpegSource.open(path)
    elif kind.core:
        source = None
    else:
        raise AudioError(
            f"no decoder for {kind.name}",
            place=path,
            remedy="pip install 'genrescope[av]', or put ffmpeg on PATH",
        )
    if source is None:
        raise AudioError(
            f"looks like {kind.name}, but no sound can be decoded from it",
            place=path,
            remedy="it is damaged or holds none: copy or convert it again",
        )
    return source


def _check(source: Source, path: Path) -> None:
    if source.rate not in _RATES:
        problem = f"a sampling rate of {source.rate} Hz"
    elif not 0 < source.channels <= _MAX_CHANNELS:
        problem = f"{source.channels} channels"
    else:
        return
    raise AudioError(
        f"the header declares {problem}", place=path, remedy="it is damaged: convert the file again"
    )
