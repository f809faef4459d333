"""Keras activations in terms of ONNX operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from genrescope.errors import UsageError
from genrescope.learning.backend import keras
from genrescope.learning.export.graph import Graph


def activate(graph: Graph, layer: Any, tensor: str) -> str:
    """Write the activation of `layer`, where it has one.

    Raises:
        UsageError: the activation has no ONNX form here.
    """
    axis = softmax_axis(layer)
    if axis is not None:
        return graph.add("Softmax", tensor, axis=axis)
    name = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if name not in _ACTIVATIONS:
        raise UsageError(f"activation '{name}' of layer '{layer.name}' cannot be exported")
    return _ACTIVATIONS[name](graph, tensor)


def softmax_axis(layer: Any) -> int | None:
    """The axis over which the layer's result sums to 1; None where it ends in no softmax."""
    if type(layer) is keras.layers.Softmax:
        return int(layer.axis)
    return -1 if getattr(layer, "activation", None) is keras.activations.softmax else None


def _silu(graph: Graph, x: str) -> str:
    return graph.add("Mul", x, graph.add("Sigmoid", x))


def _operator(name: str, **attributes: Any) -> Callable[[Graph, str], str]:
    return lambda graph, x: graph.add(name, x, **attributes)


_ACTIVATIONS: dict[str, Callable[[Graph, str], str]] = {
    "linear": lambda _, x: x,
    "relu": _operator("Relu"),
    "silu": _silu,
    "tanh": _operator("Tanh"),
    "sigmoid": _operator("Sigmoid"),
}
