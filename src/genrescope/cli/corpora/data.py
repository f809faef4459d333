"""`genrescope data`: feature files made into stores, described and checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from genrescope.cli.corpora.audit import audit
from genrescope.cli.corpora.download import download
from genrescope.cli.corpora.progress import import_progress
from genrescope.cli.output import console as output_console
from genrescope.cli.output import os_error_line, write_line
from genrescope.errors import GenrescopeError

if TYPE_CHECKING:
    from genrescope.data.check import CheckReport
    from genrescope.data.describe import Description
    from genrescope.data.store.importer import Imported

data_app = typer.Typer(
    name="data", help="Feature files: fetch, import, describe, check, audit.", no_args_is_help=True
)
data_app.command()(audit)
data_app.command()(download)

# What an import writes down, in words.
_PROVENANCE = {
    "file": "made from",
    "parts": "its size",
    "missing": "missing values",
    "ids": "checksum of given ids",
    "genrescope": "by genrescope",
    "duplicates": "repeated ids left out",
}


@data_app.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(help="NAME.arff, NAME.csv (a file or a folder of parts), or .gz of them."),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Folder for the stores; by default beside each file.",
            show_default=False,
        ),
    ] = None,
    feature_set: Annotated[
        str | None,
        typer.Option("--set", help="Feature set of the file; by default recognised by its name."),
    ] = None,
    missing: Annotated[
        Literal["error", "nan"],
        typer.Option(help="What a missing or non-finite value is: an error, or, with nan, kept."),
    ] = "error",
    force: Annotated[
        bool, typer.Option("--force", help="Replace a store that is there already.")
    ] = False,
) -> None:
    """Make a store of each feature file, NAME.store, which opens at once however large it is.

    An import that was interrupted goes on where it was when the same command is given again. What
    is there already from the same file is left alone. Exit code 3 if a file cannot be read.
    """
    from genrescope.data.store.importer import import_file, store_folder

    worst = 0
    for file in files:
        try:
            with import_progress(file.name) as report:
                done = import_file(
                    file,
                    store_folder(file, output),
                    feature_set,
                    missing=missing,
                    force=force,
                    progress=report,
                )
        except (GenrescopeError, OSError) as error:
            worst = max(worst, _complain(error))
            continue
        write_line(f"{done.folder}: {_outcome(done)}")
    if worst:
        raise typer.Exit(worst)


def _outcome(done: Imported) -> str:
    notes = [f"{done.table.feature_set}, {len(done.table):,} rows of {done.table.dims} values"]
    if repeated := done.table.provenance["duplicates"]:
        notes.append(f"{repeated:,} rows with an id that had come before left out")
    if done.resumed:
        notes.append(f"{done.resumed:,} rows were there from an interrupted import")
    if not done.fresh:
        notes.append("was there already")
    return "; ".join(notes)


@data_app.command()
def info(
    path: Annotated[Path, typer.Argument(help="A store or a feature file.")],
) -> None:
    """Describe a store or a feature file, from its header and some of its rows."""
    from rich.table import Table

    from genrescope.data.describe import describe

    table = Table(box=None, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _facts(describe(path)):
        table.add_row(name, value)
    output_console().print(table)


def _facts(found: Description) -> Iterator[tuple[str, str]]:
    """(what, value) for each line of `info`."""
    from collections import Counter

    import numpy as np

    from genrescope.featuresets import KNOWN_SETS

    known = KNOWN_SETS.get(found.feature_set)
    yield "set", f"{found.feature_set} ({known.title})" if known else found.feature_set
    yield "rows", f"{found.rows:,}" if found.exact else f"about {found.rows:,}"
    yield "values", f"{len(found.columns)} a row: {found.columns[0]} ... {found.columns[-1]}"
    yield "first id", found.example
    if len(found.sample) < found.rows:
        yield "looked at", f"{len(found.sample):,} rows, for what follows"
    finite = found.sample[np.isfinite(found.sample)]
    if len(finite):
        low, middle, high = np.quantile(finite, (0, 0.5, 1), method="nearest")
        yield "range", f"{low:.6g} to {high:.6g}, median {middle:.6g}"
    if missing := found.sample.size - len(finite):
        yield "not finite", f"{missing:,} values"
    if found.labels:
        counts = Counter(found.labels).most_common()
        yield "genres", ", ".join(f"{name or '(none)'} {count}" for name, count in counts)
    for name, value in found.provenance.items():
        if value is not None:
            yield _PROVENANCE.get(name, name), _plain(name, value)


def _plain(name: str, value: object) -> str:
    """A line of provenance; of the parts of a file, their number and size."""
    if name == "parts" and isinstance(value, list):
        size = sum(int(part[1]) for part in value)
        return f"{len(value)} file{'s' if len(value) > 1 else ''}, {size:,} bytes"
    return str(value)


@data_app.command("check")
def check_(
    paths: Annotated[list[Path], typer.Argument(help="Stores or feature files.")],
) -> None:
    """Read all of a store or a feature file and report what is wrong with it.

    Missing and non-finite values, repeated ids and files changed since they were written are
    faults (exit code 3); columns with one value in all rows are only reported.
    """
    from genrescope.data.check import check

    worst = 0
    for path in paths:
        try:
            report = check(path)
        except (GenrescopeError, OSError) as error:
            worst = max(worst, _complain(error))
            continue
        worst = max(worst, 0 if report.ok else 3)
        write_line(f"{path}: {_verdict(report)}")
    if worst:
        raise typer.Exit(worst)


def _complain(error: GenrescopeError | OSError) -> int:
    """Print the error; its exit code."""
    line = error if isinstance(error, GenrescopeError) else os_error_line(error)
    write_line(f"genrescope: {line}", err=True)
    return error.exit_code if isinstance(error, GenrescopeError) else 3


def _verdict(report: CheckReport) -> str:
    faults = [
        f"{count:,} {what}"
        for count, what in (
            (report.not_finite, "missing or non-finite values"),
            (report.duplicates, "rows with an id that had come before"),
        )
        if count
    ]
    faults += [f"{file} has changed since it was written" for file in report.damaged]
    size = f"{report.feature_set}, {report.rows:,} rows of {report.dims} values"
    notes = [size, *faults] if faults else [size, "sound"]
    if report.constant:
        names = ", ".join(f"'{name}'" for name in report.constant[:3])
        more = " ..." if len(report.constant) > 3 else ""
        notes.append(f"{len(report.constant)} constant columns ({names}{more})")
    return "; ".join(notes)
