"""`genrescope explain`: why a song is of a genre."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.options import AnalysedExcerpt, AsJson, Model, Song
from genrescope.cli.output import write_line
from genrescope.cli.songs.show import check_picture

if TYPE_CHECKING:
    from rich.console import Console

    from genrescope.explanation.attribution import Attributions
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
    json_: AsJson = False,
    model: Model = None,
    excerpt: AnalysedExcerpt = None,
) -> None:
    """Explain why a song is of a genre: what favours it, what it sounds like, what it is near to.

    Each line of the table is one input of the model: what it would predict alone, and how much it
    adds for the likeliest genre (to the right) or for the next (to the left).
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
    from genrescope.report.explanation_text import heading, sentences

    console = plain_console()
    console.print(Text(f"{found.song.path.name}: {heading(found.song.prediction)}", "bold"))
    # That a song is brought to the model's rate is no remark: almost all are.
    for note in (note for note in found.song.notes if not note.startswith("resampled")):
        console.print(Padding(Text(note, "dim"), _INDENT))
    for text in sentences(found):
        console.print(Padding(Text(text), _INDENT))
    if found.attributions is not None and found.song.prediction.music > 0:
        _write_attributions(console, found.attributions)
    if found.neighbours:
        _write_neighbours(console, found)


def _write_attributions(console: Console, attributions: Attributions) -> None:
    """A line an input: what it measures, what it would give alone, and what it adds for which."""
    from rich.table import Table
    from rich.text import Text

    from genrescope.explanation.feature_groups import describe_input

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("measures", no_wrap=True)
    table.add_column("alone", no_wrap=True)
    half = max(_BAR, len(attributions.runner_up) + 2, len(attributions.genre) + 2)
    table.add_column(
        f"{attributions.runner_up + ' <':>{half}} {'> ' + attributions.genre:<{half}}", no_wrap=True
    )
    most = max(abs(item.log_odds) for item in attributions.inputs) or 1.0
    for item in attributions.inputs:
        alone = f"{item.predicted} {100 * item.share:.0f} %"
        bar = _bar(item.log_odds / most, half, console.options.ascii_only)
        style = "green" if item.log_odds > 0 else "yellow"
        table.add_row(describe_input(item.name).description, alone, Text(bar, style))
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
