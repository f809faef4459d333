"""How far `genrescope benchmark` is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from genrescope.cli import output
from genrescope.cli.output import write_line
from genrescope.progress import Progress, Report

_SECONDS = 5.0  # between two lines


@contextlib.contextmanager
def training_progress() -> Iterator[Report]:
    """A bar with the time left on a terminal, a line now and then elsewhere; on standard error."""
    from rich.progress import BarColumn, TimeElapsedColumn
    from rich.progress import TimeRemainingColumn as Remaining

    console = output.console(stderr=True)
    columns = (
        *(BarColumn(bar_width=24), output.column("{task.percentage:>3.0f} %")),
        *(TimeElapsedColumn(), output.column("done,"), Remaining(), output.column("left")),
        output.column("{task.description}"),
    )
    if not console.is_terminal:
        yield _lines()
        return
    with output.bar(*columns, console=console, transient=False) as bar:
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
            write_line(f"{at.done:.0f} of {at.total} runs done: {learner}", err=True)

    return report
