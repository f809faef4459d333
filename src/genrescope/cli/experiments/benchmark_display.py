"""How far `genrescope benchmark` is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import typer

_SECONDS = 5.0  # between two lines


@contextlib.contextmanager
def training_progress() -> Iterator[Callable[[float, int, str], None]]:
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
        yield lambda done, total, text: bar.update(
            task, completed=done, total=total, description=text
        )


def _lines() -> Callable[[float, int, str], None]:
    """Prints what is being trained, but not more often than every few seconds."""
    told, at = "", -_SECONDS

    def report(done: float, total: int, text: str) -> None:
        nonlocal told, at
        learner, now = text.partition(",")[0], time.monotonic()
        if learner != told and now - at >= _SECONDS:
            told, at = learner, now
            typer.echo(f"{done:.0f} of {total} runs done: {learner}", err=True)

    return report
