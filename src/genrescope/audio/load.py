"""`load_audio`: a file to mono samples at a wanted rate, with notes on what was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.decode import open_source
from genrescope.audio.excerpt import Excerpt, Span
from genrescope.audio.mix import MixPower, mono
from genrescope.audio.resample import resample
from genrescope.audio.source import Block, Source, bounded, measure
from genrescope.errors import AudioError, UsageError

DEFAULT_EXCERPT = Excerpt.middle(30.0)
DEFAULT_RATE = 22050
"""Hz; what the bundled models expect."""

_SILENCE = 2.0**-16  # half a step of 16 bits: nothing that a CD could hold
_TRUSTED_SAMPLES = 1 << 26  # a broken header may declare years: reserve no more than this
_LOOKED_AT = 1 << 14  # samples at a time: most songs show at once that they are not silent
_LATE_SECONDS = 0.1  # lossy codecs pad and trim: an end that is off by less is no damage


@dataclass(frozen=True, eq=False)
class Audio:
    """Samples of one file, or of one window of it, and what was done to them.

    Attributes:
        samples: (n,) float32, the mean of the channels, full scale 1; 16-bit files give exactly
            the integers / 32768, or the mean of both. Of channels that cancel each other, as those
            of opposite polarity, the first one.
        rate: Hz of `samples`.
        path: the file.
        original_rate: Hz of the file.
        channels: channels of the file.
        duration: seconds of the file that can be decoded, as far as known.
        start: seconds from the file's beginning to the first sample.
        decoder: what decoded it.
        notes: for people: "resampled 48000 -> 22050 Hz", "truncated: ...", "silent".
    """

    samples: NDArray[np.float32]
    rate: int
    path: Path
    original_rate: int
    channels: int
    duration: float
    start: float
    decoder: str
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Length of `samples` in seconds."""
        return len(self.samples) / self.rate


def load_audio(
    path: str | PathLike[str],
    *,
    excerpt: Excerpt = DEFAULT_EXCERPT,
    rate: int | None = DEFAULT_RATE,
) -> Audio:
    """Mono samples of one part of a file.

    Args:
        path: an audio file, or a video with sound.
        excerpt: the whole file or its middle.
        rate: Hz wanted; None keeps the file's own.

    Raises:
        AudioError: the file cannot be read, or nothing in it can be used, with the reason.
        UsageError: the excerpt is of several windows (use `load_windows`), or the rate is none.
    """
    if excerpt.count > 1:
        raise UsageError("an excerpt of several windows", remedy="use load_windows")
    return load_windows(path, excerpt=excerpt, rate=rate)[0]


def load_windows(
    path: str | PathLike[str],
    *,
    excerpt: Excerpt = DEFAULT_EXCERPT,
    rate: int | None = DEFAULT_RATE,
) -> list[Audio]:
    """Mono samples of each window of `excerpt`, at least one; see `load_audio`."""
    if rate is not None and rate <= 0:
        raise UsageError(f"a sampling rate of {rate} Hz", remedy="use 22050, 44100 or None")
    path = Path(path)
    source = open_source(path)
    frames, taken = _take(source, excerpt, rate or source.rate)
    if not frames:
        raise AudioError(
            "no sound can be decoded", place=path, remedy="it is damaged: copy or download it again"
        )
    notes = _file_notes(source, frames, rate or source.rate)
    return [_audio(source, path, frames, item, rate or source.rate, notes) for item in taken]


@dataclass(frozen=True)
class _Taken:
    """What was read of one span: samples at the wanted rate, frames at the file's.

    `cancelled`: the channels cancel each other, and the first one was taken.
    """

    span: Span
    samples: NDArray[np.float32]
    frames: int
    cancelled: bool = False


