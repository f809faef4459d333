"""Keras layers in terms of ONNX operators, one function a layer.

Each function writes what its layer does before its activation (see `activations`). Weights are
combined in float64 and stored as float32.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.errors import UsageError
from genrescope.learning.backend import keras
from genrescope.learning.export.graph import Graph, Shape
from genrescope.learning.layers import LIMIT, RankGaussian, Standardise
from genrescope.learning.quantiles import QuantileTransform

layers = keras.layers


@dataclass(frozen=True)
class Call:
    """A layer applied to tensors.

    Attributes:
        layer: the Keras layer.
        inputs: names of the tensors in the ONNX graph.
        shapes: their shapes, the batch first, as Keras has them.
        shape: shape of the result.
    """

    layer: Any
    inputs: tuple[str, ...]
    shapes: tuple[Shape, ...]
    shape: Shape

    @property
    def input(self) -> str:
        """The only input."""
        return self.inputs[0]

    @property
    def axes(self) -> int:
        """Number of axes of the input."""
        return len(self.shapes[0])

    def weight(self, name: str) -> NDArray[np.float64]:
        """A weight of the layer, by the name of its attribute."""
        return np.asarray(keras.ops.convert_to_numpy(getattr(self.layer, name)), dtype=np.float64)

    def refuse(self, what: str) -> UsageError:
        """The error for a use of the layer that has no ONNX form here."""
        kind = type(self.layer).__name__
        return UsageError(f"layer '{self.layer.name}' ({kind}) cannot be exported: {what}")


def write_layer(graph: Graph, call: Call) -> str:
    """Write `call` up to its activation; the name of the result.

    Raises:
        UsageError: the layer, or this use of it, has no ONNX form here.
    """
    try:
        write = _LAYERS[type(call.layer)]
    except KeyError:
        raise call.refuse("no ONNX form of it is known") from None
    return write(graph, call)


def _unchanged(_: Graph, call: Call) -> str:
    return call.input


def _standardise(graph: Graph, call: Call) -> str:
    x = graph.add("Sub", call.input, graph.constant(call.weight("median")))
    x = graph.add("Asinh", graph.add("Div", x, graph.constant(call.weight("spread"))))
    x = graph.add("Sub", x, graph.constant(call.weight("mean")))
    x = graph.add("Div", x, graph.constant(call.weight("deviation")))
    return graph.add("Clip", x, graph.constant(-LIMIT), graph.constant(LIMIT))


def _rank_gaussian(graph: Graph, call: Call) -> str:
    lines = (call.weight(name) for name in ("start", "width", "rise", "least"))
    return write_polylines(graph, call.input, QuantileTransform(*lines))


def write_polylines(graph: Graph, tensor: str, ranks: QuantileTransform) -> str:
    """Write the ranks of a tensor's columns, (n, dims) to (n, dims); the name of the result."""
    zero, one = graph.constant(0), graph.constant(1)
    parts = [graph.constant(ranks.least)]
    for start, width, rise in zip(ranks.start, ranks.width, ranks.rise, strict=True):
        x = graph.add("Div", graph.add("Sub", tensor, graph.constant(start)), graph.constant(width))
        parts.append(graph.add("Mul", graph.add("Clip", x, zero, one), graph.constant(rise)))
    return graph.add("Sum", *parts)


def _dense(graph: Graph, call: Call) -> str:
    x = graph.add("MatMul", call.input, graph.constant(call.weight("kernel")))
    return graph.add("Add", x, graph.constant(call.weight("bias"))) if call.layer.use_bias else x


def _batch_normalization(graph: Graph, call: Call) -> str:
    """(x - mean) * scale + beta: the mean first, so that a far-off mean costs no digits."""
    layer, shape = call.layer, [1] * call.axes
    shape[layer.axis] = -1
    scale = 1 / np.sqrt(call.weight("moving_variance") + layer.epsilon)
    if layer.scale:
        scale = scale * call.weight("gamma")
    x = graph.add("Sub", call.input, graph.constant(call.weight("moving_mean").reshape(shape)))
    x = graph.add("Mul", x, graph.constant(scale.reshape(shape)))
    if not layer.center:
        return x
    return graph.add("Add", x, graph.constant(call.weight("beta").reshape(shape)))


def _convolution(graph: Graph, call: Call) -> str:
    layer = call.layer
    if layer.padding == "same" and max(layer.dilation_rate) > 1:
        raise call.refuse("dilation with padding 'same'")  # onnxruntime would not run it
    kernel = np.moveaxis(call.weight("kernel"), (-1, -2), (0, 1))  # (out, in, *window)
    inputs = [graph.constant(kernel)]
    if layer.use_bias:
        inputs.append(graph.constant(call.weight("bias")))
    shape = _windows(call, layer.kernel_size, layer.strides)
    shape |= {"dilations": layer.dilation_rate, "group": layer.groups}
    return _channels_first(graph, call, "Conv", *inputs, **shape)


