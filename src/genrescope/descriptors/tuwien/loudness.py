"""Specific loudness: from the power in a Bark band to decibel, phon and sone.

Zwicker, Fastl: Psychoacoustics, 2nd ed., 1999; the pipeline is that of Pampalk, Rauber, Merkl:
Content-based organization and visualization of music archives, ACM Multimedia 2002.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genrescope.descriptors.frames import Floats

BARK_LIMITS = np.array(
    [
        *(0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720),
        *(2000, 2320, 2700, 3150, 3700, 4400, 5300, 6400, 7700, 9500, 12000, 15500),
    ]
)
"""Limits of the 24 critical bands in Hz, shape (25,)."""

BANDS = 24

_PHON = np.array([3.0, 20.0, 40.0, 60.0, 80.0, 100.0])
_CURVES = np.array(
    [  # Hz, and the level in dB that sounds as loud as each of _PHON
        (31.62, 55, 66, 76, 89, 103, 118),
        (50, 40, 52, 64, 79, 96, 110),
        (70.7, 32, 43, 57, 74, 92, 107),
        (100, 24, 37, 51, 70, 88, 105),
        (141.4, 19, 32, 47, 66, 85, 103),
        (200, 14, 27, 43, 63, 83, 102),
        (316.2, 10, 23, 41, 61, 81, 101),
        (500, 6, 21, 41, 60, 80, 100),
        (707.1, 4, 20, 40, 60, 80, 100),
        (1000, 3, 20, 40, 60, 80, 100),
        (1414, 2, 20, 40, 60, 80, 100),
        (1682, 2, 20, 39.5, 59, 79, 99),
        (2000, 0, 19, 38, 56, 76, 97),
        (2515, -2, 16, 35, 53, 72, 94),
        (3162, -5, 13, 33, 52, 70, 90),
        (3976, -4, 13, 33, 53, 70, 90),
        (5000, 0, 18, 35, 56, 75, 95),
        (7071, 5, 22, 41, 61, 79, 100),
        (10000, 10, 25, 46, 65, 83, 103),
        (11890, 14, 30, 50, 70, 87, 105),
        (14140, 25, 40, 60, 80, 95, 108),
        (15500, 35, 50, 70, 90, 105, 115),
    ]
)

EQUAL_LOUDNESS: NDArray[np.float64] = np.array(
    [np.interp(BARK_LIMITS[1:], _CURVES[:, 0], levels) for levels in _CURVES[:, 1:].T]
)
"""Level in dB that sounds as loud as 3, 20, 40, 60, 80 and 100 phon; shape (6, 24)."""

# Phon over decibel is a chain of straight lines. It is written as a sum of hinges, each of which
# adds the change of slope from its knee on, so that no value has to be looked up.
_SLOPES = np.diff(_PHON)[:, None] / np.diff(EQUAL_LOUDNESS, axis=0)
_HINGES = np.diff(_SLOPES, axis=0, prepend=0.0)


def spreading_matrix() -> NDArray[np.float64]:
    """How much each critical band's power masks the others.

    Schroeder, Atal, Hall: Optimizing digital speech coders by exploiting masking properties of the
    human ear, JASA 66(6), 1979.

    Returns:
        Shape (24, 24): the share of band j that reaches band i.
    """
    distance = np.subtract.outer(np.arange(BANDS), np.arange(BANDS)) + 0.474
    decibel = 15.81 + 7.5 * distance - 17.5 * np.sqrt(1.0 + distance**2)
    return np.asarray(10.0 ** (decibel / 10.0))


def phon(power: Floats) -> Floats:
    """Loudness level of band powers; 3 phon for all that lies at the threshold or below.

    Args:
        power: shape (..., 24, t), 1 is 0 dB; smaller values count as 1.

    Returns:
        Same shape and dtype, in phon.
    """
    kind = power.dtype.type
    decibel = np.log(np.maximum(power, kind(1.0)))
    decibel *= kind(10.0 / np.log(10.0))
    level = np.full_like(decibel, _PHON[0])
    above = np.empty_like(decibel)
    for knee, bend in zip(
        EQUAL_LOUDNESS[:-1, :, None].astype(kind), _HINGES[:, :, None].astype(kind), strict=True
    ):
        np.subtract(decibel, knee, out=above)
        np.maximum(above, kind(0.0), out=above)
        above *= bend
        level += above
    return level


def sone(power: Floats) -> Floats:
    """Loudness of band powers.

    2 ** ((phon - 40) / 10) from 40 phon on, (phon / 40) ** 2.642 below; at 40 both are 1, so the
    product of the two, each held at 40, is the one that applies.

    Args:
        power: shape (..., 24, t), 1 is 0 dB.

    Returns:
        Same shape and dtype, in sone: 1 at 40 phon. Silence is not 0, see `phon`.
    """
    kind = power.dtype.type
    loud = phon(power)
    soft = np.minimum(loud, kind(40.0))
    soft /= kind(40.0)
    np.log(soft, out=soft)
    soft *= kind(2.642)
    np.maximum(loud, kind(40.0), out=loud)
    loud -= kind(40.0)
    loud *= kind(np.log(2.0) / 10.0)
    loud += soft
    return np.exp(loud, out=loud)
