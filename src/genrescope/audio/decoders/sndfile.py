"""The core decoder, libsndfile: WAV, AIFF, FLAC, Ogg Vorbis, Opus, MP3 and relatives."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import soundfile

from genrescope.audio.containers.splice import Pieces, Splice, Stretch
from genrescope.audio.decoders.quiet import quiet_stderr
from genrescope.audio.excerpt import Span
from genrescope.audio.source import Block

# Half a MiB: small enough to be mixed while in the cache, large enough for few calls.
_BLOCK_VALUES = 1 << 17
# Near damage a whole failed call is lost: 4096 frames are a tenth of a second.
_CAREFUL_FRAMES = 4096
_NO_LENGTH = 1 << 62  # libsndfile's own word for an unknown length is about twice this
_UNKNOWN_LENGTH = 0x7FFFF000  # a streamed WAV declares about 2 or 4 GiB
_DECLARED_BYTES = re.compile(r"^ ?(?:data|SSND) : (\d+) \(should be (\d+)\)", re.MULTILINE)


class _File(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read forwards.

    Of a file that can seek, soundfile seeks after each read: needless work in MP3, and an error
    past the first damage.
    """

    def seekable(self) -> bool:
        return False


class _Opened:
    """A file that is opened when it is first read, and closed at the end of a `with`."""

    def __init__(self, path: Path, pieces: Pieces | None) -> None:
        self._path, self._pieces = path, pieces
        self._file: _File | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it; the next read opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def at(self, start: int) -> _File:
        """The file, to be read from frame `start`."""
        fresh = self._file is None
        with quiet_stderr():
            if self._file is None:
                self._file = _open(self._path, self._pieces)
            if start or not fresh:
                self._file.seek(start)
        return self._file


@dataclass(frozen=True)
class SoundfileSource:
    """A file that libsndfile can open; see `genrescope.audio.source.Source`."""

    path: Path
    rate: int
    channels: int
    frames: int | None
    cut: bool
    format: str
    pieces: Pieces | None = None
    decoder: str = "soundfile"

    @classmethod
    def open(cls, path: Path, pieces: Pieces | None = None) -> SoundfileSource | None:
        """Describe `path`, or `pieces` of it; None where libsndfile finds no sound in it.

        That is where it does not support the format, or finds it broken.
        """
        # A name in .raw means "no header" to soundfile, whatever is inside; pieces have no name.
        if pieces is None and path.suffix.lower() == ".raw":
            pieces = (Stretch(0, path.stat().st_size),)
        try:
            with quiet_stderr(), _open(path, pieces) as file:
                source = cls._of(file, path, pieces)
        except soundfile.LibsndfileError:
            return None
        # "RAW" follows from the name alone (.gsm, .vox): any file would pass.
        return None if source.format == "RAW" or source.frames == 0 else source

    @classmethod
    def _of(cls, file: _File, path: Path, pieces: Pieces | None) -> SoundfileSource:
        frames = file.frames if file.frames < _NO_LENGTH else None
        return cls(path, file.samplerate, file.channels, frames, _is_cut(file), file.format, pieces)

    def blocks(self, start: int = 0, count: int | None = None) -> Iterator[Block]:
        """See `Source.blocks`."""
        with _Opened(self.path, self.pieces) as opened:
            yield from self._blocks(opened, start, count)

    def windows(self, spans: Iterable[Span]) -> Iterator[Iterator[Block]]:
        """See `Source.windows`; a seek in MP3 reads the headers of all frames that it passes."""
        with _Opened(self.path, self.pieces) as opened:
            for span in spans:
                yield self._blocks(opened, *span)

    def _blocks(self, opened: _Opened, start: int, count: int | None) -> Iterator[Block]:
        done = 0
        for read in (self._read, self._read_carefully):
            try:
                for block in read(opened, start + done, None if count is None else count - done):
                    done += len(block)
                    yield block
            except soundfile.LibsndfileError:
                opened.close()  # damaged: what comes later is read from its beginning again
                continue
            return

    def _read(self, opened: _Opened, start: int, count: int | None) -> Iterator[Block]:
        left = self._left(start, count)
        size = max(1, min(_BLOCK_VALUES // self.channels, left))
        buffer = np.empty((size, self.channels), dtype=np.float32)
        file = opened.at(start)
        while left > 0 and len(block := _next(file, buffer[:left])):
            left -= len(block)
            yield block

    def _read_carefully(self, opened: _Opened, start: int, count: int | None) -> Iterator[Block]:
        """As `_read`, in small steps from the beginning: a damaged file cannot seek."""
        left = self._left(start, count)
        buffer = np.empty((_CAREFUL_FRAMES, self.channels), dtype=np.float32)
        opened.close()
        file = opened.at(0)
        while left > 0 and len(block := _next(file, buffer)):
            wanted = block[start:][:left]
            start = max(0, start - len(block))
            left -= len(wanted)
            yield wanted
        opened.close()

    def _left(self, start: int, count: int | None) -> int:
        whole = _NO_LENGTH if self.frames is None else max(0, self.frames - start)
        return whole if count is None else min(whole, count)


def _open(path: Path, pieces: Pieces | None) -> _File:
    if pieces is not None:
        return _File(Splice(path, pieces))
    # In bytes any name can be written; Windows reads them in its own code page, and text as it is.
    return _File(str(path) if os.name == "nt" else os.fsencode(path))


def _next(file: _File, buffer: Block) -> Block:
    """The next frames, as many as `buffer` holds or as are left."""
    with quiet_stderr():
        block: Block = file.read(out=buffer)
    return block


def _is_cut(file: _File) -> bool:
    """Whether libsndfile's log of the file's headers reports a missing end."""
    log = file.extra_info
    if "lacks an end-of-stream bit" in log:
        return True
    lengths = _DECLARED_BYTES.search(log)
    if lengths is None:
        return False
    declared, present = int(lengths[1]), int(lengths[2])
    return present < declared < _UNKNOWN_LENGTH
