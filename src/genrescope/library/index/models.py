"""The models of which an index has results, and how it keeps their predictions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.calibration.temperature import Calibration
from genrescope.errors import UsageError
from genrescope.inference.card import DescribedModel, ModelCard
from genrescope.inference.heads import Head
from genrescope.inference.prediction import Prediction
from genrescope.inference.registry import ALIASES, BEST_FIRST, default_model_name, find_model
from genrescope.inference.storage.packing import (
    FIRST_NETWORK,
    name_tags,
    pack,
    pack_tags,
    unpack,
    unpack_tags,
)
from genrescope.library.index.database import Index, stored_json
from genrescope.sources import tagging_network
from genrescope.taxonomy.vocabulary import VOCABULARIES, vocabulary_of

PREDICTION_COLUMNS = "probabilities, music, embedding, tags, heads"
"""Of the table `results`, as `pack_prediction` gives and `IndexedModel.prediction` takes them."""


@dataclass(frozen=True)
class IndexedModel:
    """A model of which the index has results.

    Attributes:
        id: its number in the index.
        name: its name.
        digest: of its files.
        genres: in the order of its outputs.
        threshold: confidence below which the genre is unknown.
        facts: "heads", its vocabularies, and "networks", the sources of the tags that its results
            have; nothing of models that an earlier version noted.
    """

    id: int
    name: str
    digest: str
    genres: tuple[str, ...]
    threshold: float
    facts: str = "{}"

    @cached_property
    def all_heads(self) -> tuple[Head, ...]:
        """Its vocabularies, the first one first."""
        noted = stored_json(self.facts).get("heads")
        if noted is None:  # one vocabulary, every genre as common
            share, name = 1 / len(self.genres), vocabulary_of(self.genres).name
            known = name if name in VOCABULARIES else None
            noted = [[known, self.genres, (share,) * len(self.genres), self.threshold]]
        return tuple(
            Head(tuple(genres), tuple(prior), _plain(len(genres)), threshold, (), name, *more)
            for name, genres, prior, threshold, *more in noted
        )

    @cached_property
    def networks(self) -> tuple[str, ...] | None:
        """The sources of its results' tags; None where an earlier version stored them."""
        noted = stored_json(self.facts).get("networks")
        return None if noted is None else tuple(noted)

    def prediction(self, row: tuple[Any, ...]) -> Prediction | None:
        """What `pack_prediction` packed; None where there is nothing."""
        probabilities, music, embedding, tags, heads = row
        if probabilities is None:
            return None
        return Prediction(
            self.genres,
            unpack_probabilities([probabilities])[0],
            self.threshold,
            music,
            None if embedding is None else unpack(embedding),
            tags=self._tags(tags),
            heads=dict(self._heads(heads)),
        )

    def untagged_prediction(self, row: tuple[Any, ...]) -> Prediction | None:
        """The same without embedding and tags, which take long to unpack."""
        probabilities, music, _, _, heads = row
        return self.prediction((probabilities, music, None, None, heads))

    def _tags(self, blob: bytes | None) -> dict[str, dict[str, float]]:
        if blob is None:
            return {}
        if self.networks is None:
            return name_tags(FIRST_NETWORK, np.frombuffer(blob, np.float32))
        parts, start = {}, 0
        for source in self.networks:
            network = tagging_network(source)
            end = start + 2 * len(network.tags if network else ())
            parts[source] = blob[start:end]
            start = end
        return unpack_tags(parts) if start == len(blob) else {}

    def _heads(self, blob: bytes | None) -> Iterator[tuple[str, NDArray[np.float64]]]:
        if not blob:
            return
        values = np.frombuffer(blob, np.float32).astype(np.float64)
        start = 0
        for head in self.all_heads[1:]:
            part = values[start : start + len(head.genres)]
            start += len(head.genres)
            if len(part) == len(head.genres) and head.vocabulary:
                yield head.vocabulary, part / part.sum()


def pack_prediction(prediction: Prediction) -> tuple[Any, ...]:
    """A prediction as values of `PREDICTION_COLUMNS`."""
    embedding, tags = prediction.embedding, b"".join(pack_tags(prediction.tags).values())
    heads = [values.astype(np.float32).tobytes() for values in prediction.heads.values()]
    return (
        prediction.probabilities.astype(np.float32).tobytes(),
        prediction.music,
        None if embedding is None else pack(embedding),
        tags or None,
        b"".join(heads) or None,
    )


def unpack_probabilities(packed: Sequence[bytes]) -> NDArray[np.float64]:
    """(n, genres) probabilities, sum 1, of the first of `PREDICTION_COLUMNS` of n results."""
    found = np.frombuffer(b"".join(packed), np.float32).astype(np.float64)
    shares = found.reshape(len(packed), -1 if packed else 0)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def note_model(index: Index, card: ModelCard, digest: str) -> int:
    """The number of a model in the index; `use_model` makes it the one whose results count."""
    heads = [[h.vocabulary, h.genres, h.prior, h.threshold, h.least] for h in card.all_heads]
    facts = json.dumps({"heads": heads, "networks": card.tag_sources})
    query = """
        INSERT INTO models (digest, name, genres, threshold, used, facts)
        VALUES (?, ?, ?, ?, CASE WHEN EXISTS (SELECT 1 FROM models) THEN '' ELSE ? END, ?)
        ON CONFLICT (digest) DO UPDATE SET name = excluded.name RETURNING id
    """
    now = datetime.now(UTC).isoformat()
    genres = json.dumps(card.genres)
    with index.transaction():
        found = index.value(query, digest, card.name, genres, card.threshold, now, facts)
        return int(found)


def use_model(index: Index, model: int) -> None:
    """Make a model, by its number, the one last used: the one whose results count."""
    with index.transaction():
        now = datetime.now(UTC).isoformat()
        index.database.execute("UPDATE models SET used = ? WHERE id = ?", (now, model))


def newer_model(index: Index) -> str | None:
    """The default model, where the results that count are of another bundled one, or an older.

    None where they are its own, where a person chose a model of their own, and without results.
    """
    if not has_results(index):
        return None
    used, name = indexed_model(index), default_model_name()
    bundled = used.name in BEST_FIRST or used.name in ALIASES
    return name if bundled and used.digest != DescribedModel.read(find_model(name)).digest else None


def has_results(index: Index) -> bool:
    """Whether any model was run."""
    return bool(index.value("SELECT count(*) FROM models"))


def indexed_model(index: Index, name: str | None = None) -> IndexedModel:
    """The model last used of a name, or of all.

    Raises:
        UsageError: nothing was classified by it.
    """
    query = """
        SELECT id, name, digest, genres, threshold, coalesce(facts, '{}') FROM models
        WHERE name = coalesce(?, name) ORDER BY used DESC, id DESC
    """
    row = next(index.rows(query, name), None)
    if row is None:
        by = f" by the model {name}" if name else ""
        raise UsageError(
            f"nothing in {index.root} was classified{by} so far",
            remedy="genrescope library scan DIR --classify",
        )
    return _model(row)


def model_numbered(index: Index, number: int) -> IndexedModel:
    """The model of a number that `note_model` gave."""
    query = """
        SELECT id, name, digest, genres, threshold, coalesce(facts, '{}') FROM models WHERE id = ?
    """
    return _model(next(index.rows(query, number)))


def _model(row: tuple[Any, ...]) -> IndexedModel:
    number, called, digest, genres, *others = row
    return IndexedModel(number, called, digest, tuple(stored_json(genres)), *others)


def _plain(genres: int) -> Calibration:
    """The calibration of probabilities that are calibrated."""
    return Calibration(1.0, (0.0,) * genres)
