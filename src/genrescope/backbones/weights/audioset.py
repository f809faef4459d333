"""The trained variables of the AudioSet network, rearranged for its graph.

Every convolution is followed by batch normalisation, x to a x + b with a = gamma / sqrt(variance +
0.001), which becomes part of its kernel and bias.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[np.float32]]
_Variables = dict[str, NDArray[np.float64]]

_EPSILON = 1e-3
_KERNEL = ".0.weight"


def graph_tensors(checkpoint: Mapping[str, NDArray[np.generic]]) -> Tensors:
    """The initialisers of the graph, by name, in the order in which they are stored.

    Args:
        checkpoint: the trained variables by their names in PyTorch.

    Raises:
        KeyError: a variable is not there.
    """
    variables = {name: value.astype(np.float64) for name, value in checkpoint.items()}
    tensors: _Variables = {}
    for name, value in variables.items():
        if value.ndim == 4 and name.endswith(_KERNEL):
            tensors |= _folded(variables, name.removesuffix(_KERNEL), value)
        elif ".fc" in name and name.endswith(".weight"):  # a convolution over one point
            tensors |= _dense(variables, name.removesuffix(".weight"), value[:, :, None, None])
    for layer in ("classifier.2", "classifier.5"):
        tensors |= _dense(variables, layer, variables[f"{layer}.weight"])
    return {name: np.ascontiguousarray(value, np.float32) for name, value in tensors.items()}


def _folded(variables: _Variables, layer: str, kernel: NDArray[np.float64]) -> _Variables:
    """Kernel and bias of a convolution with the normalisation after it."""
    scale = variables[f"{layer}.1.weight"] / np.sqrt(variables[f"{layer}.1.running_var"] + _EPSILON)
    bias = variables[f"{layer}.1.bias"] - variables[f"{layer}.1.running_mean"] * scale
    return {f"{layer}.kernel": kernel * scale[:, None, None, None], f"{layer}.bias": bias}


def _dense(variables: _Variables, layer: str, kernel: NDArray[np.float64]) -> _Variables:
    return {f"{layer}.kernel": kernel, f"{layer}.bias": variables[f"{layer}.bias"]}