def _take(source: Source, excerpt: Excerpt, rate: int) -> tuple[int, list[_Taken]]:
    """(frames of the file, its windows); a file shorter than it declares is measured first."""
    if excerpt.seconds is None:
        (whole,) = _read_all(source, [Span(0, None)], rate)
        return whole.frames, [whole]
    frames = measure(source) if source.frames is None else source.frames
    taken = _read_all(source, excerpt.spans(frames, source.rate), rate)
    if any(_is_short(source, item) for item in taken):
        frames = measure(source)
        taken = _read_all(source, excerpt.spans(frames, source.rate), rate)
    return frames, taken


def _read_all(source: Source, spans: Sequence[Span], rate: int) -> list[_Taken]:
    windows = zip(spans, source.windows(spans), strict=True)
    taken = [_read(source, span, blocks, rate) for span, blocks in windows]
    return [_read_first_channel(source, item, rate) if item.cancelled else item for item in taken]


def _read_first_channel(source: Source, item: _Taken, rate: int) -> _Taken:
    """A span of which the mix would be nothing but what rounding and coding left."""
    first = (block[:, :1] for block in source.blocks(*item.span))
    return replace(_read(source, item.span, first, rate), cancelled=True)


def _read(source: Source, span: Span, blocks: Iterable[Block], rate: int) -> _Taken:
    frames, power = 0, MixPower()

    def mixed() -> Iterable[NDArray[np.float32]]:
        nonlocal frames
        for block in bounded(blocks, source.rate):
            frames += len(block)
            samples = mono(block)
            power.add(block, samples)
            yield samples

    expected = span.length or source.frames or 0
    # A second to spare: lossy codecs pad the end.
    length = min(round(expected * rate / source.rate) + rate, _TRUSTED_SAMPLES)
    samples = _joined(resample(mixed(), source.rate, rate), length)
    return _Taken(span, samples, frames, power.cancelled)


def _joined(blocks: Iterable[NDArray[np.float32]], expected: int) -> NDArray[np.float32]:
    """The blocks in one array, without holding them twice where `expected` is not exceeded."""
    joined = np.empty(expected, dtype=np.float32)
    filled = 0
    for block in blocks:
        if filled + len(block) > len(joined):
            grown = np.empty(2 * (filled + len(block)), dtype=np.float32)
            grown[:filled] = joined[:filled]
            joined = grown
        joined[filled : filled + len(block)] = block
        filled += len(block)
    return joined[:filled]


def _is_short(source: Source, item: _Taken) -> bool:
    """Whether the file ended, or broke, before the end of the window."""
    expected = item.span.length or 0
    return item.frames < expected - _LATE_SECONDS * source.rate


def _file_notes(source: Source, frames: int, rate: int) -> list[str]:
    notes = []
    declared = source.frames or 0
    if frames < declared - _LATE_SECONDS * source.rate:
        usable, stated = frames / source.rate, declared / source.rate
        notes.append(f"truncated: {usable:.1f} s of {stated:.1f} s can be decoded")
    elif source.cut:
        notes.append(f"truncated: its end is missing after {frames / source.rate:.1f} s")
    if rate != source.rate:
        notes.append(f"resampled {source.rate} -> {rate} Hz")
    return notes


def _audio(
    source: Source, path: Path, frames: int, item: _Taken, rate: int, notes: list[str]
) -> Audio:
    if not np.isfinite(item.samples).all():
        raise AudioError(
            "holds samples that are not finite numbers", place=path, remedy="export it again"
        )
    remarks = ["the channels cancel each other: the first one is taken"] if item.cancelled else []
    remarks += ["silent"] if is_silent(item.samples) else []
    return Audio(
        samples=item.samples,
        rate=rate,
        path=path,
        original_rate=source.rate,
        channels=source.channels,
        duration=frames / source.rate,
        start=item.span.start / source.rate,
        decoder=source.decoder,
        notes=(*notes, *remarks),
    )


def is_silent(samples: NDArray[np.float32]) -> bool:
    """Whether nothing in (n,) samples is as loud as half a step of 16 bits."""
    blocks = (samples[i : i + _LOOKED_AT] for i in range(0, len(samples), _LOOKED_AT))
    return all(float(max(block.max(), -block.min())) < _SILENCE for block in blocks)
