"""`genrescope data download`: the files of the Million Song Dataset Benchmarks into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

    from genrescope.data.download import Item, Outcome
    from genrescope.data.fetch import Listener

_PUBLISHED = "https://www.ifs.tuwien.ac.at/mir/msd/"


def download(
    what: Annotated[
        list[str] | None,
        typer.Option(
            help="features, labels, partitions, all, or single names (rp, topMAGD, CD1, artists, "
            "fixedSizeSplit_2000); may be given several times. The features are tens of gigabytes."
        ),
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder to put the files in.")] = Path("msd"),
    base_url: Annotated[
        str, typer.Option(help="Address of the published pages, or of a mirror of them.")
    ] = _PUBLISHED,
    from_: Annotated[
        Path | None,
        typer.Option("--from", help="Folder of files already fetched: copy instead of fetching."),
    ] = None,
) -> None:
    """Fetch label, partition and feature files of the Million Song Dataset Benchmarks.

    Without --what: labels and partitions. What is there already is left alone, and what broke off
    goes on where it stopped. Exit code 3 if a file could not be had.
    """
    from genrescope.data.download import download as bring
    from genrescope.data.download import select

    items = select([name for entry in what or ["labels,partitions"] for name in entry.split(",")])
    progress = _progress()
    with progress:
        outcomes = bring(
            items,
            output,
            base_url=base_url,
            folder=from_,
            started=lambda item: _listener(progress, item),
            finished=lambda outcome: _say(progress, outcome),
        )
    failed = sum(outcome.error is not None for outcome in outcomes)
    fresh = sum(outcome.fresh for outcome in outcomes)
    there = len(outcomes) - fresh - failed
    typer.echo(f"{fresh} fetched, {there} already there, {failed} failed: {output}")
    if failed:
        raise typer.Exit(3)


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _listener(progress: Progress, item: Item) -> Listener:
    task = progress.add_task(item.stem, total=None)

    def tell(done: int, total: int | None) -> None:
        progress.update(task, completed=done, total=total, visible=done != total)

    return tell


def _say(progress: Progress, outcome: Outcome) -> None:
    stem = outcome.item.stem
    if outcome.path is None:
        progress.console.print(f"{stem}: failed: {outcome.error}", markup=False, soft_wrap=True)
    elif outcome.fresh:
        size = outcome.path.stat().st_size
        progress.console.print(f"{stem}: {size:,} bytes", markup=False, soft_wrap=True)
    else:
        progress.console.print(f"{stem}: already there", markup=False, soft_wrap=True)
