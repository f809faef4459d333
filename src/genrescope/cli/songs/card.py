"""A model's card for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from genrescope.cli import output
from genrescope.inference.card import ModelCard

_MOST_THRESHOLDS = 8  # of the coverage curve


def print_card(card: ModelCard, folder: Path) -> None:
    """Write a model's card to standard output."""
    console = output.console()
    console.print(Text(card.name, "bold"), Text(card.title))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for word, value in (*_facts(card, folder), *_notes(card.card)):
        table.add_row(Text(word), Text(value))
    console.print(table)
    if card.coverage:
        console.print(_coverage(card))


def _facts(card: ModelCard, folder: Path) -> Iterator[tuple[str, str]]:
    """What the program itself goes by."""
    yield "folder", str(folder)
    for head in card.all_heads:
        shares = zip(head.genres, head.prior, strict=True)
        yield (
            head.vocabulary or "genres",
            ", ".join(f"{genre} {100 * share:.0f} %" for genre, share in shares),
        )
        yield "threshold", f"{100 * head.threshold:.0f} %: less confidence is unknown"
    yield "made of", ", ".join(f"{name} ({dims} values)" for name, dims in card.inputs.items())
    yield (
        "analyses",
        f"the middle {card.excerpt_seconds:g} s"
        + ("" if card.level is None else f", brought to {card.level:g} dB RMS"),
    )


def _notes(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What its makers say, nested values in one line each."""
    for word, value in card.items():
        yield word.replace("_", " "), "\n".join(_lines(value))


def _lines(value: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for word, item in value.items():
            name = f"{prefix}{str(word).replace('_', ' ')}"
            if isinstance(item, Mapping):
                yield from _lines(item, f"{name}, ")
            else:
                yield f"{name}: {' '.join(_lines(item))}"
    elif isinstance(value, list | tuple):
        yield ", ".join(" ".join(_lines(item)) for item in value)
    elif isinstance(value, float):
        yield f"{value:.4g}"
    else:
        yield str(value)


def _coverage(card: ModelCard) -> Table:
    """What some of the thresholds would do."""
    table = Table("threshold", "named", "right of these", box=None, header_style="bold")
    step = -(-len(card.coverage) // _MOST_THRESHOLDS)
    for point in card.coverage[::step]:
        shares = (point.threshold, point.coverage, point.accuracy)
        table.add_row(*(f"{100 * share:.0f} %" for share in shares))
    return table
