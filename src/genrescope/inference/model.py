"""Vectors to genres: a trained graph, run by onnxruntime, and the calibration of its card."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from genrescope.backbones.family import BACKBONES
from genrescope.calibration.temperature import logistic
from genrescope.errors import DataError, UsageError
from genrescope.inference.card import GRAPH, DescribedModel, ModelCard
from genrescope.inference.prediction import Prediction
from genrescope.inference.registry import find_model
from genrescope.session import open_session
from genrescope.sources import PREDICTED

SCORES, MEMBERS, EMBEDDING, MUSIC = "scores", "members", "embedding", "music"
"""Outputs of the graph: (n, genres), (n, members, genres), (n, e), and logits (n, 1). All but the
scores may be missing."""
PREDICTED_TAGS = "student_tags"
"""Output of a graph that predicts networks' tags without them: logits (n, tags)."""


def scores_output(vocabulary: str) -> str:
    """The output of the graph that has the scores in another vocabulary, (n, genres)."""
    return f"{SCORES}_{vocabulary}"


@dataclass(frozen=True, eq=False)
class BatchPrediction:
    """What a model predicts of n songs.

    Attributes:
        card: the model's.
        probabilities: (n, genres) calibrated, each row's sum 1.
        music: (n,) probability that it is music at all; 1 where the model has no such output.
        embedding: (n, e) standardised, or None.
        members: (n, members, genres) log-probabilities by member, or None.
        heads: (n, genres) calibrated probabilities in its other vocabularies, by name.
        tags: (n, tags) probabilities of the tags of `card.predicted`, or None.
    """

    card: ModelCard
    probabilities: NDArray[np.float64]
    music: NDArray[np.float64]
    embedding: NDArray[np.float32] | None = None
    members: NDArray[np.float64] | None = None
    heads: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    tags: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.probabilities)

    def prediction(
        self, row: int = 0, tags: Mapping[str, Mapping[str, float]] | None = None
    ) -> Prediction:
        """The prediction of one song, with the tags of the networks by network and tag.

        Those that the model itself predicts in the place of networks' are added.
        """
        return Prediction(
            genres=self.card.genres,
            probabilities=self.probabilities[row],
            threshold=self.card.threshold,
            music=float(self.music[row]),
            embedding=None if self.embedding is None else self.embedding[row],
            members=None if self.members is None else self.members[row],
            tags={**(tags or {}), **dict(self._predicted_tags(row))},
            heads={name: rows[row] for name, rows in self.heads.items()},
        )

    def _predicted_tags(self, row: int) -> Iterator[tuple[str, dict[str, float]]]:
        if self.tags is None:
            return
        start = 0
        for network in self.card.predicted:
            names = BACKBONES[network].tag_names
            part = self.tags[row, start : start + len(names)].tolist()
            yield f"{PREDICTED}{network}", dict(zip(names, part, strict=True))
            start += len(names)


@dataclass(frozen=True, eq=False)
class GenreModel(DescribedModel):
    """A trained model; made by `GenreModel.load`."""

    _session: Any = field(repr=False)

    @classmethod
    def load(cls, name: str | os.PathLike[str] | None = None) -> Self:
        """A model by its name or its folder; the default model where None.

        Raises:
            UsageError: there is no such model.
            DataError: it is damaged, or needs another version of genrescope.
        """
        folder = find_model(name)
        card = ModelCard.read(folder)
        session = _session(folder / GRAPH)
        _check_graph(session, card, folder / GRAPH)
        return cls(card, folder, session)

    def predict(self, inputs: Mapping[str, ArrayLike]) -> BatchPrediction:
        """The genres of n songs.

        Args:
            inputs: by name as in `card.inputs`, each (n, dims), or (dims,) of one song, raw values;
                others are left alone. `genrescope.extract(song, model=...)` gives them.

        Raises:
            UsageError: an input is missing, or of another shape.
            DataError: a value is not finite.
        """
        feed = {name: _rows(inputs, name, dims) for name, dims in self.card.inputs.items()}
        if len({len(rows) for rows in feed.values()}) > 1:
            raise UsageError("the model's inputs are of different numbers of songs")
        names = [item.name for item in self._session.get_outputs()]
        found = dict(zip(names, self._session.run(names, feed), strict=True))
        members = found.get(MEMBERS)
        return BatchPrediction(
            self.card,
            self.card.calibration.apply(found[SCORES]),
            logistic(found[MUSIC].astype(np.float64)).reshape(-1)
            if MUSIC in found
            else np.ones(len(found[SCORES])),
            found.get(EMBEDDING),
            None if members is None else members.astype(np.float64),
            {
                name: head.calibration.apply(found[scores_output(name)])
                for name, head in self.card.heads.items()
            },
            logistic(found[PREDICTED_TAGS].astype(np.float64)) if self.card.predicted else None,
        )


def _session(graph: Path) -> Any:
    try:
        return open_session(graph, quick=True)
    except ValueError as error:
        raise DataError(
            f"not a model's graph: {error}", place=graph, remedy="install the model again"
        ) from error


def _check_graph(session: Any, card: ModelCard, graph: Path) -> None:
    """Raises: DataError where the graph is not the one of the card."""
    inputs = {item.name: item.shape[-1] for item in session.get_inputs()}
    outputs = {item.name: item.shape[-1] for item in session.get_outputs()}
    wanted = {SCORES: card.head} | {scores_output(name): it for name, it in card.heads.items()}
    predicted = sum(len(BACKBONES[name].tags) for name in card.predicted)
    if inputs != dict(card.inputs):
        problem = f"takes {inputs}, its card has {dict(card.inputs)}"
    elif wrong := [n for n, head in wanted.items() if outputs.get(n) != len(head.genres)]:
        count = len(wanted[wrong[0]].genres)
        problem = f"gives {outputs}, its card names {count} genres of {wrong[0]}"
    elif predicted and outputs.get(PREDICTED_TAGS) != predicted:
        problem = f"gives {outputs}, its card names {predicted} tags"
    else:
        return
    raise DataError(f"the graph {problem}", place=graph, remedy="install the model again")


def _rows(inputs: Mapping[str, ArrayLike], name: str, dims: int) -> NDArray[np.float32]:
    """One input, (n, dims) float32."""
    if name not in inputs:
        raise UsageError(f"the model needs {name}", remedy=f"give {name}, (songs, {dims})")
    with np.errstate(over="ignore"):
        rows = np.atleast_2d(np.asarray(inputs[name])).astype(np.float32)
    if rows.ndim != 2 or rows.shape[1] != dims:
        raise UsageError(f"{name} of shape {rows.shape}", remedy=f"give (songs, {dims})")
    if not np.isfinite(rows).all():
        raise DataError(f"{name} holds values that are not finite, or too large")
    return rows
