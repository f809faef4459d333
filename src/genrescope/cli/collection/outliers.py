"""`genrescope library outliers`: songs that contradict their tag, their album or their artist."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from genrescope.cli.collection.library import Below
from genrescope.cli.collection.tables import write_csv
from genrescope.cli.options import AsJson, IndexFile, ModelOfResults, output_option, share_option
from genrescope.cli.output import write_line

_COLUMNS = ["path", "artist", "album", "title", "tagged", "genre", "confidence", "contradicts"]


def outliers(
    path: Below,
    json_: AsJson = False,
    csv_: Annotated[Path | None, output_option("File for a table (CSV).", "--csv")] = None,
    model: ModelOfResults = None,
    threshold: Annotated[
        float | None, share_option("Confidence from which a genre is named.")
    ] = None,
    index: IndexFile = None,
) -> None:
    """List songs whose genre contradicts their tag, their album or their artist.

    It shows which songs to look at, from what is known already; nothing is analysed or written.
    Only songs with a named genre are looked at, whose probability of the other genre is below 0.1.
    An album has a genre where two thirds of its songs have it, and four songs are named; of an
    artist nine. Songs that contradict most come first.
    """
    from genrescope.library.index.database import Index
    from genrescope.library.index.exporting import StoredPredictions
    from genrescope.library.index.locate import find_place
    from genrescope.library.index.models import indexed_model
    from genrescope.library.index.scan import refresh
    from genrescope.library.outliers import find_outliers

    place = find_place(path, index)
    with Index(place.root, index) as opened:
        refresh(opened)
        stored = StoredPredictions(indexed_model(opened, model), threshold)
        predictions = (
            (song, prediction) for song, prediction, _ in stored.songs(opened, labelled=False)
        )
        rows = [item.as_json() for item in find_outliers(predictions) if place.has(item.song.path)]
    if csv_ is not None:
        lists = ("tagged", "contradicts")
        cells = [row | {name: "; ".join(row[name]) for name in lists} for row in rows]
        write_csv(csv_, _COLUMNS, cells)
        write_line(f"written: {csv_}", err=json_)
    if json_:
        write_line(json.dumps(rows, indent=1))
    elif csv_ is None:
        _write_table(rows)


def _write_table(rows: list[dict[str, Any]]) -> None:
    """Two lines a song."""
    from rich.text import Text

    from genrescope.cli.output import console as plain_console

    console = plain_console()
    for row in rows:
        console.print(Text(row["path"], "bold"), soft_wrap=True)
        line = f"  {row['genre']} {100 * row['confidence']:.0f} %, but "
        console.print(Text(line + "; ".join(row["contradicts"])), soft_wrap=True)
    console.print(Text(f"songs that contradict tag, album or artist: {len(rows):,}", "dim"))
