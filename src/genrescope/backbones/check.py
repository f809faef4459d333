"""Whether a converted musicnn says what the original says."""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones.melpatches import BANDS, PATCH
from genrescope.backbones.musicnn import Musicnn
from genrescope.errors import DataError

# What the original graph gives in TensorFlow for the patch below: every tenth value of the
# embedding, every fifth tag. Each depends on every convolution and every normalisation.
_EMBEDDING = (
    *(-0.17718, 0.93325, -0.20005, -0.45887, -0.13595, 0.38905, -0.24989, 0.05155, 1.10044),
    *(-0.36386, -0.35264, 1.54314, -0.15742, -0.09639, 0.89143, 0.88062, 0.08959, -0.44989),
    *(0.77340, 0.33491),
)
_TAGS = (0.13185, 0.03243, 0.02171, 0.00764, 0.02224, 0.00127, 0.12070, 0.00263, 0.00653, 0.00513)
_TOLERANCE = 1e-4


def check_musicnn(network: Musicnn) -> None:
    """Compare what `network` says of a patch of noise with what the original says.

    Raises:
        DataError: they differ by more than 0.0001.
    """
    embedding, tags = network.patches(noise_patch())
    found = np.concatenate([embedding[0, ::10], tags[0, ::5]])
    difference = float(np.abs(found - (*_EMBEDDING, *_TAGS)).max())
    if not difference <= _TOLERANCE:  # NaN is no agreement either
        message = f"musicnn does not give its known values: {difference:.2g} away"
        raise DataError(message, remedy="another version of onnxruntime may help")


def noise_patch() -> NDArray[np.float32]:
    """(1, 187, 96) uniform noise, 0 to 1, by the one generator that Python promises to keep."""
    generator = random.Random(0)
    values = [generator.random() for _ in range(PATCH * BANDS)]
    return np.array(values, np.float32).reshape(1, PATCH, BANDS)
