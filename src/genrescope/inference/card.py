"""The card of a model, `model.json`: what goes in, what comes out, and how far to trust it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from genrescope.audio.excerpt import Excerpt
from genrescope.backbones.family import BACKBONES
from genrescope.calibration.coverage import Coverage
from genrescope.calibration.temperature import Calibration
from genrescope.descriptors import EXTRACTOR, Settings
from genrescope.errors import DataError, GenrescopeError
from genrescope.featuresets import KNOWN_SETS
from genrescope.files.atomic import write_json
from genrescope.files.text import parse_json
from genrescope.inference.heads import Head, parse_head
from genrescope.sources import PREDICTED, SOURCES, networks_among
from genrescope.taxonomy.normalise import spelling_key

FORMAT = 2
"""Of the folders written here. Format 1, with one vocabulary and no names of members, is read."""
CARD = "model.json"
GRAPH = "model.onnx"

_READABLE = (1, FORMAT)


@dataclass(frozen=True)
class ModelCard:
    """What is known of a model.

    Attributes:
        name: short name, that of its folder.
        title: one line on what it is.
        genres: of its first vocabulary, in the order of its outputs.
        inputs: values in each input of the graph, by the name of its source.
        prior: share of each genre that the probabilities assume, sum 1.
        calibration: from the graph's scores to probabilities.
        vocabulary: which of `genrescope.taxonomy.vocabulary` the genres are from, if any.
        settings: how its descriptor sets are computed.
        extractor: `genrescope.descriptors.EXTRACTOR` of the vectors it was trained on.
        level: dB RMS (0 dB: a root mean square of 1) to which a song is brought before anything is
            computed of it; None leaves it as it is.
        excerpt_seconds: length of each part of a song that is read.
        excerpt_windows: how many of these, spread over the song; 1: its middle.
        threshold: confidence below which the genre is `unknown`, 0 to 1.
        coverage: what other thresholds would do, if measured.
        heads: the other vocabularies that it predicts, by name.
        members: weight of each row of the output `members`, by its name: that of a source, or of
            several together. Empty: a row for each input, the weights as `card["weights"]`.
        predicted: the networks whose tags its graph predicts without them, in the order of the
            output `student_tags`.
        card: JSON values for people: data, split, scores, weak genres, what would be unfair,
            licence, command, limits.

    Raises:
        DataError: the parts do not fit each other.
    """

    name: str
    title: str
    genres: tuple[str, ...]
    inputs: Mapping[str, int]
    prior: tuple[float, ...]
    calibration: Calibration
    vocabulary: str | None = None
    settings: Settings = field(default_factory=Settings)
    extractor: str = EXTRACTOR
    level: float | None = None
    excerpt_seconds: float = 30.0
    excerpt_windows: int = 1
    threshold: float = 0.0
    coverage: tuple[Coverage, ...] = ()
    heads: Mapping[str, Head] = field(default_factory=dict)
    members: Mapping[str, float] = field(default_factory=dict)
    predicted: tuple[str, ...] = ()
    card: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for fault in _faults(self):
            raise DataError(f"the model's card has {fault}", remedy="install the model again")

    @property
    def sets(self) -> tuple[str, ...]:
        """The descriptor sets among the inputs."""
        return tuple(name for name in self.inputs if name in KNOWN_SETS)

    @property
    def excerpt(self) -> Excerpt:
        """Which part of a song is read, unless a user names another."""
        return Excerpt.windows(self.excerpt_windows, self.excerpt_seconds)

    @property
    def networks(self) -> tuple[str, ...]:
        """The pretrained networks among the inputs."""
        return tuple(network.name for network in networks_among(self.inputs))

    @property
    def tag_sources(self) -> tuple[str, ...]:
        """The sources of the tags of its predictions, in their order."""
        return (*self.networks, *(f"{PREDICTED}{name}" for name in self.predicted))

    @property
    def head(self) -> Head:
        """Of its first vocabulary."""
        return Head(
            self.genres,
            self.prior,
            self.calibration,
            self.threshold,
            self.coverage,
            self.vocabulary,
        )

    @property
    def all_heads(self) -> tuple[Head, ...]:
        """Of each of its vocabularies, the first one first."""
        return (self.head, *self.heads.values())

    @property
    def member_weights(self) -> dict[str, float]:
        """Weight of each row of the output `members`, by its name, in their order."""
        if self.members:
            return dict(self.members)
        noted = self.card.get("weights", {})
        weights = {name: float(noted.get(name, 0)) for name in self.inputs}
        return weights if any(weights.values()) else dict.fromkeys(weights, 1 / len(weights))

    def write(self, folder: Path) -> None:
        """Write `model.json` into `folder`, whole or not at all."""
        content = asdict(self) | {"settings": self.settings.as_json()}
        write_json(folder / CARD, {"format": FORMAT} | content)

    @classmethod
    def read(cls, folder: Path) -> ModelCard:
        """The card in `folder`.

        Raises:
            DataError: there is none, it is damaged, or it is of a model that needs another version
                of genrescope.
        """
        path = folder / CARD
        try:
            content = parse_json(path.read_text(encoding="utf-8"))
            if (found := content.pop("format", None)) not in _READABLE:
                raise DataError(f"format {found} is not {FORMAT}", remedy="update genrescope")
            return cls(**_parsed(content))
        except GenrescopeError as error:
            raise DataError(error.message, place=path, remedy=error.remedy) from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise DataError(
                f"not a model's card: {error}", place=path, remedy="install the model again"
            ) from error


def find_head(heads: tuple[Head, ...], vocabulary: str) -> Head | None:
    """The one of `heads` of the vocabulary of this name, however it is spelt; None: none is."""
    key = spelling_key(vocabulary)
    single = (head for head in heads if head.is_single_label)
    return next((head for head in single if spelling_key(head.vocabulary or "") == key), None)


def _parsed(content: dict[str, Any]) -> dict[str, Any]:
    """JSON values as the fields of a `ModelCard`."""
    first = parse_head(content, content.get("vocabulary"))
    heads = content.get("heads", {})
    return content | {
        "genres": first.genres,
        "prior": first.prior,
        "calibration": first.calibration,
        "coverage": first.coverage,
        "predicted": tuple(content.get("predicted", ())),
        "heads": {name: parse_head(values, name) for name, values in heads.items()},
        "settings": Settings(**content.get("settings", {})),
    }


def _faults(card: ModelCard) -> Iterator[str]:
    """What cannot be, the worst first."""
    yield from card.head.faults()
    for name, head in card.heads.items():
        yield from (f"of {name} {fault}" for fault in head.faults())
    checks = (
        (bool(card.inputs), "no inputs"),
        (card.extractor == EXTRACTOR, f"vectors of '{card.extractor}', here is '{EXTRACTOR}'"),
        (card.excerpt_seconds > 0, f"an excerpt of {card.excerpt_seconds} s"),
        (card.excerpt_windows > 0, f"an excerpt of {card.excerpt_windows} windows"),
        (card.level is None or math.isfinite(card.level), f"a level of {card.level} dB"),
    )
    yield from (fault for holds, fault in checks if not holds)
    for name in card.predicted:
        if name not in BACKBONES:
            yield f"tags of '{name}'"
    for name, dims in card.inputs.items():
        if name not in SOURCES or SOURCES[name].dims != dims:
            yield f"input '{name}' of {dims} values"


@dataclass(frozen=True, eq=False)
class DescribedModel:
    """A model of which the card is read, and nothing loaded.

    Attributes:
        card: what is known of it.
        folder: where it is.
    """

    card: ModelCard
    folder: Path

    @classmethod
    def read(cls, folder: Path) -> DescribedModel:
        """The model in a folder.

        Raises:
            DataError: its card is damaged, or of another version of genrescope.
        """
        return DescribedModel(ModelCard.read(folder), folder)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of card and graph, by which the same model is recognised."""
        digest = hashlib.sha256()
        for name in (CARD, GRAPH):
            digest.update((self.folder / name).read_bytes())
        return digest.hexdigest()
