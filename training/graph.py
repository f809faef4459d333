"""A fitted model as the one graph that ships: raw vectors in; scores, members and embedding out."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from evidence import FLOOR, MOST, SOURCES, Floats, Scaling
from fitting import Fitted
from heads import Likeness, components
from music import LEAST, MusicHead, Novelty

PLACES = 64  # of the embedding
OPSET = 17


class Projection:
    """Principal components of standardised columns: where a song lies among songs.

    Attributes:
        kernels: by source, (dims, 64).
        bias: (64,).
    """

    def __init__(self, scaled: dict[str, Floats]) -> None:
        count = len(next(iter(scaled.values())))
        basis = components(scaled, np.full(count, 1 / count), PLACES)
        places = sum(scaled[name] @ part for name, part in basis.items())
        spread = places.std(axis=0)
        # Half whitened: the first components, which are largest, do not drown the others.
        scale = 1 / np.sqrt(spread * spread.sum())  # mean square length 1
        self.kernels = {name: part * scale for name, part in basis.items()}
        self.bias = -places.mean(axis=0) * scale

    def places(self, scaled: dict[str, Floats]) -> Floats:
        """(n, 64) of standardised columns by source."""
        return np.asarray(
            sum((scaled[key] @ part for key, part in self.kernels.items()), self.bias)
        )


class _Graph:
    """Nodes and constants, added one after the other."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic] | float) -> str:
        """A constant of float32, or of int64 as it is; its name."""
        array = np.asarray(value)
        array = array if array.dtype == np.int64 else array.astype(np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def half(self, name: str, value: Floats) -> str:
        """A constant that is stored in half precision and computed with in single; its name."""
        self.constants.append(numpy_helper.from_array(value.astype(np.float16), f"{name}.half"))
        return self.add("Cast", [f"{name}.half"], name, to=TensorProto.FLOAT)

    def add(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        """One node; its output's name."""
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def columns(self, source: str, scaling: Scaling) -> str:
        """Standardised columns of a raw vector."""
        x, kind = source, SOURCES[source]
        if kind.probabilities:
            sizes = np.array([kind.first_tag, len(kind.tags)], np.int64)
            parts = [f"{source}.embedding", f"{source}.tags"]
            split = self.constant(f"{source}.sizes", sizes)
            self.nodes.append(helper.make_node("Split", [source, split], parts, axis=1))
            logits = self._logits(parts[1], source)
            x = self.add("Concat", [parts[0], logits], f"{source}.columns", axis=1)
        mean = self.constant(f"{source}.mean", scaling.mean)
        x = self.add("Sub", [x, mean], f"{source}.centred")
        deviation = self.constant(f"{source}.deviation", scaling.deviation)
        x = self.add("Div", [x, deviation], f"{source}.standard")
        limits = [self.constant(f"{source}.{end}", end * MOST) for end in (-1, 1)]
        return self.add("Clip", [x, *limits], f"{source}.scaled")

    def _logits(self, probabilities: str, source: str) -> str:
        ends = [self.constant(f"{source}.{end}", end) for end in (FLOOR, 1 - FLOOR)]
        p = self.add("Clip", [probabilities, *ends], f"{source}.p")
        rest = self.add("Sub", [self.constant(f"{source}.one", 1.0), p], f"{source}.rest")
        return self.add("Log", [self.add("Div", [p, rest], f"{source}.odds")], f"{source}.logits")

    def linear(
        self,
        name: str,
        scaled: dict[str, str],
        kernels: dict[str, Floats],
        bias: Floats,
        half: bool = False,
    ) -> str:
        """Columns by source times kernels, summed; kernels stored in half precision if asked."""
        store = self.half if half else self.constant
        terms = []
        for key, kernel in kernels.items():
            stored = store(f"{name}.{key}.kernel", kernel)
            terms.append(self.add("MatMul", [scaled[key], stored], f"{name}.{key}"))
        terms.append(self.constant(f"{name}.bias", bias))
        return self.add("Sum", terms, f"{name}.sum")

    def likeness(self, name: str, scaled: dict[str, str], likeness: Likeness) -> str:
        """The part of a head that is likeness to songs."""
        count = likeness.centres.shape[1]
        x = self.linear(f"{name}.place", scaled, dict(likeness.basis), np.zeros(count), half=True)
        own = self.add("ReduceSumSquare", [x], f"{name}.length", axes=[1], keepdims=1)
        centres = self.half(f"{name}.centres", likeness.centres.T)
        product = self.add("MatMul", [x, centres], f"{name}.product")
        twice = self.add("Mul", [product, self.constant(f"{name}.two", -2.0)], f"{name}.twice")
        lengths = self.constant(f"{name}.lengths", np.square(likeness.centres).sum(axis=1))
        distance = self.add(
            "Relu", [self.add("Sum", [own, twice, lengths], f"{name}.d")], f"{name}.d2"
        )
        scale = self.constant(f"{name}.scale", -likeness.scale)
        kernel = self.add(
            "Exp", [self.add("Mul", [distance, scale], f"{name}.e")], f"{name}.kernel"
        )
        coefficients = self.constant(f"{name}.coefficients", likeness.coefficients)
        return self.add("MatMul", [kernel, coefficients], f"{name}.like")

    def novelty(self, scaled: dict[str, str], novelty: Novelty, slope: float) -> str:
        """Novelty of a sound, times a slope, (n, 1)."""
        name = f"novelty.{novelty.source}"
        ends = {"start": 0, "end": len(novelty.mean), "axis": 1}
        part = [self.constant(f"{name}.{key}", np.array([n], np.int64)) for key, n in ends.items()]
        x = self.add("Slice", [scaled[novelty.source], *part], f"{name}.embedding")
        x = self.add("Sub", [x, self.constant(f"{name}.mean", novelty.mean)], f"{name}.centred")
        basis = self.half(f"{name}.basis", novelty.basis)
        inside = self.add("MatMul", [x, basis], f"{name}.places")
        back = self.add("Transpose", [basis], f"{name}.back")
        inside = self.add("MatMul", [inside, back], f"{name}.inside")
        outside = self.add("Sub", [x, inside], f"{name}.outside")
        square = self.add("ReduceSumSquare", [outside], f"{name}.square", axes=[1], keepdims=1)
        least = self.constant(f"{name}.least", LEAST)
        bounded = self.add("Add", [square, least], f"{name}.bounded")
        logs = self.add("Log", [bounded], f"{name}.logs")
        return self.add("Mul", [logs, self.constant(f"{name}.slope", slope)], f"{name}.term")


def build(fitted: Fitted, music: MusicHead, projection: Projection, first: str) -> bytes:
    """The ONNX file.

    Args:
        fitted: scalings and heads.
        music: whether it is music.
        projection: to the embedding.
        first: the vocabulary whose scores are called `scores`, and whose members are given.
    """
    graph = _Graph()
    scaled = {name: graph.columns(name, scaling) for name, scaling in fitted.scalings.items()}
    outputs: dict[str, list[int | str]] = {}
    for vocabulary, head in fitted.heads.items():
        name = "scores" if vocabulary == first else f"scores_{vocabulary}"
        logits = graph.linear(name, scaled, dict(head.kernels), head.bias)
        if head.likeness is not None:
            logits = graph.add(
                "Add", [logits, graph.likeness(name, scaled, head.likeness)], f"{name}.both"
            )
        graph.add("LogSoftmax", [logits], name, axis=1)
        outputs[name] = ["n", len(head.bias)]
    kernels, bias = fitted.heads[first].kernels, fitted.heads[first].bias / len(scaled)
    axis = graph.constant("members.axis", np.array([1], np.int64))
    rows = []
    for source in scaled:
        part = graph.linear(f"member_{source}", scaled, {source: kernels[source]}, bias)
        logs = graph.add("LogSoftmax", [part], f"member_{source}.logs", axis=1)
        rows.append(graph.add("Unsqueeze", [logs, axis], f"member_{source}.row"))
    graph.add("Concat", rows, "members", axis=1)
    outputs["members"] = ["n", len(rows), len(bias)]
    place = graph.linear("place", scaled, projection.kernels, projection.bias)
    graph.add("Identity", [place], "embedding")
    outputs["embedding"] = ["n", PLACES]
    column = {name: kernel[:, None] for name, kernel in music.kernels.items()}
    terms = [graph.linear("is_music", scaled, column, np.array([music.bias]))]
    for novelty, slope in zip(music.novelties, music.slopes, strict=True):
        terms.append(graph.novelty(scaled, novelty, slope))
    graph.add("Sum", terms, "music")
    outputs["music"] = ["n", 1]
    return _model(graph, list(scaled), outputs).SerializeToString(deterministic=True)


def _model(graph: _Graph, sources: list[str], outputs: dict[str, list[int | str]]) -> ModelProto:
    proto = helper.make_graph(
        graph.nodes,
        "genrescope",
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", SOURCES[name].dims])
            for name in sources
        ],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in outputs.items()
        ],
        graph.constants,
    )
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(proto, producer_name="genrescope", opset_imports=opset, ir_version=8)
    onnx.checker.check_model(model)
    return model
