"""Writes `src/genrescope/backbones/musicnn.onnx`: the graph of musicnn, without its weights.

    python training/musicnn_graph.py

The weights are external data in the file `musicnn.weights` beside the graph, one initialiser after
the other, so that a user's machine needs no ONNX library to put both together.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper

from genrescope.backbones.melpatches import BANDS, PATCH
from genrescope.backbones.weights.musicnn import FRONT, MIDDLE, graph_tensors

GRAPH = Path(__file__).parents[1] / "src/genrescope/backbones/musicnn.onnx"
WEIGHTS = "musicnn.weights"

_KERNELS = ((7, 38, 204), (7, 67, 204), (128, 1, 51), (64, 1, 51), (32, 1, 51))  # time, mel, out
_WIDTHS = (561, 64, 64)


def variable_shapes() -> dict[str, tuple[int, ...]]:
    """Shapes of the trained variables, by their names in the checkpoint."""
    shapes: dict[str, tuple[int, ...]] = {}
    convolutions = [(time, width, 1, out) for time, width, out in _KERNELS]
    convolutions += [(7, width, 1, 64) for width in _WIDTHS]
    for index, shape in enumerate(convolutions):
        name = f"conv2d_{index}" if index else "conv2d"
        shapes |= {f"{name}/kernel": shape, f"{name}/bias": shape[-1:]}
    channels = [1, *(shape[-1] for shape in convolutions), 1506, 200]
    for index, count in enumerate(channels):
        name = f"batch_normalization_{index}" if index else "batch_normalization"
        for part in ("gamma", "beta", "moving_mean", "moving_variance"):
            shapes[f"{name}/{part}"] = (count,)
    shapes |= {"dense/kernel": (1506, 200), "dense/bias": (200,)}
    return shapes | {"dense_1/kernel": (200, 50), "dense_1/bias": (50,)}


def build() -> ModelProto:
    """Input `patches` (n, 187, 96); outputs `embedding` (n, 200) and `tags` (n, 50)."""
    nodes: list[NodeProto] = []
    constants = [helper.make_tensor("one", TensorProto.INT64, [1], [1])]
    constants.append(helper.make_tensor("last", TensorProto.INT64, [1], [-1]))

    def add(kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def normalised(x: str, name: str) -> str:
        scaled = add("Mul", [x, f"{name}.scale"], f"{name}.scaled")
        return add("Add", [scaled, f"{name}.shift"], f"{name}.normal")

    x = add("Unsqueeze", [normalised("patches", "input"), "one"], "plane")  # (n, 1, 187, 96)
    front = []
    for index in FRONT:
        time = _KERNELS[index][0]
        before = 3 if index < 2 else (time - 1) // 2  # even kernels: one more frame after
        after = 3 if index < 2 else time // 2
        name = f"conv{index}"
        y = add("Conv", [x, f"{name}.kernel", f"{name}.bias"], name, pads=[before, 0, after, 0])
        y = add("ReduceMax", [y, "last"], f"{name}.max", keepdims=0)  # (n, out, 187)
        y = add("Relu", [add("Mul", [y, f"{name}.sign"], f"{name}.y")], f"{name}.relu")
        front.append(normalised(y, name))
    y = joined = add("Concat", front, "front", axis=1)  # (n, 561, 187)
    parts = [joined]
    for index in MIDDLE:
        name = f"conv{index}"
        z = add("Conv", [y, f"{name}.kernel", f"{name}.bias"], name, pads=[3, 3])
        z = normalised(add("Relu", [z], f"{name}.relu"), name)
        y = z if index == MIDDLE[0] else add("Add", [z, y], f"{name}.sum")  # (n, 64, 187)
        parts.append(y)
    y = add("Concat", parts, "middle", axis=1)  # (n, 753, 187)
    highest = add("ReduceMax", [y, "last"], "highest", keepdims=0)
    mean = add("ReduceMean", [y, "last"], "mean", keepdims=0)
    y = normalised(add("Concat", [highest, mean], "pooled.joined", axis=1), "pooled")
    y = add("Relu", [add("Gemm", [y, "dense.kernel", "dense.bias"], "dense")], "dense.relu")
    scaled = add("Mul", [y, "embedding.scale"], "embedding.scaled")
    add("Add", [scaled, "embedding.shift"], "embedding")
    add("Sigmoid", [add("Gemm", ["embedding", "tags.kernel", "tags.bias"], "logits")], "tags")

    graph = helper.make_graph(
        nodes,
        "musicnn",
        [helper.make_tensor_value_info("patches", TensorProto.FLOAT, ["n", PATCH, BANDS])],
        [
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 200]),
            helper.make_tensor_value_info("tags", TensorProto.FLOAT, ["n", 50]),
        ],
        [*_external(), *constants],
    )
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, producer_name="genrescope", opset_imports=opset, ir_version=8)


def _external() -> list[TensorProto]:
    """The initialisers, each a stretch of the file of weights."""
    empty = {name: np.ones(shape, np.float32) for name, shape in variable_shapes().items()}
    tensors, offset = [], 0
    for name, value in graph_tensors(empty).items():
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=value.shape)
        tensor.data_location = TensorProto.EXTERNAL
        for key, entry in (("location", WEIGHTS), ("offset", offset), ("length", value.nbytes)):
            tensor.external_data.add(key=key, value=str(entry))
        tensors.append(tensor)
        offset += value.nbytes
    return tensors


if __name__ == "__main__":
    model = build()
    GRAPH.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{GRAPH}: {GRAPH.stat().st_size} bytes, {len(model.graph.node)} nodes")
