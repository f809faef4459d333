"""An ffmpeg on PATH, for what the core decoder cannot read where PyAV is not installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genrescope.audio.containers.wavpack import wavpack_parts
from genrescope.audio.decoders.trust import can_seek, has_length
from genrescope.audio.excerpt import Span
from genrescope.audio.source import Block, separately, window

_BLOCK_FRAMES = 1 << 18
_PROBE = (
    *("ffprobe", "-v", "error", "-select_streams", "a:0", "-of", "json"),
    *("-show_entries", "stream=sample_rate,channels,duration:format=duration,format_name"),
)


def is_available() -> bool:
    """Whether ffmpeg and ffprobe are on PATH."""
    return bool(shutil.which("ffmpeg") and shutil.which("ffprobe"))


@dataclass(frozen=True)
class FFmpegSource:
    """The first sound track of a file; see `genrescope.audio.source.Source`.

    Attributes:
        seekable: whether a place that is sought is found.
    """

    path: Path
    rate: int
    channels: int
    frames: int | None
    seekable: bool = True
    cut: bool = False
    decoder: str = "ffmpeg"

    @classmethod
    def open(cls, path: Path) -> FFmpegSource | None:
        """Describe `path`; None where ffprobe finds no sound in it."""
        probe = subprocess.run(
            [*_PROBE, _url(path)], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        found = json.loads(probe.stdout or b"{}")
        if probe.returncode != 0 or not found.get("streams"):
            return None
        stream = found["streams"][0]
        rate = int(stream.get("sample_rate", 0))
        form = found.get("format", {})
        name = form.get("format_name", "")
        joined = name == "wv" and len(wavpack_parts(path)) > 1
        seconds = stream.get("duration") or form.get("duration")
        known = seconds and has_length(path, name) and not joined
        frames = round(float(seconds) * rate) if known else None
        seekable = can_seek(name) and not joined
        return cls(path, rate, int(stream.get("channels", 0)), frames, seekable)

    def windows(self, spans: Iterable[Span]) -> Iterator[Iterator[Block]]:
        """See `Source.windows`."""
        return separately(self, spans)

    def blocks(self, start: int = 0, count: int | None = None) -> Iterator[Block]:
        """See `Source.blocks`."""
        if not self.seekable and start:
            yield from window(_numbered(self.blocks()), start, count)
            return
        with subprocess.Popen(
            self._command(start, count if self.seekable else None),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                yield from self._read(process, count)
            finally:
                process.kill()  # it may still be writing what nobody wants

    def _command(self, start: int, count: int | None) -> list[str]:
        # Before -i: ffmpeg seeks, then drops up to the exact sample.
        seek = ["-ss", f"{start / self.rate:.9f}"] if start else []
        # A little more than wanted: `_read` stops at the exact sample.
        length = [] if count is None else ["-t", f"{count / self.rate + 0.1:.9f}"]
        form = ["-ac", str(self.channels), "-ar", str(self.rate), "-f", "f32le", "-"]
        inputs = ["ffmpeg", "-nostdin", "-v", "quiet", *seek, "-i", _url(self.path)]
        return [*inputs, "-map", "0:a:0", *length, *form]

    def _read(self, process: subprocess.Popen[bytes], count: int | None) -> Iterator[Block]:
        frame_bytes = 4 * self.channels
        left = count
        while left is None or left > 0:
            wanted = _BLOCK_FRAMES if left is None else min(_BLOCK_FRAMES, left)
            data = process.stdout.read(wanted * frame_bytes) if process.stdout else b""
            frames = len(data) // frame_bytes
            if not frames:
                return
            values = np.frombuffer(data, dtype="<f4", count=frames * self.channels)
            yield values.reshape(frames, self.channels)
            left = None if left is None else left - frames


def _numbered(blocks: Iterator[Block]) -> Iterator[tuple[int, Block]]:
    """(position, samples) of blocks from the beginning."""
    position = 0
    for block in blocks:
        yield position, block
        position += len(block)


def _url(path: Path) -> str:
    """A name that ffmpeg takes for nothing but a local file, whatever it begins with."""
    return f"file:{path.absolute()}"
