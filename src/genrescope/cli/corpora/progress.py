"""How far an import or an audit is: a bar on a terminal, nothing elsewhere; on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from genrescope.cli import output

if TYPE_CHECKING:
    from genrescope.progress import Report


@contextmanager
def import_progress(name: str) -> Iterator[Report]:
    """A bar with rate and time left on a terminal, nothing elsewhere."""
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        output.column("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        output.column("{task.fields[rows]}"),
    )
    with output.bar(*columns, console=output.console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None, rows="")
        yield lambda at: bar.update(task, completed=at.done, total=at.total, rows=at.text)


@contextmanager
def steps_progress() -> Iterator[Report]:
    """A bar over steps, with what has been done."""
    from rich.progress import BarColumn, MofNCompleteColumn

    columns = (BarColumn(bar_width=24), MofNCompleteColumn(), output.column("{task.description}"))
    with output.bar(*columns, console=output.console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda at: bar.update(task, completed=at.done, total=at.total, description=at.text)
