"""Trained networks as the one graph that ships: raw vectors in; scores, members and place out."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from genrescope.learning.backend import keras
from genrescope.learning.export.convert import export_onnx

layers = keras.layers


def assemble(
    members: list[Any],
    music: Any,
    inputs: dict[str, int],
    weights: dict[str, float],
    projection: Projection,
) -> bytes:
    """The ONNX file.

    Args:
        members: of `train_members`, one a seed; their probabilities are averaged.
        music: of `train_music`; its inputs are among `inputs`.
        inputs: those of the graph, in the order of `members` in its output.
        weights: of each member's log-probabilities in the score; 0 where none is given.
        projection: from standardised vectors to the embedding.
    """
    given = [keras.Input((dims,), name=name) for name, dims in inputs.items()]
    tensors = dict(zip(inputs, given, strict=True))
    voted = [_parts(model, inputs)(given) for model in members]
    outputs = {}
    for index, name in enumerate(inputs):
        answers = [answer[index] if len(inputs) > 1 else answer for answer in voted]
        outputs[f"member_{name}"] = layers.Average()(answers) if len(answers) > 1 else answers[0]
    outputs["music"] = music([tensors[item.name] for item in music.inputs])
    outputs["embedding"] = projection.layer()(
        _standardised(members[0], projection.inputs)([tensors[name] for name in projection.inputs])
    )
    whole = keras.Model(given, list(outputs.values()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parts.onnx"
        export_onnx(whole, path, inputs=list(inputs), outputs=list(outputs))
        proto = onnx.load(path)
    _join(proto, inputs, weights)
    return proto.SerializeToString(deterministic=True)


class Projection:
    """Principal components of standardised vectors: where a song lies among songs.

    Attributes:
        inputs: whose standardised columns are joined.
        kernel: (columns, places).
        bias: (places,).
    """

    def __init__(
        self, model: Any, vectors: dict[str, NDArray[np.float32]], inputs: tuple[str, ...]
    ):
        self.inputs = inputs
        given = [vectors[name] for name in inputs]
        values = _standardised(model, inputs).predict(given, 1024, verbose=0).astype(np.float64)
        centre = values.mean(axis=0)
        _, sizes, axes = np.linalg.svd(values - centre, full_matrices=False)
        count = min(_PLACES, len(sizes))
        spread = sizes[:count] / np.sqrt(len(values))
        # Half whitened: the first components, which are loudest, do not drown the others.
        self.kernel = axes[:count].T / np.sqrt(spread)
        self.kernel /= np.sqrt(spread.sum())  # mean square length 1
        self.bias = -centre @ self.kernel

    def layer(self) -> Any:
        """As a Keras layer."""
        layer = layers.Dense(self.kernel.shape[1], name="embedding")
        layer.build((None, len(self.kernel)))
        layer.set_weights([self.kernel, self.bias])
        return layer


_PLACES = 64


def _parts(model: Any, inputs: dict[str, int]) -> Any:
    """The members of some inputs alone."""
    given = dict(zip((item.name for item in model.inputs), model.inputs, strict=True))
    outputs = [model.get_layer(f"genres_{name}").output for name in inputs]
    return keras.Model([given[name] for name in inputs], outputs)


def _standardised(model: Any, inputs: tuple[str, ...]) -> Any:
    """Standardised columns of some inputs, joined."""
    given = dict(zip((item.name for item in model.inputs), model.inputs, strict=True))
    parts = [model.get_layer(f"standardise_{name}").output for name in inputs]
    joined = layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    return keras.Model([given[name] for name in inputs], joined)


def _join(proto: onnx.ModelProto, inputs: dict[str, int], weights: dict[str, float]) -> None:
    """Add the members' weighted sum, and give the members as one output."""
    graph = proto.graph
    size = np.array([[weights.get(name, 0.0)] for name in inputs], np.float32)
    graph.initializer.append(numpy_helper.from_array(size, "weights"))
    graph.initializer.append(numpy_helper.from_array(np.array([1], np.int64), "member_axis"))
    rows = []
    for name in inputs:
        rows.append(f"row_{name}")
        graph.node.append(
            helper.make_node("Unsqueeze", [f"member_{name}", "member_axis"], [rows[-1]])
        )
    graph.node.append(helper.make_node("Concat", rows, ["members"], axis=1))
    graph.node.append(helper.make_node("Mul", ["members", "weights"], ["weighted"]))
    graph.node.append(
        helper.make_node("ReduceSum", ["weighted", "member_axis"], ["sum"], keepdims=0)
    )
    graph.node.append(helper.make_node("LogSoftmax", ["sum"], ["scores"], axis=1))
    kept = [output for output in graph.output if not output.name.startswith("member_")]
    del graph.output[:]
    graph.output.extend(kept)
    for name, shape in (("scores", ["n", 10]), ("members", ["n", len(inputs), 10])):
        graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    onnx.checker.check_model(proto)
