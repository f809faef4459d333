"""`genrescope data audit`: what would make a benchmark on these data dishonest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from genrescope.cli.options import command_line, names_of, output_option, seed_option
from genrescope.cli.output import console as output_console
from genrescope.cli.output import write_line


def audit(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="gtzan (the built-in songs); a folder of MSD Benchmarks files or of TU Wien's "
            "gtzan_*.arff; or stores and feature files of the same songs.",
            show_default=False,
        ),
    ],
    sets: Annotated[
        str | None,
        typer.Option(help="Feature sets, separated by commas; all that there are by default."),
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(
            help="A .cls file of genres; of MSD files topMAGD (default), MAGD, MASD, CD1."
        ),
    ] = None,
    artists: Annotated[
        Path | None,
        typer.Option(help="A .cls file of artists; of MSD files msd-artistIDs where it is there."),
    ] = None,
    partition: Annotated[
        str | None,
        typer.Option(
            help="A .cls file of TRAIN and TEST; of MSD files a published kind, by default "
            "fixedSizeSplit_2000 where it is there; of GTZAN fault-filtered, its default."
        ),
    ] = None,
    max_label_rows: Annotated[
        int,
        typer.Option(
            "--max-label-rows",
            "--judge",
            min=0,
            help="Compare the labels of at most so many songs with out-of-fold predictions, of a "
            "stratified sample where there are more; 0 for none. Needs the optional part train. "
            "(--judge is its former name.)",
        ),
    ] = 5000,
    examples: Annotated[int, typer.Option(min=0, help="Examples shown of each finding.")] = 6,
    output: Annotated[
        Path | None, output_option("Write everything found as JSON.", "--output", "-o")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder for imported MSD files; by default beside the files."),
    ] = None,
    seed: Annotated[int, seed_option("Seed of samples, trees, folds and training.")] = 0,
) -> None:
    """Find what would make a benchmark dishonest: copies, leaks, wrong labels, broken columns.

    Songs that are there twice (equal vectors, or far nearer than usual), genres that copy another,
    copies and artists on both sides of a split, songs predicted to be of another genre by
    classifiers that did not see them, rare genres, and columns that are constant, broken or of
    other units. Findings are no failure: exit code 0.
    """
    from genrescope.benchmark.audit import audit as look
    from genrescope.benchmark.audit_document import audit_document
    from genrescope.cli.corpora.progress import import_progress, steps_progress
    from genrescope.data.audit.source import AuditOptions, open_audit_input
    from genrescope.files.atomic import write_atomic
    from genrescope.report.audit import audit_lines

    options = AuditOptions(names_of(sets), labels, artists, partition, cache)
    with import_progress("importing") as report:
        subject = open_audit_input(sources, options, lambda _, at: report(at))
    with steps_progress() as progress:
        found = look(subject, max_label_rows=max_label_rows, seed=seed, progress=progress)
    console = output_console()
    for line in audit_lines(found, examples=examples):
        console.print(line, soft_wrap=True)
    if output is not None:
        document = audit_document(found, command_line())
        write_atomic(output, (json.dumps(document, indent=1, allow_nan=False) + "\n").encode())
        write_line(f"report: {output}")
