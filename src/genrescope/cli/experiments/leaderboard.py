"""`genrescope benchmark compare` and `leaderboard`: results that are there, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genrescope.cli.options import command_line, output_option, seed_option
from genrescope.cli.output import console as output_console
from genrescope.cli.output import write_line

_A = typer.Argument(
    metavar="A.npz",
    help="Predictions: predictions/NAME.npz in the output folder of a benchmark.",
    show_default=False,
)
_B = typer.Argument(
    metavar="B.npz",
    help="Those of another learner on the same songs under the same protocol.",
    show_default=False,
)


def compare(
    a: Annotated[Path, _A],
    b: Annotated[Path, _B],
    resamples: Annotated[int, typer.Option(min=1, help="Resamples of the bootstrap.")] = 1000,
    seed: Annotated[int, seed_option("Seed of the bootstrap.")] = 0,
) -> None:
    """Compare two learners on the same songs by a paired bootstrap."""
    from genrescope.evaluation import paired
    from genrescope.evaluation.predictions import Predictions
    from genrescope.report.terminal import differences_table

    found = paired.compare(Predictions.load(a), Predictions.load(b), resamples=resamples, seed=seed)
    names = (a.stem, b.stem) if a.stem != b.stem else (str(a), str(b))
    for letter, name in zip("AB", names, strict=True):
        write_line(f"{letter}: {name}")
    output_console().print(differences_table(found))


def leaderboard(
    folders: Annotated[
        list[Path],
        typer.Argument(help="Output folders of benchmarks.", show_default=False),
    ],
    output: Annotated[Path, output_option("The page, in Markdown.", "--output", "-o")] = Path(
        "leaderboard.md"
    ),
) -> None:
    """Write all results of some benchmarks on one page, best first, with their commands.

    The page is leaderboard.md in the present folder, unless --output names another.
    """
    from genrescope.files.atomic import write_atomic
    from genrescope.report.leaderboard import leaderboard as page_of
    from genrescope.report.leaderboard import load_sections

    write_atomic(output, page_of(load_sections(folders), command_line()).encode())
    write_line(f"leaderboard: {output}")
