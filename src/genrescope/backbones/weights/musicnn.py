"""The trained variables of musicnn, rearranged for its graph.

Every convolution is followed by ReLU, batch normalisation and, in the front end, the maximum over
frequency. Normalisation multiplies a channel by a = gamma / sqrt(variance + 0.001), and where a < 0
the maximum after it is the minimum before it. The graph takes the maximum at once, of s y with
s = sign(a) put into the kernel, and normalises 187 values instead of a whole plane:

    max(a relu(y) + b) = a relu(s max(s y)) + b
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[np.float32]]

FRONT = range(5)  # convolutions whose maximum over frequency is taken
MIDDLE = range(5, 8)
_EPSILON = 1e-3

# The network was trained with maximum and mean of each of the 753 channels side by side; the graph
# has all maxima first.
_POOLED = np.arange(1506).reshape(753, 2).T.ravel()


def graph_tensors(checkpoint: Mapping[str, NDArray[np.float32]]) -> Tensors:
    """The initialisers of the graph, by name, in the order in which they are stored.

    Args:
        checkpoint: the trained variables by their names in TensorFlow.

    Raises:
        KeyError: a variable is not there.
    """
    tensors: Tensors = {}
    tensors["input.scale"], tensors["input.shift"] = _normalisation(checkpoint, 0)
    for index in FRONT:
        scale, shift = _normalisation(checkpoint, index + 1)
        sign = np.where(scale < 0, np.float32(-1), np.float32(1))
        kernel, bias = _convolution(checkpoint, index)
        tensors[f"conv{index}.kernel"] = kernel * sign[:, None, None, None]
        tensors[f"conv{index}.bias"] = bias * sign
        tensors[f"conv{index}.sign"] = sign[:, None]
        tensors[f"conv{index}.scale"] = scale[:, None]
        tensors[f"conv{index}.shift"] = shift[:, None]
    for index in MIDDLE:
        kernel, bias = _convolution(checkpoint, index)
        # (out, 1, time, width) over one plane is (out, width, time) over width channels.
        tensors[f"conv{index}.kernel"] = kernel[:, 0].transpose(0, 2, 1)
        tensors[f"conv{index}.bias"] = bias
        scale, shift = _normalisation(checkpoint, index + 1)
        tensors[f"conv{index}.scale"] = scale[:, None]
        tensors[f"conv{index}.shift"] = shift[:, None]
    scale, shift = _normalisation(checkpoint, 9)
    tensors["pooled.scale"], tensors["pooled.shift"] = scale[_POOLED], shift[_POOLED]
    tensors["dense.kernel"] = checkpoint["dense/kernel"][_POOLED]
    tensors["dense.bias"] = checkpoint["dense/bias"]
    tensors["embedding.scale"], tensors["embedding.shift"] = _normalisation(checkpoint, 10)
    tensors["tags.kernel"] = checkpoint["dense_1/kernel"]
    tensors["tags.bias"] = checkpoint["dense_1/bias"]
    return {name: np.ascontiguousarray(value, np.float32) for name, value in tensors.items()}


def _convolution(
    checkpoint: Mapping[str, NDArray[np.float32]], index: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel (out, in, time, width) and bias (out,)."""
    name = _numbered("conv2d", index)
    return checkpoint[f"{name}/kernel"].transpose(3, 2, 0, 1), checkpoint[f"{name}/bias"]


def _normalisation(
    checkpoint: Mapping[str, NDArray[np.float32]], index: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scale and shift, (channels,) each, of (x - mean) / sqrt(variance + 0.001) gamma + beta."""
    name = _numbered("batch_normalization", index)
    variance = checkpoint[f"{name}/moving_variance"].astype(np.float64)
    scale = checkpoint[f"{name}/gamma"] / np.sqrt(variance + _EPSILON)
    shift = checkpoint[f"{name}/beta"] - checkpoint[f"{name}/moving_mean"] * scale
    return scale.astype(np.float32), shift.astype(np.float32)


def _numbered(name: str, index: int) -> str:
    return f"{name}_{index}" if index else name
