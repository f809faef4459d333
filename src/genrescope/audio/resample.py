"""Change of sampling rate, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float32]

# HQ costs as much as the coarser settings where the rate is halved (docs/performance.md).
QUALITY = "HQ"


def resample(blocks: Iterable[Samples], original_rate: int, rate: int) -> Iterator[Samples]:
    """Blocks of mono samples at `original_rate` Hz as blocks at `rate` Hz.

    The result is that of resampling all samples in one piece: libsoxr's band-limited conversion,
    in phase, `round(n * rate / original_rate)` samples, zeros assumed before and after.
    """
    resampler = Resampler(original_rate, rate)
    yield from map(resampler.push, blocks)
    yield resampler.finish()


class Resampler:
    """Blocks at one rate to blocks at another, as they come; see `resample`."""

    def __init__(self, original_rate: int, rate: int) -> None:
        same = rate == original_rate
        self._stream = None if same else _stream(original_rate, rate)

    def push(self, block: Samples) -> Samples:
        """The samples that are known after one more block."""
        if self._stream is None:
            return block
        samples: Samples = self._stream.resample_chunk(np.ascontiguousarray(block))
        return samples

    def finish(self) -> Samples:
        """What is left at the end."""
        rest = np.empty(0, dtype=np.float32)
        if self._stream is None:
            return rest
        samples: Samples = self._stream.resample_chunk(rest, last=True)
        return samples


def _stream(original_rate: int, rate: int) -> soxr.ResampleStream:
    return soxr.ResampleStream(original_rate, rate, 1, dtype="float32", quality=QUALITY)
