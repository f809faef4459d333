"""How the loudness of each critical band fluctuates from frame to frame, for its own loudness.

The rhythm sets measure how fast the loudness fluctuates, the spectrum descriptor how much; this
measures how abruptly: a plucked string and an organ of equal loudness and spread differ here alone.
Related: the delta spectral patterns of Seyerlehner, Widmer, Pohle: Fusing block-level features for
music similarity estimation, DAFx 2010.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.frames import Floats

BANDS = 22  # up to 9.5 kHz: what lies above depends on the codec


def loudness_fluctuation(sones: Floats) -> NDArray[np.float64]:
    """Six statistics of each band's loudness L over a clip, and of its changes D between frames.

    In order: log mean L; the asymmetry (q90 - q50) / (q50 - q10) of its 10th, 50th and 90th
    percentiles; std L / mean L; std D / std L; mean |D| / mean L; mean |D| / std D. Each
    denominator has a small constant added, so that silence has values, too.

    Args:
        sones: shape (k, 24, t), the segments of a clip, from `tuwien.sonogram`.

    Returns:
        Shape (6 * 22,), band fastest.
    """
    used = sones[:, :BANDS].astype(np.float64)
    loudness = used.swapaxes(0, 1).reshape(BANDS, -1)
    change = np.diff(used, axis=-1).swapaxes(0, 1).reshape(BANDS, -1)
    mean, spread = loudness.mean(axis=1), loudness.std(axis=1)
    step, abrupt = np.abs(change).mean(axis=1), change.std(axis=1)
    low, middle, high = _quantiles(loudness, (0.1, 0.5, 0.9))
    return np.concatenate(
        [
            np.log(mean + 0.05),
            (high - middle) / (middle - low + 0.05),
            spread / (mean + 0.01),
            abrupt / (spread + 0.001),
            step / (mean + 0.01),
            step / (abrupt + 0.0001),
        ]
    )


def _quantiles(rows: NDArray[np.float64], shares: tuple[float, ...]) -> NDArray[np.float64]:
    """(shares, rows) by linear interpolation; `np.quantile` loads numpy.ma, as long as a song."""
    places = np.array(shares) * (rows.shape[1] - 1)
    below = places.astype(int)
    above = np.minimum(below + 1, rows.shape[1] - 1)
    ordered = np.sort(rows, axis=1)  # a quarter of what np.partition takes
    first, last = ordered[:, below], ordered[:, above]
    return np.asarray((first + (last - first) * (places - below)).T)
