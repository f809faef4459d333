"""Whether a converted network gives the values that the original gives."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones.backbone import Network
from genrescope.errors import DataError


def check_network(network: Network) -> None:
    """Compare what `network` gives for noise with what the original gives.

    `known_values.json` has, by network, the shape of the noise, some values of each output (every
    so many of them; each depends on every convolution and every normalisation), and by how much
    they may differ.

    Raises:
        DataError: they differ by more.
    """
    known = _known_values()[network.backbone.name]
    outputs = network.run(noise(known["shape"]))
    for (step, values), output in zip(known["outputs"], outputs, strict=True):
        away = float(np.abs(output[0, ::step] - np.array(values)).max())
        if not away <= known["tolerance"]:  # NaN is no agreement either
            message = f"{network.backbone.name} does not give its known values: {away:.2g} away"
            raise DataError(message, remedy="another version of onnxruntime may help")


def noise(shape: Sequence[int]) -> NDArray[np.float32]:
    """Uniform noise, 0 to 1, by the one generator that Python promises to keep."""
    generator = random.Random(0)
    values = [generator.random() for _ in range(math.prod(shape))]
    return np.array(values, np.float32).reshape(shape)


@cache
def _known_values() -> dict[str, Any]:
    path = Path(__file__).with_name("known_values.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))
