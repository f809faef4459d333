"""Which critical bands grow loud together.

The correlation pattern of Seyerlehner, Widmer, Pohle: Fusing block-level features for music
similarity estimation, DAFx 2010, on the loudness of critical bands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.frames import Floats

BANDS = 22  # up to 9.5 kHz: what lies above tells the codec
PAIRS = np.triu_indices(BANDS, 1)
"""The two bands of each value, 0-based."""


def band_correlation(sones: Floats) -> NDArray[np.float64]:
    """Pearson's correlation of the loudness of each two bands, the median over the segments.

    A band that does not change within a segment is not correlated with any.

    Args:
        sones: shape (k, 24, t), from `tuwien.sonogram`.

    Returns:
        Shape (231,), from -1 to 1, in the order of `PAIRS`.
    """
    used = sones[:, :BANDS].astype(np.float64)
    centred = used - used.mean(axis=-1, keepdims=True)
    norm = np.sqrt(np.sum(centred * centred, axis=-1, keepdims=True))
    moves = norm > 1e-6 * np.abs(used).max(axis=-1, keepdims=True, initial=0.0)
    unit = np.where(moves, centred / np.where(moves, norm, 1.0), 0.0)
    by_segment = unit @ unit.swapaxes(-1, -2)
    return np.asarray(np.median(by_segment, axis=0)[PAIRS])
