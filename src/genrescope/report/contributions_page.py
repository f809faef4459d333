"""What each set contributes to an ensemble, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genrescope.report.contributions import is_clear, largest_first
from genrescope.report.pictures import Scale, diverging_colours, diverging_scale, is_dark

if TYPE_CHECKING:
    from genrescope.benchmark.contributions import Contributions, Gain

_LIMIT = 0.2  # of a recall's change: colours end here


@dataclass(frozen=True)
class Cell:
    """The change of one genre's recall, and its colour; `clear`: the interval leaves 0 out."""

    value: float
    colour: str
    dark: bool
    clear: bool


@dataclass(frozen=True)
class PageGains:
    """The tables of one page.

    Attributes:
        found: all numbers.
        without: of each set, what it adds to all others, the largest gain first.
        alone: macro recall of each set alone that has members of its own.
        cells: of each of `without`, a cell a genre.
        scale: of the cells.
    """

    found: Contributions
    without: list[Gain]
    alone: dict[str, float]
    cells: list[list[Cell]]
    scale: Scale


def gains_of(found: Contributions) -> PageGains:
    """What the page's template needs."""
    without = largest_first(found.without)
    ends = (
        f"{sign}{100 * _LIMIT:g} points or {more}" for sign, more in (("−", "less"), ("+", "more"))
    )
    return PageGains(
        found,
        without,
        {gain.to[0]: gain.macro_recall.b for gain in found.alone},
        _cells(without),
        diverging_scale("change of recall", *ends),
    )


def _cells(gains: list[Gain]) -> list[list[Cell]]:
    changes = [list(gain.genres.values()) for gain in gains]
    values = np.array([[item.value for item in row] for row in changes])
    return [
        [
            Cell(item.value, colour, is_dark(colour), is_clear(item))
            for item, colour in zip(row, colours, strict=True)
        ]
        for row, colours in zip(changes, diverging_colours(values, _LIMIT), strict=True)
    ]
