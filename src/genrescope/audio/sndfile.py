"""The core decoder, libsndfile: WAV, AIFF, FLAC, Ogg Vorbis, Opus, MP3 and relatives."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from genrescope.audio.mp3 import with_header
from genrescope.audio.quiet import quiet_stderr
from genrescope.audio.source import Block

# Half a MiB: small enough to be mixed while in the cache, large enough for few calls.
_BLOCK_VALUES = 1 << 17
# Near damage a whole failed call is lost: 4096 frames are a tenth of a second.
_CAREFUL_FRAMES = 4096
_UNKNOWN_LENGTH = 0x7FFFFFFF  # a streamed WAV declares this or more
_DECLARED_BYTES = re.compile(r"^ ?(?:data|SSND) : (\d+) \(should be (\d+)\)", re.MULTILINE)


class _File(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read forwards.

    Told that it can seek, soundfile seeks after each read: needless work in MP3, and an error past
    the first damage.
    """

    def seekable(self) -> bool:
        return False


@dataclass(frozen=True)
class SoundfileSource:
    """A file that libsndfile can open; see `genrescope.audio.source.Source`."""

    path: Path
    rate: int
    channels: int
    frames: int
    cut: bool
    format: str
    data: bytes | None = None
    decoder: str = "soundfile"

    @classmethod
    def open(cls, path: Path) -> SoundfileSource | None:
        """Describe `path`; None where libsndfile does not know the format, or finds it broken."""
        try:
            source = cls._describe(path)
        except soundfile.LibsndfileError:
            return None
        # "RAW" is a guess by the name alone (.gsm, .vox): any file would pass.
        return None if source.format == "RAW" else source

    @classmethod
    def _describe(cls, path: Path) -> SoundfileSource:
        # A name in .raw means "no header" to soundfile, whatever is inside; bytes have no name.
        data = path.read_bytes() if path.suffix.lower() == ".raw" else None
        with quiet_stderr(), _open(path, data) as file:
            mended = with_header(path) if _has_guessed_length(file) else None
            if mended is None:
                return cls._of(file, path, data)
        with quiet_stderr(), _open(path, mended) as file:
            return cls._of(file, path, mended)

    @classmethod
    def _of(cls, file: _File, path: Path, data: bytes | None) -> SoundfileSource:
        format_, cut = file.format, _is_cut(file)
        return cls(path, file.samplerate, file.channels, file.frames, cut, format_, data)

    def blocks(self, start: int = 0, count: int | None = None) -> Iterator[Block]:
        """See `Source.blocks`."""
        done = 0
        for read in (self._read, self._read_carefully):
            try:
                for block in read(start + done, None if count is None else count - done):
                    done += len(block)
                    yield block
            except soundfile.LibsndfileError:
                continue
            return

    def _read(self, start: int, count: int | None) -> Iterator[Block]:
        left = self._left(start, count)
        size = max(1, min(_BLOCK_VALUES // self.channels, left))
        buffer = np.empty((size, self.channels), dtype=np.float32)
        with quiet_stderr():
            file = _open(self.path, self.data)
        with file:
            if start:
                with quiet_stderr():
                    file.seek(start)
            while left > 0 and len(block := _next(file, buffer[:left])):
                left -= len(block)
                yield block

    def _read_carefully(self, start: int, count: int | None) -> Iterator[Block]:
        """As `_read`, in small steps from the beginning: a damaged file cannot seek."""
        left = self._left(start, count)
        buffer = np.empty((_CAREFUL_FRAMES, self.channels), dtype=np.float32)
        with quiet_stderr():
            file = _open(self.path, self.data)
        with file:
            while left > 0 and len(block := _next(file, buffer)):
                wanted = block[start:][:left]
                start = max(0, start - len(block))
                left -= len(wanted)
                yield wanted

    def _left(self, start: int, count: int | None) -> int:
        whole = max(0, self.frames - start)
        return whole if count is None else min(whole, count)


def _open(path: Path, data: bytes | None) -> _File:
    return _File(os.fsencode(path) if data is None else io.BytesIO(data))


def _next(file: _File, buffer: Block) -> Block:
    """The next frames, as many as `buffer` holds or as are left."""
    with quiet_stderr():
        block: Block = file.read(out=buffer)
    return block


def _has_guessed_length(file: _File) -> bool:
    """Whether the length may be a guess from the first frame: it is where no header declares it."""
    return file.format == "MP3" and "constant" in file.extra_info


def _is_cut(file: _File) -> bool:
    """Whether libsndfile's log of the file's headers tells of a missing end."""
    log = file.extra_info
    if "lacks an end-of-stream bit" in log:
        return True
    lengths = _DECLARED_BYTES.search(log)
    if lengths is None:
        return False
    declared, present = int(lengths[1]), int(lengths[2])
    return present < declared < _UNKNOWN_LENGTH
