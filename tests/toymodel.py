"""A small model with random weights, in the form of the real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from genrescope.backbones.backbone import Backbone
from genrescope.backbones.family import BACKBONES
from genrescope.backbones.melpatches import BANDS, PATCH
from genrescope.calibration.temperature import Calibration
from genrescope.inference.card import GRAPH, ModelCard
from genrescope.inference.heads import Head
from genrescope.inference.model import scores_output
from genrescope.sources import SOURCES
from genrescope.taxonomy.vocabulary import GTZAN

GENRES = GTZAN.genres


def write_toy_model(
    folder: Path,
    *,
    inputs: Sequence[str] = ("ssd", "rh"),
    genres: Sequence[str] = GENRES,
    extras: bool = True,
    seed: int = 1,
    heads: Mapping[str, Sequence[str]] | None = None,
    **card: Any,
) -> ModelCard:
    """Write a model into `folder`; `extras`: members, embedding and music besides the scores.

    `heads`: genres of further vocabularies, each predicted by a random layer upon the scores.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = ModelCard(
        name=folder.name,
        title="A toy",
        genres=tuple(genres),
        inputs={name: SOURCES[name].dims for name in inputs},
        **{
            "prior": (1 / len(genres),) * len(genres),
            "calibration": Calibration(1.0, (0.0,) * len(genres)),
            "vocabulary": "GTZAN",
            "level": -20.0,
            "heads": {name: _head(name, tuple(of)) for name, of in (heads or {}).items()},
            **card,
        },
    )
    made.write(folder)
    graph = _graph(made, extras, np.random.default_rng(seed))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    (folder / GRAPH).write_bytes(model.SerializeToString())
    return made


def _head(name: str, genres: tuple[str, ...]) -> Head:
    count = len(genres)
    return Head(genres, (1 / count,) * count, Calibration(1.0, (0.0,) * count), vocabulary=name)


def _graph(card: ModelCard, extras: bool, rng: np.random.Generator) -> onnx.GraphProto:
    """For each input log(1 + |x|), one random layer and log-softmax; their mean, normalised."""
    k = len(card.genres)
    nodes, weights = [], [_tensor("one", np.float32(1)), _tensor("axis", np.array([1]))]
    for name, dims in card.inputs.items():
        layer = rng.normal(0, 3 / np.sqrt(dims), (dims, k)).astype(np.float32)
        weights.append(_tensor(f"{name}_w", layer))
        nodes += [
            helper.make_node("Abs", [name], [f"{name}_a"]),
            helper.make_node("Add", [f"{name}_a", "one"], [f"{name}_b"]),
            helper.make_node("Log", [f"{name}_b"], [f"{name}_c"]),
            helper.make_node("MatMul", [f"{name}_c", f"{name}_w"], [f"{name}_d"]),
            helper.make_node("LogSoftmax", [f"{name}_d"], [f"{name}_e"], axis=1),
            helper.make_node("Unsqueeze", [f"{name}_e", "axis"], [f"{name}_f"]),
        ]
    nodes += [
        helper.make_node("Concat", [f"{name}_f" for name in card.inputs], ["members"], axis=1),
        helper.make_node("ReduceMean", ["members", "axis"], ["mean"], keepdims=0),
        helper.make_node("LogSoftmax", ["mean"], ["scores"], axis=1),
    ]
    outputs = {"scores": [None, k]}
    for name, head in card.heads.items():
        layer = rng.normal(0, 1, (k, len(head.genres))).astype(np.float32)
        weights.append(_tensor(f"{name}_w", layer))
        nodes += [
            helper.make_node("MatMul", ["mean", f"{name}_w"], [f"{name}_x"]),
            helper.make_node("LogSoftmax", [f"{name}_x"], [scores_output(name)], axis=1),
        ]
        outputs[scores_output(name)] = [None, len(head.genres)]
    if extras:
        first = next(iter(card.inputs))
        weights += [_tensor("music_w", np.full((card.inputs[first], 1), 0.1, np.float32))]
        nodes += [
            helper.make_node("Identity", [f"{first}_d"], ["embedding"]),
            helper.make_node("MatMul", [f"{first}_c", "music_w"], ["music_a"]),
            helper.make_node("Squeeze", ["music_a", "axis"], ["music"]),
        ]
        outputs |= {"members": [None, len(card.inputs), k], "embedding": [None, k], "music": [None]}
    return helper.make_graph(
        nodes,
        card.name,
        [_value(name, [None, dims]) for name, dims in card.inputs.items()],
        [_value(name, shape) for name, shape in outputs.items()],
        weights,
    )


def _value(name: str, shape: Sequence[int | None]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))


def _tensor(name: str, values: Any) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(values), name)


def song(seconds: float, rate: int = 22050, channels: int = 1, seed: int = 3) -> Any:
    """(frames, channels) float64: chords over noise that pulses twice a second."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    chord = sum(np.sin(2 * np.pi * hertz * time) for hertz in rng.uniform(100, 2000, 3)) / 10
    # The noise is drawn at one rate and held, so that a song is alike at every rate.
    noise = rng.normal(0, 0.1, round(seconds * 4000) + 1)[(time * 4000).astype(int)]
    mono = chord + noise * (np.sin(2 * np.pi * 2 * time) > 0)
    return np.stack([mono * (1 - 0.2 * channel) for channel in range(channels)], axis=1)


def write_toy_network(folder: Path, network: Backbone = BACKBONES["musicnn"]) -> None:
    """Write a network of mean bands, in the form of the real musicnn."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, tags = np.random.default_rng(9), len(network.tags)
    weights = [
        _tensor("time", np.array([1])),
        _tensor("a_w", rng.normal(0, 0.2, (BANDS, network.embedding)).astype(np.float32)),
        _tensor("b_w", rng.normal(0, 0.2, (BANDS, tags)).astype(np.float32)),
    ]
    nodes = [
        helper.make_node("ReduceMean", ["patches", "time"], ["bands"], keepdims=0),
        helper.make_node("MatMul", ["bands", "a_w"], ["a"]),
        helper.make_node("Relu", ["a"], ["embedding"]),
        helper.make_node("MatMul", ["bands", "b_w"], ["b"]),
        helper.make_node("Sigmoid", ["b"], ["tags"]),
    ]
    graph = helper.make_graph(
        nodes,
        network.name,
        [_value("patches", [None, PATCH, BANDS])],
        [_value("embedding", [None, network.embedding]), _value("tags", [None, tags])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, folder / network.graph)
    (folder / network.weights).touch()
