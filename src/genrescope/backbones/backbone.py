"""A pretrained network: what is known of it, and how it is run.

Each network is a record (`Backbone`) in a file of its own; `family` lists them. A record names a
graph without weights, which is shipped, and the published file that holds the weights, which is
not: `install` fetches and converts it.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.temperature import logistic
from genrescope.errors import DataError
from genrescope.session import open_session

Samples = NDArray[np.float32]
Tensors = Mapping[str, NDArray[np.float32]]

CHECKSUM = "weights.sha256"
"""In a network's folder: SHA-256 of its weights as they were written, hexadecimal."""

_HERE = Path(__file__).parent


class Tag(NamedTuple):
    """A tag that a network gives.

    Attributes:
        name: as its makers spell it.
        base_rate: its mean probability over songs of many genres; None where it was not measured.
        genre: the genre of the vocabulary `library` that it names; empty where it names none.
    """

    name: str
    base_rate: float | None
    genre: str


@dataclass(frozen=True)
class Origin:
    """The published file that holds a network's weights.

    Attributes:
        file: its name.
        size: bytes.
        sha256: of its content, hexadecimal.
        url: where it is published; empty where it is a Python package.
        requirement: the package and version, as pip names it; empty where there is an address.
    """

    file: str
    size: int
    sha256: str
    url: str = ""
    requirement: str = ""


@dataclass(frozen=True)
class Backbone:
    """What is known of a pretrained network; a `genrescope.sources.VectorSource`.

    Attributes:
        name: short name, that of its folder and of its input in a model's graph.
        title: one line on what it is.
        rate: Hz of the samples that it takes.
        graph: file name of its graph, here and in its folder.
        weights: file name of the weights that the graph points to.
        embedding: values of its penultimate layer.
        tag_table: name of the CSV file of its tags, in the order of its outputs.
        outputs: of the graph: the embedding's name, the tags' name.
        logits: whether the tags' outputs are logits rather than probabilities.
        inputs: samples (n,) to the graph's inputs, each of one window, with an axis of 1 before it.
        convert: content of the published file to the graph's initialisers, in their order, and the
            text of the licence.
        origin: the published file.
        trained_on: the recordings and labels that it was trained on.
        licence: its short name.
        reference: the paper that describes it.
        milliseconds: time for 30 s of sound on one core.
    """

    name: str
    title: str
    rate: int
    graph: str
    weights: str
    embedding: int
    tag_table: str
    outputs: tuple[str, str]
    logits: bool
    inputs: Callable[[Samples], Iterable[NDArray[np.float32]]]
    convert: Callable[[bytes], tuple[Tensors, bytes]]
    origin: Origin
    trained_on: str
    licence: str
    reference: str
    milliseconds: int

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Its tags, in the order of its outputs."""
        return _tags(_HERE / self.tag_table)

    @property
    def tag_names(self) -> tuple[str, ...]:
        """The names of its tags, in the order of its outputs."""
        return tuple(tag.name for tag in self.tags)

    @property
    def dims(self) -> int:
        """Values in its vector: the embedding, then the tags' outputs."""
        return self.embedding + len(self.tags)

    @property
    def columns(self) -> tuple[str, ...]:
        """A readable name for each value of its vector."""
        return (*(f"embedding {i}" for i in range(1, self.embedding + 1)), *self.tag_names)

    def tag_probabilities(self, vector: NDArray[np.float32]) -> NDArray[np.float64]:
        """(tags,) probabilities, 0 to 1, from a vector (dims,)."""
        outputs = vector[self.embedding :].astype(np.float64)
        return logistic(outputs) if self.logits else outputs


class Network:
    """A pretrained network, ready to run.

    Attributes:
        backbone: what is known of it.
        session: the `onnxruntime.InferenceSession`.
    """

    def __init__(self, backbone: Backbone, session: Any) -> None:
        self.backbone = backbone
        self.session = session

    @classmethod
    def load(cls, backbone: Backbone, folder: Path, *, threads: int = 1) -> Network:
        """The network whose graph and weights are in `folder`.

        Raises:
            DataError: they are not there, or damaged.
        """
        try:
            _check_weights(folder / backbone.weights, folder / CHECKSUM)
            return cls(backbone, open_session(folder / backbone.graph, threads=threads))
        except (ValueError, OSError) as error:
            raise DataError(
                f"{backbone.name} cannot be loaded: {error}",
                place=folder,
                remedy=f"fetch it again: genrescope models add {backbone.name}",
            ) from error

    def describe(self, samples: Samples) -> NDArray[np.float32]:
        """(dims,) float32, means over the windows of a clip: the embedding, then the tags' outputs.

        Args:
            samples: (n,) float32 at the network's rate, n > 0, full scale 1.
        """
        rows = [
            np.concatenate(self.run(window), axis=1) for window in self.backbone.inputs(samples)
        ]
        return np.asarray(np.concatenate(rows).mean(axis=0))

    def run(self, window: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The embedding (n, e) and the tags' outputs (n, tags) of n windows in one array."""
        (name,) = (item.name for item in self.session.get_inputs())
        found: list[NDArray[np.float32]] = self.session.run(
            list(self.backbone.outputs), {name: window}
        )
        return found


def file_checksum(path: Path) -> str:
    """SHA-256 of a file's content, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _check_weights(weights: Path, checksum: Path) -> None:
    """Raises: ValueError where the weights are not those that were written.

    Folders of earlier versions have no checksum.
    """
    if checksum.is_file() and checksum.read_text("ascii").strip() != file_checksum(weights):
        raise ValueError("its weights are damaged")


@cache
def _tags(path: Path) -> tuple[Tag, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Tag(row["name"], _number(row["base_rate"]), row["genre"])
            for row in csv.DictReader(file)
        )


def _number(text: str) -> float | None:
    return float(text) if text and math.isfinite(float(text)) else None
