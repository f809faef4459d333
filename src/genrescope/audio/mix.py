"""Mono mix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.source import Block


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
