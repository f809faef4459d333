"""`genrescope data download`: the files of the Million Song Dataset Benchmarks into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.output import column, console, write_line

if TYPE_CHECKING:
    from genrescope.data.corpora.catalogue import Item
    from genrescope.data.corpora.download import Outcome
    from genrescope.progress import Report


def download(
    what: Annotated[
        list[str] | None,
        typer.Option(
            help="features, labels, partitions, all, or single names (rp, topMAGD, CD1, artists, "
            "fixedSizeSplit_2000); may be given several times. The features are tens of gigabytes."
        ),
    ] = None,
    more: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WHAT]...", help="The same as --what.", show_default=False),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder to put the files in.")
    ] = Path("msd"),
    base_url: Annotated[
        str | None,
        typer.Option(
            help="Address of a mirror of the published pages; by default those of TU Wien.",
            show_default=False,
        ),
    ] = None,
    from_: Annotated[
        Path | None,
        typer.Option("--from", help="Folder of files already fetched: copy instead of fetching."),
    ] = None,
) -> None:
    """Fetch label, partition and feature files of the Million Song Dataset Benchmarks.

    Without --what: labels and partitions. What is there already is left alone, and what broke off
    goes on where it stopped. Exit code 3 if a file could not be had.
    """
    from genrescope.data.corpora.catalogue import select
    from genrescope.data.corpora.download import PUBLISHED
    from genrescope.data.corpora.download import download as fetch_items

    named = [*(what or ()), *(more or ())] or ["labels", "partitions"]
    items = select([name for entry in named for name in entry.split(",")])
    address = base_url or PUBLISHED
    write_line(f"{len(items)} files from {from_ or address} to {output}", err=True)
    display = _Display()
    with display.progress:
        outcomes = fetch_items(
            items,
            output,
            base_url=address,
            folder=from_,
            started=display.started,
            finished=display.finished,
        )
    failed = sum(outcome.error is not None for outcome in outcomes)
    fresh = sum(outcome.fresh for outcome in outcomes)
    there = len(outcomes) - fresh - failed
    write_line(f"{output}: {fresh} fetched, {there} already there, {failed} failed")
    if failed:
        raise typer.Exit(3)


class _Display:
    """How far the present file is, with rate and time left, and a line for each that is done."""

    def __init__(self) -> None:
        from rich import progress

        self.progress = progress.Progress(
            column("{task.description}"),
            progress.BarColumn(),
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
            progress.TimeRemainingColumn(),
            console=console(stderr=True),
            transient=True,
        )

    def started(self, item: Item) -> Report:
        """Show a bar for `item`."""
        task = self.progress.add_task(item.stem, total=None)
        return lambda at: self.progress.update(task, completed=at.done, total=at.total)

    def finished(self, outcome: Outcome) -> None:
        """Replace the bar by what became of the item."""
        for task in self.progress.task_ids:
            self.progress.remove_task(task)
        if outcome.path is None:
            result = f"failed: {outcome.error}"
        elif outcome.fresh:
            result = f"{outcome.path.stat().st_size:,} bytes"
        else:
            result = "already there"
        line = f"{outcome.item.stem}: {result}"
        self.progress.console.print(line, soft_wrap=True)
