"""A model's card for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from genrescope.backbones.family import missing_networks
from genrescope.cli import output
from genrescope.inference.card import ModelCard
from genrescope.inference.heads import EACH

_MOST_THRESHOLDS = 8  # of the coverage curve


def print_card(card: ModelCard, folder: Path, *, everything: bool) -> None:
    """Write a model's card to standard output: the short form, or all of it."""
    console = output.console()
    console.print(Text(card.name, "bold"), Text(card.title))
    console.print(_table(_summary(card)))
    if not everything:
        console.print(Text("--all shows how it was made, measured and calibrated", "dim"))
        return
    console.print()
    console.print(_table((*_facts(card, folder), *_notes(card.card))))
    if card.coverage:
        console.print(_coverage(card))


def _table(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for word, value in rows:
        table.add_row(Text(word), Text(value))
    return table


def _summary(card: ModelCard) -> Iterator[tuple[str, str]]:
    """Genres, how often it is right on other music than it was trained on, what it needs."""
    yield "genres", ", ".join(card.genres)
    if others := [name for name, head in card.heads.items() if head.is_single_label]:
        yield "also", ", ".join(f"--vocabulary {name}" for name in others)
    if each := card.heads.get(EACH):
        yield "several", _shares(zip(each.genres, each.least, strict=False), " from")
    yield from _strange_music(card)
    yield "unknown", f"what it is less than {100 * card.threshold:.0f} % sure of"
    for word in ("weak_genres", "limits"):
        if word in card.card:
            yield word.replace("_", " "), " ".join(_lines(card.card[word]))
    missing = missing_networks(card.inputs)
    needs = (
        f"{name} (genrescope models add {name})" if name in missing else f"{name} (here)"
        for name in card.networks
    )
    yield "needs", ", ".join(needs) or "nothing else"


def _strange_music(card: ModelCard) -> Iterator[tuple[str, str]]:
    """How often it was right on songs of a corpus that was left out of training, if measured."""
    scores = card.card.get("scores")
    scores = scores.get(card.vocabulary) if isinstance(scores, Mapping) else None
    corpora = scores.get("corpus left out") if isinstance(scores, Mapping) else None
    for name, found in corpora.items() if isinstance(corpora, Mapping) else ():
        named = f"names a genre of {_percent(found['named'])}, right of these "
        yield (
            f"right on {name}",
            f"{_percent(found['right'])} of {found['songs']} songs, with {name} left out of "
            f"training; {named}{_percent(found['right of the named'])}",
        )


def _shares(shares: Iterable[tuple[str, float]], word: str = "") -> str:
    return ", ".join(f"{genre}{word} {_percent(share)}" for genre, share in shares)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _facts(card: ModelCard, folder: Path) -> Iterator[tuple[str, str]]:
    """What the program itself goes by."""
    yield "folder", str(folder)
    for head in card.all_heads:
        if head.is_single_label:
            yield head.vocabulary or "genres", _shares(zip(head.genres, head.prior, strict=True))
            yield "threshold", f"{100 * head.threshold:.0f} %: less confidence is unknown"
        else:  # the prior is over each genre and its absence, of all genres together
            songs = [share * len(head.least) for share in head.prior]
            yield "of all songs", _shares(zip(head.genres, songs[: len(head.least)], strict=False))
    yield "made of", ", ".join(f"{name} ({dims} values)" for name, dims in card.inputs.items())
    yield (
        "analyses",
        f"of a song: {card.excerpt}"
        + ("" if card.level is None else f", brought to {card.level:g} dB RMS"),
    )


def _notes(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What its makers note, nested values in one line each."""
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
