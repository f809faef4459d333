"""The window that moves over a file: values, and how much is held."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sounds import Write, noise

from genrescope.audio.decode import open_source
from genrescope.audio.excerpt import Excerpt, Span
from genrescope.audio.load import load_audio
from genrescope.audio.moving import moving_windows
from genrescope.audio.source import Block, separately
from genrescope.errors import AudioError


@pytest.mark.parametrize(("seconds", "count"), [(1.5, 1), (3.0, 1), (10.0, 8), (10.9, 8)])
def test_windows_are_what_the_whole_file_holds_there(
    wav: Write, seconds: float, count: int
) -> None:
    path = wav("a.wav", noise(seconds=seconds))
    found = list(moving_windows(open_source(path), path, (22050, 16000), 3.0, 1.0))
    assert [start for start, _, _ in found] == list(range(count))
    for rate in (22050, 16000):
        whole = load_audio(path, excerpt=Excerpt.whole(), rate=rate).samples
        for start, length, clip in found:
            assert length == min(3.0, seconds)
            expected = whole[round(start * rate) : round((start + 3) * rate)]
            np.testing.assert_array_equal(clip[rate], expected)


def test_hops_longer_than_windows(wav: Write) -> None:
    path = wav("a.wav", noise(seconds=10))
    whole = load_audio(path, excerpt=Excerpt.whole(), rate=22050).samples
    found = list(moving_windows(open_source(path), path, (22050,), 1.0, 4.0))
    assert [start for start, _, _ in found] == [0, 4, 8]
    for start, _, clip in found:
        place = round(start * 22050)
        np.testing.assert_array_equal(clip[22050], whole[place : place + 22050])


@dataclass(frozen=True)
class Hour:
    """An hour of 44,100 Hz, made as it is read."""

    seconds: int = 3600
    rate: int = 44100
    channels: int = 2
    frames: int | None = None
    cut: bool = False
    decoder: str = "made"

    def windows(self, spans: Iterable[Span]) -> Iterator[Iterator[Block]]:
        return separately(self, spans)

    def blocks(self, start: int = 0, count: int | None = None) -> Iterator[Block]:
        block = np.zeros((10 * self.rate, 2), np.float32)
        for _ in range(self.seconds // 10):
            yield block


@pytest.mark.slow
def test_an_hour_is_never_held_whole() -> None:
    tracemalloc.start()
    count = sum(1 for _ in moving_windows(Hour(), Path("a"), (22050, 16000), 30.0, 10.0))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 1 + (3600 - 30) // 10
    assert most < 100 << 20  # whole it would be 550 MB


def test_nothing_to_decode_is_an_error() -> None:
    with pytest.raises(AudioError, match="no sound can be decoded"):
        list(moving_windows(Hour(seconds=0), Path("a"), (22050,), 30.0, 10.0))


def test_of_channels_that_cancel_each_other_the_first_is_taken(wav: Write) -> None:
    one = noise(seconds=4.0, channels=1)
    path = wav("a.wav", np.concatenate([one, -one], axis=1))
    found = list(moving_windows(open_source(path), path, (44100,), 2.0, 1.0))
    for start, _, clip in found:
        expected = one[round(start * 44100) : round((start + 2) * 44100), 0] / 32768
        np.testing.assert_array_equal(clip[44100], expected)
    assert [start for start, _, _ in found] == [0, 1, 2]
