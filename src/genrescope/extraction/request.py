"""What is wanted of each song, and what makes vectors fit each other."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import DEFAULT_EXCERPT
from genrescope.backbones.family import BACKBONES, check_networks
from genrescope.descriptors import EXTRACTOR, Settings
from genrescope.descriptors.settings import DEFAULT
from genrescope.errors import UsageError
from genrescope.featuresets import FEATURE_SETS
from genrescope.inference.card import DescribedModel
from genrescope.inference.registry import find_model
from genrescope.sources import find_source


@dataclass(frozen=True)
class Request:
    """What is wanted of each song.

    Attributes:
        sets: names from `genrescope.sources.SOURCES`: descriptor sets and pretrained networks; the
            thirteen of `FEATURE_SETS` by default.
        settings: how descriptor sets are computed.
        excerpt: which part of the file is read. Several windows are described as one clip, one
            after the other.
        model: the folder of a model whose inputs the sets are: channels, level and rates are then
            what that model takes. None leaves a song as loud as it is, as the original programs do.

    Raises:
        UsageError: an unknown set, a network that is not installed, or no set at all.
    """

    sets: tuple[str, ...] = tuple(FEATURE_SETS)
    settings: Settings = DEFAULT
    excerpt: Excerpt = DEFAULT_EXCERPT
    model: Path | None = None

    def __post_init__(self) -> None:
        if not self.sets:
            raise UsageError("no feature set is named", remedy="name at least one")
        for name in self.sets:
            find_source(name)
        check_networks(self.sets, "extraction")

    @classmethod
    def of(
        cls,
        sets: Sequence[str] | None = None,
        settings: Settings | None = None,
        excerpt: Excerpt | None = None,
        model: str | os.PathLike[str] | None = None,
    ) -> Request:
        """The request of what a caller named.

        Raises:
            UsageError: as above; or there is no such model, or sets or settings beside one.
        """
        if model is None:
            names = tuple(FEATURE_SETS if sets is None else sets)
            return cls(names, settings or DEFAULT, excerpt or DEFAULT_EXCERPT)
        if sets is not None or settings is not None:
            raise UsageError(
                "a model brings its feature sets and their settings itself",
                remedy="name either a model, or sets and settings",
            )
        folder = find_model(model).absolute()
        card = DescribedModel.read(folder).card
        taken = excerpt or card.excerpt
        return cls(tuple(card.inputs), card.settings, taken, folder)

    @cached_property
    def networks(self) -> tuple[str, ...]:
        """The pretrained networks among the sets."""
        return tuple(name for name in self.sets if name in BACKBONES)

    @cached_property
    def descriptors(self) -> tuple[str, ...]:
        """The descriptor sets among the sets."""
        return tuple(name for name in self.sets if name not in BACKBONES)

    def provenance(self) -> dict[str, Any]:
        """JSON values of how the vectors came about; equal where vectors fit each other."""
        found: dict[str, Any] = {
            "extractor": EXTRACTOR,
            "settings": self.settings.as_json(),
            "excerpt": asdict(self.excerpt),
        }
        if self.networks:
            found["networks"] = {name: BACKBONES[name].origin.sha256 for name in self.networks}
        if self.model is not None:
            found["model"] = DescribedModel.read(self.model).digest
        return found
