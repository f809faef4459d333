"""An ONNX graph being written: nodes and constants, one tensor a name."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from genrescope.errors import MissingExtraError

try:
    import onnx
    from onnx import helper, numpy_helper
except ImportError as error:
    raise MissingExtraError.of("train", "exporting a network") from error

OPSET = 17  # what onnxruntime reads since 1.12; later operators are written in terms of these
IR_VERSION = 8

Shape = tuple[int | None, ...]


class Graph:
    """Nodes in the order of their use, and the constants that they share."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[tuple[str, Shape, bytes], onnx.TensorProto] = {}

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Append a node of one output; the output's name."""
        name = f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def constant(self, values: ArrayLike, dtype: type[np.generic] = np.float32) -> str:
        """The name of a constant; equal ones, such as those of a layer used twice, are one."""
        array = np.ascontiguousarray(np.asarray(values).astype(dtype))
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            name = f"constant_{len(self._constants)}"
            self._constants[key] = numpy_helper.from_array(array, name)
        return str(self._constants[key].name)

    def integers(self, *values: int) -> str:
        """The name of a (values,) int64 constant: axes or a shape."""
        return self.constant(values, np.int64)

    def rename(self, tensor: str, name: str) -> None:
        """Give the value of `tensor` the public name `name`."""
        self._nodes.append(helper.make_node("Identity", [tensor], [name], name=name))

    def parts(
        self, outputs: dict[str, Shape], inputs: dict[str, Shape] | None = None
    ) -> onnx.GraphProto:
        """The nodes and constants so far, with these inputs and outputs."""
        return helper.make_graph(
            self._nodes,
            "genrescope",
            [_float_tensor(*item) for item in (inputs or {}).items()],
            [_float_tensor(*item) for item in outputs.items()],
            list(self._constants.values()),
        )

    def model(self, inputs: dict[str, Shape], outputs: dict[str, Shape]) -> onnx.ModelProto:
        """The whole model, checked; the first axis of every input and output is the batch."""
        model = helper.make_model(
            self.parts(outputs, inputs),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="genrescope",
        )
        onnx.checker.check_model(model, full_check=True)
        return model


def _float_tensor(name: str, shape: Shape) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", *shape[1:]])
