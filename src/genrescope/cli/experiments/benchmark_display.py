"""How far `genrescope benchmark` is, and what came of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from genrescope.cli import output
from genrescope.cli.output import write_line
from genrescope.progress import Progress, Report

if TYPE_CHECKING:
    from genrescope.benchmark.config import BenchmarkConfig
    from genrescope.data.table import FeatureTable
    from genrescope.evaluation.record import Record
    from genrescope.report.corpora.songs import PlainTable

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


def show_results(
    records: Sequence[Record],
    config: BenchmarkConfig,
    title: str,
    introduction: str,
    *,
    pictured: Sequence[FeatureTable] = (),
    tables: Sequence[PlainTable] = (),
) -> None:
    """Print the tables and write the report; `pictured` where the set is ours."""
    from genrescope.benchmark.published import published_beside
    from genrescope.featuresets import FEATURE_SETS
    from genrescope.report.genre_means import genre_means
    from genrescope.report.page import write_report
    from genrescope.report.terminal import plain_table, results_table, rules_table

    published = published_beside(config.dataset)
    console = output.console()
    console.print(results_table(records, published, width=console.width))
    if rules := rules_table(records):
        console.print(rules)
    for item in tables:
        console.print(plain_table(item))
    ours = [table for table in pictured if table.feature_set in FEATURE_SETS]
    page = config.output / "report.html"
    write_report(
        page,
        records,
        title=title,
        introduction=introduction,
        published=published,
        typical=[genre_means(table, config.vocabulary.genres) for table in ours],
        tables=tables,
        command=config.command,
    )
    write_line(f"report: {page}")
