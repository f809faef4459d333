"""Writes `audioset.onnx`: the graph of the AudioSet network, without its weights.

    python training/audioset_graph.py mn04_as_mAP_432.pt

The weights are external data in the file `audioset.weights` beside the graph, one initialiser after
the other, so that a user's machine needs no ONNX library to put both together. Of the checkpoint
only names and shapes are used.
"""

from __future__ import annotations

import sys
from pathlib import Path

from onnx import ModelProto, NodeProto, TensorProto, helper

from genrescope.backbones.audioset import AUDIOSET, BANDS
from genrescope.backbones.weights.audioset import Tensors, graph_tensors
from genrescope.backbones.weights.torch_checkpoint import read_torch_checkpoint

GRAPH = Path(__file__).parents[1] / "src/genrescope/backbones/audioset.onnx"

# Stride and activation of the inverted residual blocks 1 to 15.
_STRIDES = (1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1)
FEATURES = 384
_RELU_UP_TO = 6  # later blocks have h-swish
_SQUEEZE = "conc_se_layers.0"


class _Graph:
    """Nodes added one after the other."""

    def __init__(self, tensors: Tensors) -> None:
        self.tensors = tensors
        self.nodes: list[NodeProto] = []

    def add(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        """One node; its output's name."""
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def activated(self, x: str, kind: str) -> str:
        """ReLU or x relu6(x + 3) / 6."""
        if kind == "Relu":
            return self.add("Relu", [x], f"{x}.relu")
        gate = self.add("HardSigmoid", [x], f"{x}.gate", alpha=1 / 6, beta=0.5)
        return self.add("Mul", [x, gate], f"{x}.swish")

    def convolution(self, x: str, layer: str, stride: int = 1) -> str:
        """A convolution, depthwise where its kernel has one input channel of many."""
        out, given, size, _ = self.tensors[f"{layer}.kernel"].shape
        group = out if given == 1 and layer != "features.0" else 1
        return self.add(
            *("Conv", [x, f"{layer}.kernel", f"{layer}.bias"], layer),
            strides=[stride, stride],
            pads=[(size - 1) // 2] * 4,
            group=group,
        )

    def squeezed(self, x: str, layer: str) -> str:
        """Channels weighted by what their means over frequency and time give."""
        y = self.add("ReduceMean", [x, "plane"], f"{layer}.mean")
        y = self.activated(self.convolution(y, f"{layer}.fc1"), "Relu")
        y = self.add("Sigmoid", [self.convolution(y, f"{layer}.fc2")], f"{layer}.gate")
        return self.add("Mul", [x, y], f"{layer}.scaled")

    def block(self, x: str, index: int, channels: int) -> str:
        """An inverted residual block; `channels` of x."""
        kind = "Relu" if index <= _RELU_UP_TO else "HardSwish"
        stride = _STRIDES[index - 1]
        layers = [f"features.{index}.block.{part}" for part in range(4)]
        convolutions = [layer for layer in layers if f"{layer}.kernel" in self.tensors]
        y = x
        for layer in convolutions[:-1]:
            depthwise = self.tensors[f"{layer}.kernel"].shape[1] == 1
            y = self.activated(self.convolution(y, layer, stride if depthwise else 1), kind)
        if f"{layers[2]}.{_SQUEEZE}.fc1.kernel" in self.tensors:
            y = self.squeezed(y, f"{layers[2]}.{_SQUEEZE}")
        y = self.convolution(y, convolutions[-1])
        same = self.tensors[f"{convolutions[-1]}.kernel"].shape[0] == channels
        return self.add("Add", [x, y], f"features.{index}.sum") if stride == 1 and same else y


def build(tensors: Tensors) -> ModelProto:
    """Input `mel` (n, 1, 128, frames); outputs `features`, `embedding` and `logits`.

    Args:
        tensors: of `graph_tensors`; only names and shapes matter.
    """
    graph = _Graph(tensors)
    x = graph.activated(graph.convolution("mel", "features.0", 2), "HardSwish")
    channels = 8
    for index in range(1, len(_STRIDES) + 1):
        x = graph.block(x, index, channels)
        channels = next(
            tensors[name].shape[0]
            for part in (3, 2, 1)
            if (name := f"features.{index}.block.{part}.kernel") in tensors
        )
    x = graph.activated(graph.convolution(x, "features.16"), "HardSwish")
    graph.add("ReduceMean", [x, "plane"], "features", keepdims=0)
    dense = ["classifier.2.kernel", "classifier.2.bias"]
    hidden = graph.activated(graph.add("Gemm", ["features", *dense], "hidden", transB=1), "Swish")
    graph.add("Identity", [hidden], "embedding")
    dense = ["classifier.5.kernel", "classifier.5.bias"]
    graph.add("Gemm", ["embedding", *dense], "logits", transB=1)
    return _model(graph.nodes, tensors)


def _model(nodes: list[NodeProto], tensors: Tensors) -> ModelProto:
    widths = {
        "features": FEATURES,
        "embedding": AUDIOSET.embedding,
        "logits": len(AUDIOSET.tags),
    }
    graph = helper.make_graph(
        nodes,
        "audioset",
        [helper.make_tensor_value_info("mel", TensorProto.FLOAT, ["n", 1, BANDS, "frames"])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", dims])
            for name, dims in widths.items()
        ],
        [*_external(tensors), helper.make_tensor("plane", TensorProto.INT64, [2], [2, 3])],
    )
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, producer_name="genrescope", opset_imports=opset, ir_version=8)


def _external(tensors: Tensors) -> list[TensorProto]:
    """The initialisers, each a stretch of the file of weights."""
    found, offset = [], 0
    for name, value in tensors.items():
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=value.shape)
        tensor.data_location = TensorProto.EXTERNAL
        for key, entry in (
            ("location", AUDIOSET.weights),
            ("offset", offset),
            ("length", value.nbytes),
        ):
            tensor.external_data.add(key=key, value=str(entry))
        found.append(tensor)
        offset += value.nbytes
    return found


if __name__ == "__main__":
    checkpoint = read_torch_checkpoint(Path(sys.argv[1]).read_bytes(), AUDIOSET.origin.sha256)
    model = build(graph_tensors(checkpoint))
    GRAPH.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{GRAPH}: {GRAPH.stat().st_size} bytes, {len(model.graph.node)} nodes")
