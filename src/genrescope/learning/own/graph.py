"""A fitted model of labels as a graph: the general model's, with the head upon its outputs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from genrescope.calibration.temperature import Calibration
from genrescope.errors import DataError, MissingExtraError
from genrescope.inference.heads import EACH
from genrescope.inference.model import (
    EMBEDDING,
    MUSIC,
    PREDICTED_TAGS,
    SCORES,
    scores_output,
)
from genrescope.learning.export.graph import Graph, Shape
from genrescope.learning.own.assessing import Assessment
from genrescope.learning.own.columns import FLOOR, MOST, Columns, Singles, log_odds
from genrescope.learning.own.familiar import Limit, Surroundings
from genrescope.learning.own.fitting import FittedLabels
from genrescope.learning.own.heads import LabelHead
from genrescope.learning.own.several import EachLabel
from genrescope.sources import SOURCES, networks_among

try:
    import onnx
except ImportError as error:
    raise MissingExtraError.of("train", "writing a model of labels") from error

_LEAST = 1e-7  # probability, before its logarithm is taken
_BASE = "general."  # before the names of the general model's tensors


def write_graph(
    base: Path,
    path: Path,
    columns: Columns,
    fitted: FittedLabels,
    found: Assessment,
) -> None:
    """Write the graph of a model of labels.

    Its scores are log-probabilities of the labels, calibrated, and of `unknown`. Where songs have
    several labels, a second output has the logarithms of the probabilities that a song has each
    label, and that it has not.

    Args:
        base: the general model's graph.
        path: the graph to write.
        columns: of the general model's predictions.
        fitted: what was fitted to them.
        found: its calibration, and the limit of what is unlike all songs.

    Raises:
        DataError: the general model's graph is damaged.
    """
    try:
        model = onnx.load(base)
    except (OSError, ValueError) as error:
        raise DataError(f"not a model's graph: {error}", place=base) from error
    model = onnx.compose.add_prefix(model, _BASE, rename_inputs=False)
    graph = Graph()
    raw = graph.add("Concat", *_columns(graph, columns), axis=1)
    scaling = fitted.scaling
    x = graph.add("Sub", raw, graph.constant(scaling.mean))
    x = graph.add("Mul", x, graph.constant(scaling.scale))
    x = graph.add("Clip", x, graph.constant(-MOST), graph.constant(MOST))
    x = graph.add("Mul", x, graph.constant(scaling.weights))
    unlike = _unlike(graph, x, fitted.surroundings, found.limit)
    outputs: dict[str, Shape] = {SCORES: (None, len(found.songs.labels) + 1)}
    if fitted.each:
        each = _each(graph, x, fitted.each, found.each, unlike)
        graph.rename(_one_of_each(graph, each), SCORES)
        absent = graph.add("Sub", graph.constant(1.0), each)
        outputs[scores_output(EACH)] = (None, 2 * len(found.songs.labels))
        graph.rename(_log(graph, graph.add("Concat", each, absent, axis=1)), scores_output(EACH))
    else:
        graph.rename(_one(graph, x, fitted.head, found.point.calibration, unlike), SCORES)
    kept = [(name, f"{_BASE}{name}") for name in (EMBEDDING, MUSIC, PREDICTED_TAGS)]
    there = {output.name: output for output in model.graph.output}
    for name, full in kept:
        if full in there:
            graph.rename(full, name)
    _extend(model, graph, outputs, {name: there[full] for name, full in kept if full in there})
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString(deterministic=True))


def _columns(graph: Graph, columns: Columns) -> Iterator[str]:
    """The tensors of the blocks, as `Columns.rows` has them."""
    networks = {network.name: network for network in networks_among(columns.card.inputs)}
    first, *others = columns.card.all_heads
    named = [(SCORES, first), *((scores_output(head.vocabulary or ""), head) for head in others)]
    for name, head in named:
        logs = graph.add("Mul", f"{_BASE}{name}", graph.constant(1 / head.calibration.temperature))
        logs = graph.add("Add", logs, graph.constant(head.calibration.bias))
        logs = graph.add("LogSoftmax", logs, axis=1)
        yield graph.add("Max", logs, graph.constant(np.log(FLOOR)))
    yield f"{_BASE}{EMBEDDING}"
    for name, network in networks.items():
        start = SOURCES[name].dims - len(network.tag_names)
        ends = (graph.integers(start), graph.integers(SOURCES[name].dims), graph.integers(1))
        tags = graph.add("Slice", name, *ends)
        if not network.logits:
            tags = graph.add("Clip", tags, graph.constant(FLOOR), graph.constant(1 - FLOOR))
            rest = graph.add("Sub", graph.constant(1.0), tags)
            tags = graph.add("Log", graph.add("Div", tags, rest))
        most = float(log_odds(np.array([1.0]))[0])
        yield graph.add("Clip", tags, graph.constant(-most), graph.constant(most))


def _head(graph: Graph, x: str, head: LabelHead) -> str:
    if head.landmarks is not None:
        distance = _squared_distances(graph, x, head.landmarks)
        x = graph.add("Exp", graph.add("Mul", distance, graph.constant(-head.gamma)))
    scores = graph.add("MatMul", x, graph.constant(head.weights))
    return graph.add("Add", scores, graph.constant(head.bias))


def _one(graph: Graph, x: str, head: LabelHead, calibration: Calibration, unlike: str) -> str:
    """Log-probabilities, (n, labels + 1), of labels that exclude each other, and of `unknown`."""
    logs = graph.add("LogSoftmax", _head(graph, x, head), axis=1)
    logs = graph.add("Mul", logs, graph.constant(1 / calibration.temperature))
    logs = graph.add("Add", logs, graph.constant(calibration.bias))
    logs = graph.add("LogSoftmax", logs, axis=1)
    known = graph.add("Add", logs, _log_sigmoid(graph, graph.add("Neg", unlike)))
    return graph.add("Concat", known, _log_sigmoid(graph, unlike), axis=1)


def _each(graph: Graph, x: str, head: LabelHead, each: EachLabel, unlike: str) -> str:
    """Probabilities, (n, labels), that a song has each label."""
    odds = graph.add("Mul", _head(graph, x, head), graph.constant(each.slopes))
    shares = graph.add("Sigmoid", graph.add("Add", odds, graph.constant(each.biases)))
    return graph.add("Mul", shares, graph.add("Sigmoid", graph.add("Neg", unlike)))


def _one_of_each(graph: Graph, each: str) -> str:
    """Log-probabilities, (n, labels + 1), of which the likeliest label keeps its own.

    The others have theirs, or as much of it as is left; what remains is `unknown`.
    """
    place = graph.add("ArgMax", each, axis=1)
    best = graph.add("GatherElements", each, place, axis=1)
    rest = graph.add("Sub", graph.add("ReduceSum", each, graph.integers(1)), best)
    left = graph.add("Sub", graph.constant(1.0), best)
    part = graph.add("Div", left, graph.add("Max", rest, graph.constant(_LEAST)))
    part = graph.add("Min", part, graph.constant(1.0))
    shares = graph.add("ScatterElements", graph.add("Mul", each, part), place, best, axis=1)
    sums = graph.add("ReduceSum", shares, graph.integers(1))
    unknown = graph.add("Sub", graph.constant(1.0), sums)
    return _log(graph, graph.add("Concat", shares, unknown, axis=1))


def _log(graph: Graph, x: str) -> str:
    return graph.add("Log", graph.add("Max", x, graph.constant(_LEAST)))


def _unlike(graph: Graph, x: str, near: Surroundings, limit: Limit) -> str:
    """Log-odds, (n, 1), that a song is of none of the labels."""
    places = graph.add("MatMul", x, graph.constant(near.projection))
    distance = _squared_distances(graph, places, near.centres)
    halves = graph.add("Mul", distance, graph.constant(-0.5))
    # log sum exp z = z_1 - log softmax(z)_1, which does not overflow
    ends = (graph.integers(0), graph.integers(1), graph.integers(1))
    first = graph.add("Slice", halves, *ends)
    shares = graph.add("Slice", graph.add("LogSoftmax", halves, axis=1), *ends)
    surprise = graph.add("Sub", shares, first)
    above = graph.add("Sub", surprise, graph.constant(limit.middle))
    odds = graph.add("Mul", above, graph.constant(1 / limit.scale))
    return graph.add("Clip", odds, graph.constant(-30.0), graph.constant(30.0))


def _squared_distances(graph: Graph, x: str, others: Singles) -> str:
    """(n, m) of x, (n, columns), and (m, columns), as `heads.squared_distances`."""
    squares = graph.add("Mul", x, x)
    own = graph.add("MatMul", squares, graph.constant(np.ones((others.shape[1], 1))))
    lengths = graph.add("Add", own, graph.constant(np.square(others).sum(axis=1)))
    products = graph.add("MatMul", x, graph.constant(others.T))
    twice = graph.add("Mul", products, graph.constant(2.0))
    return graph.add("Relu", graph.add("Sub", lengths, twice))


def _log_sigmoid(graph: Graph, x: str) -> str:
    return graph.add("Neg", graph.add("Softplus", graph.add("Neg", x)))


def _extend(
    model: onnx.ModelProto,
    graph: Graph,
    outputs: dict[str, Shape],
    kept: dict[str, onnx.ValueInfoProto],
) -> None:
    """Append the nodes and constants of `graph` to a model, and replace its outputs."""
    added = graph.parts(outputs)
    model.graph.node.extend(added.node)
    model.graph.initializer.extend(added.initializer)
    del model.graph.output[:]
    model.graph.output.extend(added.output)
    for name, value in kept.items():
        output = model.graph.output.add()
        output.CopyFrom(value)
        output.name = name
