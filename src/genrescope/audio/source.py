"""What a decoder gives: a description of the file and its samples, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.excerpt import MOST_SECONDS, Span
from genrescope.errors import AudioError

Block = NDArray[np.float32]
"""(frames, channels) float32, full scale 1."""


class Source(Protocol):
    """One audio file as one decoder sees it."""

    @property
    def decoder(self) -> str:
        """Name of the decoder."""

    @property
    def rate(self) -> int:
        """Frames a second."""

    @property
    def channels(self) -> int:
        """Channels."""

    @property
    def frames(self) -> int | None:
        """Length that the file declares, in frames; None where it declares none."""

    @property
    def cut(self) -> bool:
        """Whether the file itself shows that its end is missing."""

    def blocks(self, start: int = 0, count: int | None = None) -> Iterator[Block]:
        """Consecutive blocks from frame `start`, `count` frames in all (None: to the end).

        They stop early, without an error, where the file ends or cannot be read further. A block is
        valid until the next one is read.
        """

    def windows(self, spans: Iterable[Span]) -> Iterator[Iterator[Block]]:
        """The blocks of stretches that follow each other, each read before the next."""


def separately(source: Source, spans: Iterable[Span]) -> Iterator[Iterator[Block]]:
    """As `Source.windows`, of a source that opens its file for each."""
    return (source.blocks(*span) for span in spans)


def window(
    positioned: Iterator[tuple[int, Block]], start: int, count: int | None
) -> Iterator[Block]:
    """The `count` frames from `start` on, of (position, samples) in their order."""
    for position, samples in positioned:
        stop = None if count is None else start + count - position
        if stop is not None and stop <= 0:
            return
        wanted = samples[max(0, start - position) : stop]
        if len(wanted):
            yield wanted


def measure(source: Source) -> int:
    """Frames that can be read from the beginning, by reading them; see `bounded`."""
    return sum(len(block) for block in bounded(source.blocks(), source.rate))


def bounded(blocks: Iterable[Block], rate: int) -> Iterator[Block]:
    """The blocks of a source of a rate.

    Raises:
        AudioError: it goes on for two days, as a file without an end does.
    """
    frames = 0
    for block in blocks:
        frames += len(block)
        if frames > MOST_SECONDS * rate:
            raise AudioError(
                f"longer than {MOST_SECONDS // 3600} hours",
                remedy="cut it into pieces",
            )
        yield block
