"""`genrescope benchmark songs`: songs as a learner that never saw them classifies them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.options import seed_option
from genrescope.cli.output import console as output_console
from genrescope.cli.output import write_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from genrescope.evaluation.predictions import Predictions


def songs(
    folder: Annotated[
        Path, typer.Argument(help="Output folder of a benchmark.", show_default=False)
    ],
    seed: Annotated[int, seed_option("Another seed draws other songs.")] = 0,
) -> None:
    """Draw a song of each genre and show how the best learner classified it.

    Each song is classified by the fold that left it out. The probabilities are not calibrated.
    """
    from genrescope.errors import UsageError

    best = _best(folder)
    if best is None:
        remedy = f"genrescope benchmark gtzan --output {folder}"
        raise UsageError("no predictions of a benchmark", place=folder, remedy=remedy)
    name, found = best
    out = output_console()
    tables = [_table(found, seed, others, out.options.ascii_only) for others in (2, 1, 0)]
    out.print(next((table for table in tables if _width(table, out) <= out.width), tables[-1]))
    write_line(f"\nby {name}, each song by the fold that left it out; drawn with seed {seed}")


def _best(folder: Path) -> tuple[str, Predictions] | None:
    """The learner of the highest macro recall, and its predictions."""
    from genrescope.evaluation.predictions import Predictions
    from genrescope.evaluation.record import read_record

    scores = {}
    for path in sorted((folder / "records").glob("*.json")):
        predictions = folder / "predictions" / f"{path.stem}.npz"
        if predictions.is_file():
            scores[predictions] = read_record(path).scores.macro_recall.value
    if not scores:
        return None
    path = max(scores, key=scores.__getitem__)
    return path.stem, Predictions.load(path)


def _width(table: Table, out: Console) -> int:
    """Columns that the table takes where nothing is wrapped."""
    from rich.measure import Measurement

    return Measurement.get(out, out.options.update(width=1000), table).maximum


def _table(found: Predictions, seed: int, count: int, ascii_only: bool) -> Table:
    """A line for each genre that has songs: the song, its genre, the prediction as a bar.

    `count`: of the genres after the likeliest that are shown.
    """
    import numpy as np
    from rich.table import Table
    from rich.text import Text

    from genrescope.cli.table import share_bar

    table = Table("song", "genre", "predicted", "probability", "also", box=None)
    table.header_style = "bold"
    rng = np.random.default_rng(seed)
    for index, genre in enumerate(found.genres):
        rows = np.flatnonzero(found.truth == index)
        if not len(rows):
            continue
        row = int(rng.choice(rows))
        shares = found.probabilities[row]
        first, *others = np.argsort(-shares, kind="stable")[: 1 + count]
        bar = f"{share_bar(float(shares[first]), ascii_only)} {100 * shares[first]:3.0f} %"
        also = ", ".join(f"{found.genres[n]} {100 * shares[n]:.0f} %" for n in others)
        style = "green" if first == index else "yellow"
        predicted = Text(found.genres[first], style)
        table.add_row(Text(str(found.ids[row])), genre, predicted, Text(bar, style), also)
    return table
