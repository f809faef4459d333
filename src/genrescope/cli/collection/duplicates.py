"""`genrescope library duplicates`: songs that a library has twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genrescope.audio.excerpt import clock
from genrescope.cli.collection.library import Below
from genrescope.cli.collection.tables import write_csv
from genrescope.cli.options import (
    SOME_FAILED,
    AsJson,
    IndexFile,
    Jobs,
    ModelOfResults,
    output_option,
)
from genrescope.cli.output import write_line

if TYPE_CHECKING:
    from genrescope.library.duplicates.finding import Duplicates
    from genrescope.library.duplicates.grouping import Copy

_COLUMNS = (
    *("group", "path", "version", "relation", "seconds", "seconds_shorter"),
    *("format", "lossless", "kilobits"),
)


def duplicates(
    path: Below,
    json_: AsJson = False,
    csv_: Annotated[
        Path | None, output_option("File for a table, a line a file (CSV).", "--csv")
    ] = None,
    model: ModelOfResults = None,
    index: IndexFile = None,
    jobs: Jobs = None,
) -> None:
    """List files that hold the same recording, and edits of it; nothing is deleted.

    Songs whose tags name the same artist and title, or whose embeddings are nearly the same, are
    decoded and compared by a fingerprint of their sound. A file is identical to the best copy
    (every byte of the sound), the same recording in another encoding, or an edit: a part of it, or
    a version that shares half of it. Other recordings of a song, as live ones, are not listed. The
    best copy is lossless, or has the highest bit rate, or is the longest. What was decoded is kept
    in the index, so that the next search takes less time.

    Exit code: 0 all done, 2 wrong use, 3 some files could not be read, 130 interrupted.
    """
    from genrescope.cli.progress import progress_display
    from genrescope.library.duplicates.finding import find_duplicates
    from genrescope.library.index.database import Index
    from genrescope.library.index.locate import find_place
    from genrescope.library.index.models import has_results, indexed_model
    from genrescope.library.index.scan import check_scanned, refresh

    place = find_place(path, index)
    with Index(place.root, index) as opened:
        check_scanned(opened)
        refresh(opened)
        kept = indexed_model(opened, model) if model or has_results(opened) else None
        found = find_duplicates(
            opened, kept, within=place.within, jobs=jobs, progress=progress_display
        )
    if csv_ is not None:
        numbered = enumerate(found.groups, 1)
        rows = [{"group": number, **_row(copy)} for number, group in numbered for copy in group]
        write_csv(csv_, _COLUMNS, rows)
        write_line(f"written: {csv_}", err=json_)
    if json_:
        write_line(json.dumps(_as_json(found), indent=1))
    elif csv_ is None:
        _write_table(found, compared_embeddings=kept is not None)
    for name, why in found.failed:
        write_line(f"{name}: {why}", err=True)
    if found.failed:
        raise typer.Exit(SOME_FAILED)


def _row(copy: Copy) -> dict[str, Any]:
    """A file as JSON values."""
    from genrescope.library.tagging.plan import path_to_text

    encoding = copy.encoding
    return {
        "path": path_to_text(copy.path),
        "version": copy.version,
        "relation": copy.relation,
        "seconds": round(encoding.seconds, 1),
        "seconds_shorter": round(copy.shorter, 1),
        "format": encoding.format,
        "lossless": encoding.lossless,
        "kilobits": round(encoding.kilobits),
    }


def _as_json(found: Duplicates) -> dict[str, Any]:
    return {
        "groups": [[_row(copy) for copy in group] for group in found.groups],
        "compared": found.compared,
        "failed": [{"path": name, "reason": why} for name, why in found.failed],
    }


def _write_table(found: Duplicates, *, compared_embeddings: bool) -> None:
    """A block a group, a line a file, the best copy of each version first."""
    from rich.text import Text

    from genrescope.cli.output import console as plain_console
    from genrescope.library.duplicates.grouping import BEST

    console = plain_console()
    for group in found.groups:
        for copy in group:
            console.print(_line(copy), soft_wrap=True)
        console.print()
    spare = sum(copy.relation != BEST for group in found.groups for copy in group)
    counts = f"found more than once: {len(found.groups):,}; copies beside the best: {spare:,}"
    console.print(Text(counts, "bold"))
    if not compared_embeddings:
        remedy = "genrescope library scan DIR --classify finds those with other tags too"
        console.print(Text(f"only songs of the same artist and title were compared: {remedy}"))


def _line(copy: Copy) -> Any:
    from rich.text import Text

    from genrescope.library.duplicates.grouping import BEST

    row = _row(copy)
    relation = row["relation"]
    if copy.version > 1:
        relation = (
            f"edit, {copy.shorter:.0f} s shorter" if relation == BEST else f"edit, {relation}"
        )
    quality = "lossless" if row["lossless"] else f"{row['kilobits']} kbit/s"
    length = clock(row["seconds"])
    text = f"{relation:22} {row['format']:6} {quality:>10} {length:>7}  {row['path']}"
    return Text(text, "" if copy.relation == BEST else "dim")
