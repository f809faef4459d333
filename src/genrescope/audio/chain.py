"""Several streams of one file, one after the other, as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from genrescope.audio.excerpt import Span
from genrescope.audio.mix import mono
from genrescope.audio.resample import resample
from genrescope.audio.source import Block, Source, measure, separately


@dataclass(frozen=True)
class Chain:
    """Streams in their order; see `genrescope.audio.source.Source`.

    Rate and channels are those of the first; a stream of others is resampled, or mixed.

    Attributes:
        links: the streams.
        lengths: of each, in frames at the rate of the first.
    """

    links: Sequence[Source]
    lengths: Sequence[int]
    decoder: str
    rate: int
    channels: int
    frames: int
    cut: bool

    @classmethod
    def of(cls, links: Sequence[Source]) -> Chain:
        """The chain of some streams; those without a known length are measured."""
        first = links[0]
        lengths = [
            round((measure(link) if link.frames is None else link.frames) * first.rate / link.rate)
            for link in links
        ]
        cut = links[-1].cut
        total = sum(lengths)
        return cls(links, lengths, first.decoder, first.rate, first.channels, total, cut)

    def windows(self, spans: Iterable[Span]) -> Iterator[Iterator[Block]]:
        """See `Source.windows`."""
        return separately(self, spans)

    def blocks(self, start: int = 0, count: int | None = None) -> Iterator[Block]:
        """See `Source.blocks`."""
        left = count
        for link, length in zip(self.links, self.lengths, strict=True):
            if start >= length:
                start -= length
                continue
            for block in self._fitted(link, start):
                wanted = block if left is None else block[:left]
                if len(wanted):
                    yield wanted
                left = None if left is None else left - len(wanted)
                if left == 0:
                    return
            start = 0

    def _fitted(self, link: Source, start: int) -> Iterator[Block]:
        """The blocks of a link from frame `start` of its length here."""
        if (link.rate, link.channels) == (self.rate, self.channels):
            yield from link.blocks(start)
            return
        mixed = (mono(block) for block in link.blocks(round(start * link.rate / self.rate)))
        for block in resample(mixed, link.rate, self.rate):
            yield np.repeat(block[:, None], self.channels, axis=1)