def _pooling(operator: str, graph: Graph, call: Call) -> str:
    # Padding is left out of averages in Keras, and by ONNX's default.
    return _channels_first(
        graph, call, operator, **_windows(call, call.layer.pool_size, call.layer.strides)
    )


def _windows(call: Call, size: tuple[int, ...], strides: tuple[int, ...]) -> dict[str, Any]:
    if call.layer.padding not in ("same", "valid"):
        raise call.refuse(f"padding '{call.layer.padding}'")
    padding = "SAME_UPPER" if call.layer.padding == "same" else "VALID"
    return {"kernel_shape": size, "strides": strides, "auto_pad": padding}


def _channels_first(
    graph: Graph, call: Call, operator: str, *inputs: str, **attributes: Any
) -> str:
    """Write an operator that wants (n, channels, *image), whatever order the layer has."""
    if call.layer.data_format == "channels_first":
        return graph.add(operator, call.input, *inputs, **attributes)
    image = list(range(1, call.axes - 1))
    x = graph.add("Transpose", call.input, perm=[0, call.axes - 1, *image])
    x = graph.add(operator, x, *inputs, **attributes)
    return graph.add("Transpose", x, perm=[0, *(axis + 1 for axis in image), 1])


def _global_pooling(operator: str, graph: Graph, call: Call) -> str:
    first = 2 if call.layer.data_format == "channels_first" else 1
    axes = list(range(first, first + call.axes - 2))
    return graph.add(operator, call.input, axes=axes, keepdims=int(call.layer.keepdims))


def _reshape(graph: Graph, call: Call) -> str:
    # 0 keeps the batch as it is, which -1 could not where the batch is empty.
    sizes = [-1 if size is None else size for size in call.shape[1:]]
    return graph.add("Reshape", call.input, graph.integers(0, *sizes))


def _flatten(graph: Graph, call: Call) -> str:
    if call.layer.data_format == "channels_first" and call.axes > 2:
        raise call.refuse("channels first")
    return _reshape(graph, call)


def _permute(graph: Graph, call: Call) -> str:
    return graph.add("Transpose", call.input, perm=[0, *call.layer.dims])


def _concatenate(graph: Graph, call: Call) -> str:
    return graph.add("Concat", *call.inputs, axis=call.layer.axis)


def _merge(operator: str, graph: Graph, call: Call) -> str:
    if len({len(shape) for shape in call.shapes}) > 1:
        raise call.refuse("its inputs have different numbers of axes")
    if operator == "Mul":  # of two inputs in ONNX
        return reduce(partial(graph.add, operator), call.inputs)
    return graph.add(operator, *call.inputs)


def _relu(graph: Graph, call: Call) -> str:
    layer = call.layer
    if layer.threshold or layer.negative_slope:
        raise call.refuse("a threshold or a slope")
    x = graph.add("Relu", call.input)
    if layer.max_value is None:
        return x
    return graph.add("Min", x, graph.constant(layer.max_value))


_Writer = Callable[[Graph, Call], str]

_IDLE = (layers.Dropout, layers.SpatialDropout2D, layers.GaussianNoise)
"""Layers that do nothing once trained."""

_ARRANGING: dict[type, _Writer] = {
    **dict.fromkeys(_IDLE, _unchanged),
    layers.Flatten: _flatten,
    layers.Reshape: _reshape,
    layers.Permute: _permute,
    layers.Concatenate: _concatenate,
}
ARRANGING = frozenset(_ARRANGING)
"""Layers that move values without changing them: they treat logarithms as they treat values."""

_LAYERS: dict[type, _Writer] = {
    **_ARRANGING,
    Standardise: _standardise,
    RankGaussian: _rank_gaussian,
    layers.Dense: _dense,
    layers.Conv2D: _convolution,
    layers.MaxPooling2D: partial(_pooling, "MaxPool"),
    layers.AveragePooling2D: partial(_pooling, "AveragePool"),
    layers.GlobalMaxPooling2D: partial(_global_pooling, "ReduceMax"),
    layers.GlobalAveragePooling2D: partial(_global_pooling, "ReduceMean"),
    layers.BatchNormalization: _batch_normalization,
    layers.Activation: _unchanged,
    layers.Softmax: _unchanged,
    layers.ReLU: _relu,
    layers.Add: partial(_merge, "Sum"),
    layers.Multiply: partial(_merge, "Mul"),
    layers.Average: partial(_merge, "Mean"),
}
