"""The vocabularies that a model was trained on, each with its own calibration."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from genrescope.calibration.coverage import Coverage
from genrescope.calibration.temperature import Calibration

EACH = "each"
"""Vocabulary of a model whose songs have several genres: each genre, then the absence of each."""
_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Head:
    """The output of a model in one vocabulary.

    Attributes:
        genres: in the order of its scores.
        prior: share of each genre that the probabilities assume, sum 1.
        calibration: from scores to probabilities.
        threshold: confidence below which the genre is `unknown`, 0 to 1.
        coverage: what other thresholds would do, if measured.
        vocabulary: which of `genrescope.taxonomy.vocabulary` the genres are from, if any; `EACH`.
        least: of `EACH`, the probability from which each genre is named, 0 to 1.
    """

    genres: tuple[str, ...]
    prior: tuple[float, ...]
    calibration: Calibration
    threshold: float = 0.0
    coverage: tuple[Coverage, ...] = ()
    vocabulary: str | None = None
    least: tuple[float, ...] = ()

    @property
    def is_single_label(self) -> bool:
        """Whether it predicts one genre a song; `EACH` predicts any number."""
        return self.vocabulary != EACH

    def faults(self) -> Iterator[str]:
        """What cannot be, the worst first."""
        count = len(self.genres)
        if count < 2 or len(set(self.genres)) != count:
            yield f"genres {self.genres}"
        if not _is_distribution(self.prior, count):
            yield f"shares {self.prior} for {count} genres"
        if len(self.calibration.bias) != count:
            yield f"another number of biases than {count} genres"
        if not 0 <= self.threshold <= 1:
            yield f"a threshold of {self.threshold}"
        if not self.is_single_label and len(self.least) * 2 != count:
            yield f"{len(self.least)} thresholds for {count // 2} genres"


def parse_head(content: Mapping[str, Any], vocabulary: str | None) -> Head:
    """A head from the JSON values of a card.

    Raises:
        KeyError, TypeError, ValueError: they are none.
    """
    calibration = content["calibration"]
    return Head(
        tuple(content["genres"]),
        tuple(map(float, content["prior"])),
        Calibration(calibration["temperature"], tuple(calibration["bias"])),
        content.get("threshold", 0.0),
        tuple(Coverage(**point) for point in content.get("coverage", ())),
        vocabulary,
        tuple(map(float, content.get("least", ()))),
    )


def _is_distribution(shares: tuple[float, ...], count: int) -> bool:
    return len(shares) == count and min(shares) > 0 and abs(math.fsum(shares) - 1) <= _SUM_TOLERANCE
