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
    if rate == original_rate:
        yield from blocks
        return
    stream = soxr.ResampleStream(original_rate, rate, 1, dtype="float32", quality=QUALITY)
    for block in blocks:
        yield stream.resample_chunk(np.ascontiguousarray(block))
    yield stream.resample_chunk(np.empty(0, dtype=np.float32), last=True)
