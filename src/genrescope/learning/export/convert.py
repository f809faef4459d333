"""Keras models to ONNX, layer by layer: what a model folder holds is what onnxruntime runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from genrescope.errors import UsageError
from genrescope.files.atomic import write_atomic
from genrescope.learning.backend import keras
from genrescope.learning.export.activations import activate, softmax_axis
from genrescope.learning.export.graph import Graph
from genrescope.learning.export.layers import ARRANGING, Call, write_layer


def export_onnx(model: Any, path: Path, *, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Write a functional (or sequential) Keras model as ONNX, float32, any batch size.

    Models inside the model are written out. An output that is probabilities (a softmax, an
    average of softmaxes, or such values concatenated and reshaped) becomes log-probabilities,
    computed without ever taking the logarithm of 0; every other output is left as it is.

    Args:
        model: built; its weights are those that are written.
        path: the file, written whole or not at all.
        inputs: names in the graph, in the order of `model.inputs`.
        outputs: names in the graph, in the order of `model.outputs`.

    Raises:
        UsageError: a layer, named in the message, has no ONNX form here; or the model is not made
            of layers.
    """
    if not _is_graph(model):
        raise UsageError(f"model '{model.name}' cannot be exported: it is not made of layers")
    graph = Graph()
    given = dict(zip(inputs, model.inputs, strict=True))
    wanted = dict(zip(outputs, model.outputs, strict=True))
    walk = _Walk(graph, {id(tensor): name for name, tensor in given.items()})
    for name, tensor in wanted.items():
        graph.rename(walk.logarithm(tensor) or walk.value(tensor), name)
    proto = graph.model(
        {name: tensor.shape for name, tensor in given.items()},
        {name: tensor.shape for name, tensor in wanted.items()},
    )
    write_atomic(path, proto.SerializeToString(deterministic=True))


class _Walk:
    """One model, walked from its outputs to its inputs: a tensor is written when first needed.

    Args:
        graph: what is written.
        values: name in the graph of each input of the model, by `id` of its Keras tensor.
        outside: for a model inside another, in place of `values`: by `id` of each input, the walk
            of the other model and the tensor there that the input is.
    """

    def __init__(
        self,
        graph: Graph,
        values: dict[int, str],
        outside: dict[int, tuple[_Walk, Any]] | None = None,
    ) -> None:
        self._graph = graph
        self._values = values
        self._outside = outside or {}
        self._bodies: dict[int, str] = {}
        self._logarithms: dict[int, str | None] = {}
        self._inside: dict[int, _Walk] = {}

    def value(self, tensor: Any) -> str:
        """Name of a tensor in the graph."""
        if id(tensor) not in self._values:
            self._values[id(tensor)] = self._write(tensor)
        return self._values[id(tensor)]

    def logarithm(self, tensor: Any) -> str | None:
        """Name of the logarithm of a tensor of probabilities; None if it is none of those."""
        if id(tensor) not in self._logarithms:
            self._logarithms[id(tensor)] = self._write_logarithm(tensor)
        return self._logarithms[id(tensor)]

    def _write(self, tensor: Any) -> str:
        if elsewhere := self._elsewhere(tensor):
            walk, same = elsewhere
            return walk.value(same)
        return activate(self._graph, _origin(tensor)[0], self._body(tensor))

    def _write_logarithm(self, tensor: Any) -> str | None:
        if elsewhere := self._elsewhere(tensor):
            walk, same = elsewhere
            return walk.logarithm(same)
        layer, node = _origin(tensor)
        if (axis := softmax_axis(layer)) is not None:
            return self._graph.add("LogSoftmax", self._body(tensor), axis=axis)
        if type(layer) is not keras.layers.Average and type(layer) not in ARRANGING:
            return None
        parts = [self.logarithm(part) for part in node.input_tensors]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        if type(layer) is keras.layers.Average:
            return _log_mean(self._graph, known)
        return write_layer(self._graph, _call(tensor, known))

    def _body(self, tensor: Any) -> str:
        """Name of a tensor before the activation of its layer."""
        if id(tensor) not in self._bodies:
            parts = [self.value(part) for part in _origin(tensor)[1].input_tensors]
            self._bodies[id(tensor)] = write_layer(self._graph, _call(tensor, parts))
        return self._bodies[id(tensor)]

    def _elsewhere(self, tensor: Any) -> tuple[_Walk, Any] | None:
        """Where a tensor is written that is an input from outside or made by a model inside."""
        if id(tensor) in self._outside:
            return self._outside[id(tensor)]
        layer, node = _origin(tensor)
        if not _is_graph(layer):
            return None
        if id(node) not in self._inside:
            sources = zip(layer.inputs, node.input_tensors, strict=True)
            outside = {id(inner): (self, outer) for inner, outer in sources}
            self._inside[id(node)] = _Walk(self._graph, {}, outside)
        return self._inside[id(node)], layer.outputs[tensor._keras_history.tensor_index]


def _is_graph(layer: Any) -> bool:
    """Whether a layer is a model made of other layers, not of code of its own."""
    return isinstance(layer, keras.Model) and hasattr(layer, "inputs")


def _origin(tensor: Any) -> tuple[Any, Any]:
    """The layer that makes a Keras tensor, and the node of that use of the layer."""
    history = tensor._keras_history
    return history.operation, history.operation._inbound_nodes[history.node_index]


def _call(tensor: Any, inputs: Sequence[str]) -> Call:
    layer, node = _origin(tensor)
    shapes = tuple(tuple(part.shape) for part in node.input_tensors)
    return Call(layer, tuple(inputs), shapes, tuple(tensor.shape))


def _log_mean(graph: Graph, logarithms: Sequence[str]) -> str:
    """Logarithm of the mean of values given by their logarithms."""
    parts = [graph.add("Unsqueeze", part, graph.integers(0)) for part in logarithms]
    total = graph.add("ReduceLogSumExp", graph.add("Concat", *parts, axis=0), axes=[0], keepdims=0)
    return graph.add("Sub", total, graph.constant(math.log(len(parts))))
