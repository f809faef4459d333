"""`genrescope similar`: the songs of a collection that are most like a song."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.options import (
    SOME_FAILED,
    AnalysedExcerpt,
    AsJson,
    IndexFile,
    Jobs,
    Model,
    Song,
)
from genrescope.cli.output import write_line
from genrescope.cli.progress import progress_display
from genrescope.errors import UsageError

if TYPE_CHECKING:
    from genrescope.inference.storage.results import FailedSong
    from genrescope.similarity.files import SimilarSongs


def similar(
    song: Song,
    library: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="LIBRARY",
            help="What it is compared with: a scanned library or a folder below it; or audio "
            "files, folders, patterns, playlists (M3U, PLS, XSPF), - for a list on standard "
            "input; by default the library that the song lies in.",
            show_default=False,
        ),
    ] = None,
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, help="How many songs are wanted.")
    ] = 10,
    within_style: Annotated[
        bool, typer.Option("--within-style", help="Only songs that share a style with it.")
    ] = False,
    index: IndexFile = None,
    results: Annotated[
        Path | None,
        typer.Option(
            help="Keep results in this file, so that the next time only new and changed files are "
            "analysed; a results file of `genrescope classify` will do."
        ),
    ] = None,
    json_: AsJson = False,
    model: Model = None,
    excerpt: AnalysedExcerpt = None,
    jobs: Jobs = None,
) -> None:
    """List the songs of a collection that are most like a song, and exact copies of it.

    A library that was scanned with --classify is compared by its index, and nothing in it is
    analysed again, unless --results or --excerpt is given or its index has no results of the model.
    Similarity is between -1 and 1: 0 for songs that have nothing in common, 1 for the same sound.

    Exit code: 0 all done, 2 wrong use, 3 some files could not be compared, 130 interrupted.
    """
    if results is None and excerpt is None and len(library or ()) < 2:
        place = Path(library[0]) if library else song
        known = _from_index(song, place, index, model, count, within_style)
        if known is not None:
            _write(known, [], as_json=json_)
            return
    if not library:
        raise UsageError(
            "nothing to compare with",
            place=song,
            remedy="genrescope library scan DIR --classify, or name files or folders",
        )
    from genrescope.audio.collect import collect
    from genrescope.cli.songs.extract import parse_excerpt
    from genrescope.inference.storage.results import FailedSong
    from genrescope.similarity.files import similar_songs

    collection = collect(library)
    with progress_display("Comparing") as show:
        found = similar_songs(
            song,
            collection.files,
            model,
            count=count,
            within_style=within_style,
            excerpt=parse_excerpt(excerpt) if excerpt else None,
            results=results,
            jobs=jobs,
            progress=show,
        )
    missing = [
        FailedSong(Path(problem.place or ""), problem.message, problem.remedy)
        for problem in collection.problems
    ]
    failed = [*missing, *found.failed]
    _write(found, failed, as_json=json_)
    if failed:
        raise typer.Exit(SOME_FAILED)


def _from_index(
    song: Path,
    path: Path,
    index: Path | None,
    model: str | None,
    count: int,
    within_style: bool,
) -> SimilarSongs | None:
    """What the index of the library around `path` gives; None where it has none."""
    from genrescope.library.index.database import Index, default_index
    from genrescope.library.index.locate import find_place
    from genrescope.library.index.models import indexed_model
    from genrescope.library.index.scan import refresh
    from genrescope.library.index.similar import similar_in_index

    try:
        place = find_place(path, index)
    except UsageError:
        return None
    if not (index or default_index(place.root)).exists():
        return None
    with Index(place.root, index) as opened:
        refresh(opened)
        try:
            kept = indexed_model(opened, model)
        except UsageError:
            return None
        within = "" if path == song else place.within
        found = similar_in_index(
            opened, song, kept, count=count, within=within, within_style=within_style
        )
    return found


def _write(found: SimilarSongs, failed: list[FailedSong], *, as_json: bool) -> None:
    if as_json:
        _write_json(found, failed)
    else:
        _write_table(found, failed)


def _write_json(found: SimilarSongs, failed: list[FailedSong]) -> None:
    content = {
        "song": str(found.song.path),
        "genre": found.song.prediction.genre,
        "compared": found.compared,
        "similar": [item.as_json() for item in found.similar],
        "failed": [item.as_json() for item in failed],
    }
    write_line(json.dumps(content, indent=1))


def _write_table(found: SimilarSongs, failed: list[FailedSong]) -> None:
    """A line a song, most similar first; what failed goes to standard error."""
    from rich.text import Text

    from genrescope.cli import output

    console, errors = output.console(), output.console(stderr=True)
    width = max((len(item.genre) for item in found.similar), default=0)
    for item in found.similar:
        line = Text(f"{item.similarity:5.2f}  {item.genre:{width}}  {item.path}")
        line.append("  same sound" if item.same_sound else "", "yellow")
        console.print(line, soft_wrap=True)
    songs = "song" if found.compared == 1 else "songs"
    console.print(Text(f"compared with {found.compared:,} {songs}", "dim"))
    for row in failed:
        remedy = f" ({row.remedy})" if row.remedy else ""
        errors.print(Text(f"{row.path}: {row.reason}{remedy}", "red"), soft_wrap=True)
