"""FFmpeg's decoders through PyAV, an optional part: M4A, WMA, APE, WavPack, sound of videos."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genrescope.audio.containers.splice import Pieces, Splice
from genrescope.audio.decoders.trust import can_seek, has_length
from genrescope.audio.excerpt import Span
from genrescope.audio.source import Block, separately, window

if TYPE_CHECKING:
    import av

# Frames of compressed formats need those before them: begin this much earlier.
_PREROLL_SECONDS = 0.5
# Coalesced, so that mixing and resampling are not paid per codec frame of 1024.
_BLOCK_FRAMES = 1 << 16
# From so many planes on, PyAV reads beyond what it has: they are interleaved by FFmpeg before.
_MANY_CHANNELS = 8
_FULL_SCALE = {"u1": 2.0**7, "i2": 2.0**15, "i4": 2.0**31}


@dataclass(frozen=True)
class PyAVSource:
    """The first sound track of a file; see `genrescope.audio.source.Source`.

    Attributes:
        first_pts: time stamp of the first decoded frame, in the stream's own unit.
        seekable: whether time stamps can be sought.
    """

    path: Path
    rate: int
    channels: int
    frames: int | None
    first_pts: int
    seekable: bool
    pieces: Pieces | None = None
    cut: bool = False
    decoder: str = "PyAV"

    @classmethod
    def open(cls, path: Path, pieces: Pieces | None = None) -> PyAVSource | None:
        """Describe `path`, or `pieces` of it; None where no sound can be decoded from it."""
        import av

        try:
            with _container(path, pieces) as container:
                frame = next(_decoded(container), None)
                return None if frame is None else cls._of(container, frame, path, pieces)
        except av.FFmpegError:
            return None

    @classmethod
    def _of(
        cls, container: Any, frame: av.AudioFrame, path: Path, pieces: Pieces | None
    ) -> PyAVSource:
        # What is decoded counts: in HE-AAC it has twice the rate that the container declares.
        seekable = can_seek(container.format.name) and frame.pts is not None
        known = seekable and has_length(path, container.format.name)
        frames = _declared_frames(container, frame.sample_rate) if known else None
        channels = frame.layout.nb_channels
        return cls(path, frame.sample_rate, channels, frames, frame.pts or 0, seekable, pieces)

    def windows(self, spans: Iterable[Span]) -> Iterator[Iterator[Block]]:
        """See `Source.windows`."""
        return separately(self, spans)

    def blocks(self, start: int = 0, count: int | None = None) -> Iterator[Block]:
        """See `Source.blocks`.

        After a seek a position is as exact as the container's time stamps: to the sample in MP4,
        to the millisecond in Matroska and WMA.
        """
        parts: list[Block] = []
        for block in window(self._positioned(start), start, count):
            parts.append(block)
            if sum(map(len, parts)) >= _BLOCK_FRAMES:
                yield np.concatenate(parts)
                parts = []
        if parts:
            yield np.concatenate(parts)

    def _positioned(self, start: int) -> Iterator[tuple[int, Block]]:
        """(position, samples) of decoded frames, the first at or before `start`."""
        early = start - round(_PREROLL_SECONDS * self.rate)
        if early > 0 and self.seekable:
            sought = self._decode(early)
            first = next(sought, None)
            if first is not None and first[0] <= start:
                yield first
                yield from sought
                return
        yield from self._decode(0)

    def _decode(self, early: int) -> Iterator[tuple[int, Block]]:
        """(position, samples) from about frame `early`; nothing where that cannot be sought."""
        import av

        try:
            with _container(self.path, self.pieces) as container:
                if early:
                    stream = container.streams.audio[0]
                    stamp = math.floor(early / self.rate / stream.time_base)
                    container.seek(self.first_pts + stamp, stream=stream)
                yield from self._place(_decoded(container), None if early else 0)
        except av.FFmpegError:
            return

    def _place(
        self, frames: Iterator[av.AudioFrame], position: int | None
    ) -> Iterator[tuple[int, Block]]:
        """Number the samples from `position`, or from the first frame's time stamp."""
        for frame in frames:
            if (frame.sample_rate, frame.layout.nb_channels) != (self.rate, self.channels):
                return
            if position is None:
                if frame.pts is None or frame.time_base is None:
                    return
                position = round((frame.pts - self.first_pts) * frame.time_base * self.rate)
            samples = _samples(frame)
            yield position, samples
            position += len(samples)


@contextmanager
def _container(path: Path, pieces: Pieces | None) -> Iterator[Any]:
    import av

    with ExitStack() as opened:
        file = opened.enter_context(Splice(path, pieces)) if pieces else os.fspath(path)
        # Tags in an unknown encoding are no reason to refuse the sound.
        yield opened.enter_context(av.open(file, metadata_errors="ignore"))


def _decoded(container: Any) -> Iterator[av.AudioFrame]:
    """Frames of the first sound track."""
    for stream in container.streams.audio[:1]:
        yield from decode_frames(container, stream)


def decode_frames(container: Any, stream: Any) -> Iterator[av.AudioFrame]:
    """Frames of a sound track; damaged packets are passed over.

    PyAV crashes on many channels that lie one after another: they are interleaved before.
    """
    import av

    resamplers: dict[tuple[str, str, int], av.AudioResampler] = {}
    for frame in _frames(container, stream):
        if not frame.format.is_planar or frame.layout.nb_channels < _MANY_CHANNELS:
            yield frame
            continue
        form = frame.format.packed.name, frame.layout.name, frame.sample_rate
        if form not in resamplers:
            resamplers[form] = av.AudioResampler(*form)
        yield from resamplers[form].resample(frame)


def _frames(container: Any, stream: Any) -> Iterator[av.AudioFrame]:
    """Frames up to the end, or to what is no packet: tags behind the sound, or damage."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.InvalidDataError:
            yield from stream.codec_context.decode(None)  # what the decoder still holds
            return
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue
        yield from frames


def _declared_frames(container: Any, rate: int) -> int | None:
    import av

    stream = container.streams.audio[0]
    seconds: float = 0.0
    if stream.duration:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration:
        seconds = container.duration / av.time_base
    return round(seconds * rate) or None


def _samples(frame: av.AudioFrame) -> Block:
    """(frames, channels) float32; integers are divided by full scale, 16 bits exactly."""
    values = frame.to_ndarray()
    values = values.T if frame.format.is_planar else values.reshape(-1, frame.layout.nb_channels)
    if values.dtype.kind == "f":
        return values.astype(np.float32)
    scale = _FULL_SCALE[values.dtype.str[1:]]
    zero = np.float32(scale if values.dtype.kind == "u" else 0)
    samples: Block = (values.astype(np.float32) - zero) / np.float32(scale)
    return samples
