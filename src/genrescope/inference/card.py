"""The card of a model, `model.json`: what goes in, what comes out, and how far to trust it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from genrescope.backbones.musicnn import DIMS as MUSICNN_DIMS
from genrescope.calibration.coverage import Coverage
from genrescope.calibration.temperature import Calibration
from genrescope.descriptors import EXTRACTOR, Settings
from genrescope.errors import DataError, GenrescopeError
from genrescope.featuresets import KNOWN_SETS
from genrescope.files.atomic import write_json

FORMAT = 1
CARD = "model.json"
GRAPH = "model.onnx"
MUSICNN = "musicnn"
"""Name of the input that the backbone gives: its embedding, then its tags' probabilities."""

_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True)
class ModelCard:
    """What is known of a model.

    Attributes:
        name: short name, that of its folder.
        title: one line on what it is.
        genres: in the order of its outputs.
        vocabulary: which of `genrescope.taxonomy.vocabulary` they are from, if any.
        inputs: values in each input of the graph; names of feature sets, or "musicnn".
        settings: how its feature sets are computed.
        extractor: `genrescope.descriptors.EXTRACTOR` of the vectors it was trained on.
        level: dB RMS (0 dB: a root mean square of 1) to which a song is brought before anything is
            computed of it; None leaves it as it is.
        excerpt_seconds: length of the middle of a song that is read.
        prior: share of each genre that the probabilities assume, sum 1.
        calibration: from the graph's scores to probabilities.
        threshold: confidence below which the answer is `unknown`, 0 to 1.
        coverage: what other thresholds would do, if measured.
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
    threshold: float = 0.0
    coverage: tuple[Coverage, ...] = ()
    card: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for fault in _faults(self):
            raise DataError(f"the model's card says {fault}", remedy="install the model again")

    @property
    def sets(self) -> tuple[str, ...]:
        """The feature sets among the inputs."""
        return tuple(name for name in self.inputs if name != MUSICNN)

    @property
    def hears_backbone(self) -> bool:
        """Whether the backbone's vector is among the inputs."""
        return MUSICNN in self.inputs

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
            content = json.loads(path.read_text(encoding="utf-8"))
            if (found := content.pop("format", None)) != FORMAT:
                raise DataError(f"format {found} is not {FORMAT}", remedy="update genrescope")
            return cls(**_parsed(content))
        except GenrescopeError as error:
            raise DataError(error.message, place=path, remedy=error.remedy) from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise DataError(
                f"not a model's card: {error}", place=path, remedy="install the model again"
            ) from error


def _parsed(content: dict[str, Any]) -> dict[str, Any]:
    """JSON values as the fields of a `ModelCard`."""
    calibration = content["calibration"]
    return content | {
        "genres": tuple(content["genres"]),
        "prior": tuple(map(float, content["prior"])),
        "calibration": Calibration(calibration["temperature"], tuple(calibration["bias"])),
        "settings": Settings(**content.get("settings", {})),
        "coverage": tuple(Coverage(**point) for point in content.get("coverage", ())),
    }


def _faults(card: ModelCard) -> list[str]:
    """What cannot be, the worst first."""
    count = len(card.genres)
    checks = (
        (count > 1 and len(set(card.genres)) == count, f"genres {card.genres}"),
        (bool(card.inputs), "no inputs"),
        (card.extractor == EXTRACTOR, f"vectors of '{card.extractor}', here is '{EXTRACTOR}'"),
        (_is_distribution(card.prior, count), f"shares {card.prior} for {count} genres"),
        (len(card.calibration.bias) == count, f"another number of biases than {count} genres"),
        (0 <= card.threshold <= 1, f"a threshold of {card.threshold}"),
        (card.excerpt_seconds > 0, f"an excerpt of {card.excerpt_seconds} s"),
        (card.level is None or math.isfinite(card.level), f"a level of {card.level} dB"),
    )
    inputs = [
        f"input '{name}' of {dims} values"
        for name, dims in card.inputs.items()
        if dims != _dims(name)
    ]
    return [fault for holds, fault in checks if not holds] + inputs


def _dims(name: str) -> int | None:
    """Values in the input called `name`, None where there is none of that name."""
    if name == MUSICNN:
        return MUSICNN_DIMS
    return KNOWN_SETS[name].dims if name in KNOWN_SETS else None


def _is_distribution(shares: tuple[float, ...], count: int) -> bool:
    return len(shares) == count and min(shares) > 0 and abs(math.fsum(shares) - 1) <= _SUM_TOLERANCE


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
        """SHA-256 of card and graph, to know the same model again."""
        digest = hashlib.sha256()
        for name in (CARD, GRAPH):
            digest.update((self.folder / name).read_bytes())
        return digest.hexdigest()
