"""How far `genrescope benchmark` is, while it trains."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import typer


@contextlib.contextmanager
def training_progress() -> Iterator[Callable[[float, int, str], None]]:
    """A bar with the time left on a terminal, a line a learner elsewhere; on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.progress import TimeRemainingColumn as Remaining

    console = Console(stderr=True)
    columns = (
        *(BarColumn(bar_width=24), TextColumn("{task.percentage:>3.0f} %")),
        *(TimeElapsedColumn(), TextColumn("done,"), Remaining(), TextColumn("left")),
        TextColumn("{task.description}"),
    )
    if not console.is_terminal:
        yield _line_a_learner
        return
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, text: bar.update(
            task, completed=done, total=total, description=text
        )


def _line_a_learner(done: float, total: int, text: str) -> None:
    if "," not in text and done == int(done):
        typer.echo(f"{done:.0f} of {total} runs done: {text}", err=True)
