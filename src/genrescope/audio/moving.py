"""A window that moves over a file, at several sampling rates; the file is never held whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.mix import MixPower, mono
from genrescope.audio.resample import Resampler
from genrescope.audio.source import Source, bounded
from genrescope.errors import AudioError

_LOOKED_AT = 10.0  # seconds
Clip = Mapping[int, NDArray[np.float32]]


def moving_windows(
    source: Source, path: Path, rates: Sequence[int], window: float, hop: float
) -> Iterator[tuple[float, float, Clip]]:
    """(start in s, length in s, mono samples by rate) of each window, in order.

    Args:
        source: the file.
        path: its name, for errors.
        rates: Hz of the samples wanted, the mean of the channels; of those that cancel each other,
            going by the middle of the file, the first.
        window: seconds of each window.
        hop: seconds from one window to the next. What is left after the last whole window is left
            out; a file shorter than one window is one window.

    Raises:
        AudioError: no sound can be decoded, or it is not finite.
    """
    tracks = [_Track(rate, Resampler(source.rate, rate)) for rate in rates]
    number, cancelled = 0, _cancels(source)
    for block in bounded(source.blocks(), source.rate):
        samples = block[:, 0] if cancelled else mono(block)
        if not np.isfinite(samples).all():
            raise AudioError(
                "holds samples that are not finite numbers", place=path, remedy="export it again"
            )
        for track in tracks:
            track.add(track.resampler.push(samples))
        while all(track.reaches(number * hop + window) for track in tracks):
            yield number * hop, window, _cut(tracks, number * hop, window)
            number += 1
    for track in tracks:
        track.add(track.resampler.finish())
    if not (seconds := tracks[0].seconds):
        raise AudioError(
            "no sound can be decoded", place=path, remedy="it is damaged: copy or download it again"
        )
    for last in range(number, 1 + max(0, int((seconds - window) / hop))):
        start = last * hop
        yield start, min(window, seconds - start), _cut(tracks, start, window)


def _cancels(source: Source) -> bool:
    """Whether the channels cancel each other, going by the middle of the file."""
    power, count = MixPower(), round(_LOOKED_AT * source.rate)
    if source.channels > 1:
        for block in source.blocks(max(0, ((source.frames or 0) - count) // 2), count):
            power.add(block, mono(block))
    return power.cancelled


class _Track:
    """The samples at one rate that windows still need."""

    def __init__(self, rate: int, resampler: Resampler) -> None:
        self.rate, self.resampler = rate, resampler
        self._first = 0  # number of the first sample that is held
        self._held = np.empty(0, np.float32)

    @property
    def seconds(self) -> float:
        """Length of all so far."""
        return (self._first + len(self._held)) / self.rate

    def add(self, samples: NDArray[np.float32]) -> None:
        self._held = np.concatenate([self._held, samples])

    def reaches(self, second: float) -> bool:
        return self._first + len(self._held) >= round(second * self.rate)

    def cut(self, start: float, window: float) -> NDArray[np.float32]:
        """The samples of a window; what lies before it is let go."""
        begin = round(start * self.rate)
        self._held = self._held[max(0, begin - self._first) :]
        self._first = max(self._first, begin)
        return self._held[: round((start + window) * self.rate) - begin]


def _cut(tracks: Sequence[_Track], start: float, window: float) -> Clip:
    return {track.rate: track.cut(start, window) for track in tracks}
