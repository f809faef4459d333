"""How far `genrescope benchmark` is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import typer

from genrescope.progress import Progress, Report

_SECONDS = 5.0  # between two lines


@contextlib.contextmanager
def training_progress() -> Iterator[Report]:
    """A bar with the time left on a terminal, a line now and then elsewhere; on standard error."""
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
        yield _lines()
        return
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None)
        yield lambda at: bar.update(task, completed=at.done, total=at.total, description=at.text)


def _lines() -> Report:
    """Prints what is being trained, but not more often than every few seconds."""
    shown, then = "", -_SECONDS

    def report(at: Progress) -> None:
        nonlocal shown, then
        learner, now = at.text.partition(",")[0], time.monotonic()
        if learner != shown and now - then >= _SECONDS:
            shown, then = learner, now
            typer.echo(f"{at.done:.0f} of {at.total} runs done: {learner}", err=True)

    return report
