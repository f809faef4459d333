"""`genrescope similar`: the songs of a collection that are most like a song."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.options import SOME_FAILED, HeardExcerpt, Jobs, Model, Song
from genrescope.cli.output import write_line
from genrescope.cli.progress import progress_display

if TYPE_CHECKING:
    from genrescope.inference.storage.results import FailedSong
    from genrescope.similarity.files import SimilarSongs


def similar(
    song: Song,
    library: Annotated[
        list[str],
        typer.Argument(
            metavar="LIBRARY",
            help="What it is compared with: audio files, folders, patterns, playlists (M3U), or - "
            "for a list on standard input.",
            show_default=False,
        ),
    ],
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, help="How many songs are wanted.")
    ] = 10,
    index: Annotated[
        Path | None,
        typer.Option(
            help="Keep what was heard in this file, so that the next time only new and changed "
            "files are heard; a results file of `genrescope classify` will do."
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    model: Model = None,
    excerpt: HeardExcerpt = None,
    jobs: Jobs = None,
) -> None:
    """List the songs of a collection that are most like a song, and exact copies of it.

    Similarity is between -1 and 1: 0 for songs that have nothing in common, 1 for the same sound.

    Exit code: 0 all done, 2 wrong use, 3 some files could not be compared, 130 interrupted.
    """
    from genrescope.audio.collect import collect
    from genrescope.cli.songs.extract import parse_excerpt
    from genrescope.inference.storage.results import FailedSong
    from genrescope.similarity.files import similar_songs

    collection = collect(library)
    with progress_display("Listening") as show:
        found = similar_songs(
            song,
            collection.files,
            model,
            count=count,
            excerpt=parse_excerpt(excerpt) if excerpt else None,
            results=index,
            jobs=jobs,
            progress=show,
        )
    missing = [
        FailedSong(Path(problem.place or ""), problem.message, problem.remedy)
        for problem in collection.problems
    ]
    failed = [*missing, *found.failed]
    if json_:
        _write_json(found, failed)
    else:
        _write_table(found, failed)
    if failed:
        raise typer.Exit(SOME_FAILED)


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
