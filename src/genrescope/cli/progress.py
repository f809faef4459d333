"""How far a run over many files is, shown on a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from genrescope.cli import output

if TYPE_CHECKING:
    from rich.console import Console

Show = Callable[[int, int, int], None]
"""Takes the files done, how many of them failed, and how many there are in all."""


@contextlib.contextmanager
def progress_display(word: str, console: Console | None = None) -> Iterator[Show]:
    """A bar with rate, failures and time left on a terminal; nothing elsewhere.

    Args:
        word: what is being done.
        console: where rows are printed meanwhile; by default nowhere, and the bar is on standard
            error.
    """
    from rich.progress import BarColumn, MofNCompleteColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    # On one terminal rows and bar must be coordinated; a pipe's rows must not meet the bar.
    where = console if console and console.is_terminal else output.console(stderr=True)
    columns: list[Any] = [
        *(output.column(word), BarColumn(), MofNCompleteColumn()),
        *(output.column("{task.fields[rate]}"), output.column("{task.fields[failures]}", "red")),
        *(TimeLeft(), output.column("left")),
    ]
    with output.bar(*columns, console=where, transient=where is console) as bar:
        task = bar.add_task("", total=None, rate="", failures="")
        start = None

        def show(done: int, failed: int, total: int) -> None:
            nonlocal start
            if start is None:  # what an earlier run did does not count for the speed
                start = done
                bar.reset(task)
            speed = bar.tasks[0].speed
            bar.update(
                task,
                total=total,
                completed=done,
                rate=f"{speed:.1f}/s" if speed else "",
                failures=f"{failed} failed" if failed else "",
            )

        yield show
