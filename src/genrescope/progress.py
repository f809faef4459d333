"""How far a long run is, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        done: units done (files, bytes, splits); a part of one may count as a fraction.
        total: units in all; None where that is not known.
        failed: units of those done that failed.
        text: what is being done, or what came of it.
    """

    done: float
    total: float | None = None
    failed: int = 0
    text: str = ""


Report = Callable[[Progress], None]
"""Called with every step of a run."""
