"""Mono mix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.source import Block

_CANCELLED = 1e-3  # of the channels' mean power: a mix that is 30 dB below has nothing of them


@dataclass
class MixPower:
    """How much of the channels' power is in their mix.

    Attributes:
        mixed: sum of the squares of the mix.
        single: the same of the channels, their mean.
    """

    mixed: float = 0.0
    single: float = 0.0

    def add(self, block: Block, mixed: NDArray[np.float32]) -> None:
        """Take in a block of (frames, channels) and its mix (frames,)."""
        if block.shape[1] > 1:
            every = block.ravel(order="K")
            self.single += float(np.dot(every, every)) / block.shape[1]
            self.mixed += float(np.dot(mixed, mixed))

    @property
    def cancelled(self) -> bool:
        """Whether the channels cancel each other, as two of opposite polarity do."""
        return self.mixed < _CANCELLED * self.single


def mono(block: Block) -> NDArray[np.float32]:
    """The mean of the channels of (frames, channels), shape (frames,); one channel is not copied.

    Exact for 16-bit mono and stereo: float32 holds the sum of two 16-bit integers, and halves it,
    without rounding. The sum over channels, which some tools take, is `channels` times this.
    """
    mixed: NDArray[np.float32] = block[:, 0]
    if block.shape[1] == 1:
        return mixed
    # Adding strided columns takes a twentieth of the time of `mean(axis=1)`.
    mixed = mixed + block[:, 1]
    for channel in range(2, block.shape[1]):
        mixed += block[:, channel]
    mixed /= np.float32(block.shape[1])
    return mixed
