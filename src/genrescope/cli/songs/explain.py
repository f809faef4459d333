"""`genrescope explain`: why a song is of a genre."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.options import HeardExcerpt, Model, Song
from genrescope.cli.output import write_line
from genrescope.cli.songs.show import check_picture

if TYPE_CHECKING:
    from rich.console import Console

    from genrescope.explanation.attribution import Pulls
    from genrescope.explanation.explain import Explanation

_BAR = 10  # cells on each side, at least
_INDENT = (0, 0, 0, 2)
_SHOWN = 5  # training songs


def explain(
    song: Song,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Draw it too: a PNG, SVG or PDF file."),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    model: Model = None,
    excerpt: HeardExcerpt = None,
) -> None:
    """Say why a song is of a genre: what speaks for it, what it sounds like, what it is near to.

    Each line of the table is one thing that the model listens to: what it would say alone, and how
    strongly it speaks for the likeliest genre (to the right) or for the next (to the left).
    """
    from genrescope.cli.songs.extract import parse_excerpt
    from genrescope.engine.alone import run_alone
    from genrescope.explanation.explain import explain as find_reasons

    if output is not None:
        check_picture(output)
    part = parse_excerpt(excerpt) if excerpt else None
    found = run_alone(partial(find_reasons, song, model, excerpt=part), place=song)
    if json_:
        write_line(json.dumps(found.as_json(), indent=1))
    else:
        _write(found)
    if output is not None:
        from genrescope.report.explain import draw_explanation

        draw_explanation(found, output)
        write_line(f"{output}", err=json_)


def _write(found: Explanation) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from genrescope.cli.output import console as plain_console
    from genrescope.report.because import answer, sentences

    console = plain_console()
    console.print(Text(f"{found.song.path.name}: {answer(found.song.prediction)}", "bold"))
    # That a song is brought to the model's rate is no remark: almost all are.
    for note in (note for note in found.song.notes if not note.startswith("resampled")):
        console.print(Padding(Text(note, "dim"), _INDENT))
    for text in sentences(found):
        console.print(Padding(Text(text), _INDENT))
    if found.pulls is not None and found.song.prediction.music > 0:
        _write_pulls(console, found.pulls)
    if found.neighbours:
        _write_neighbours(console, found)


def _write_pulls(console: Console, pulls: Pulls) -> None:
    """A line an input: what it listens to, what it says, and to which side it pulls."""
    from rich.table import Table
    from rich.text import Text

    from genrescope.explanation.feature_groups import ASPECTS

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("listens to", no_wrap=True)
    table.add_column("says", no_wrap=True)
    half = max(_BAR, len(pulls.other) + 2, len(pulls.best) + 2)
    table.add_column(f"{pulls.other + ' <':>{half}} {'> ' + pulls.best:<{half}}", no_wrap=True)
    most = max(abs(item.log_odds) for item in pulls.inputs) or 1.0
    for item in pulls.inputs:
        says = f"{item.genre} {100 * item.share:.0f} %"
        bar = _bar(item.log_odds / most, half, console.options.ascii_only)
        style = "green" if item.log_odds > 0 else "yellow"
        table.add_row(ASPECTS[item.name].phrase, says, Text(bar, style))
    console.print()
    console.print(table)


def _bar(part: float, half: int, ascii_only: bool) -> str:
    """A bar from the middle, -1 to 1, with `half` cells on each side."""
    full, middle = ("#", "|") if ascii_only else ("█", "│")
    length = round(abs(part) * half)
    left, right = (full * length, "") if part < 0 else ("", full * length)
    return f"{left:>{half}}{middle}{right:<{half}}"


def _write_neighbours(console: Console, found: Explanation) -> None:
    from rich.text import Text

    console.print(Text("\nnearest training songs", "bold"))
    for item in found.neighbours[:_SHOWN]:
        console.print(Text(f"{item.similarity:5.2f}  {item.genre}  {item.id}"))
