"""`genrescope library`: an index of a collection, what is in it, and watching it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.options import (
    SOME_FAILED,
    IndexFile,
    Jobs,
    Model,
    ModelOfResults,
    OfMood,
    OfStyle,
    PlaylistsBy,
    TagsToo,
    output_option,
    seconds_option,
    share_option,
    wanted_labels,
)
from genrescope.cli.output import write_line

if TYPE_CHECKING:
    from genrescope.library.index.database import Index
    from genrescope.library.index.exporting import Playlists
    from genrescope.library.index.scan import Changes
    from genrescope.library.tagging.planning import PlanOptions


_MOST_NAMED = 5  # of the folders that were left out

library_app = typer.Typer(
    name="library",
    no_args_is_help=True,
    help="Keep an index of a music library: what is in it, and what models predicted of it.",
)

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="The library's folder.", show_default=False)
]
Below = Annotated[
    Path,
    typer.Argument(
        metavar="PATH", help="A library's folder, or a folder or file below it.", show_default=False
    ),
]
Map = Annotated[
    str | None,
    typer.Option(
        "--vocabulary", "--map", metavar="NAME|FILE", help="Vocabulary, or a file of your genres."
    ),
]
Hidden = Annotated[bool, typer.Option("--hidden", help="Look into hidden folders and files too.")]


@library_app.command("scan")
def scan_library(
    folder: Folder,
    classify: Annotated[
        bool, typer.Option("--classify", help="Then classify what no result is known of.")
    ] = False,
    model: Model = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Classify also what failed before.")
    ] = False,
    hidden: Hidden = False,
    index: IndexFile = None,
    jobs: Jobs = None,
    timeout: Annotated[
        float | None, seconds_option("Give a file up after so many seconds of classifying.")
    ] = None,
) -> None:
    """Bring the index of a library up to date: new, changed, moved and removed files.

    Only files that are new, or whose size or times changed, are opened. Predictions are kept
    by the sound, so files that were moved, or got other tags, are not classified again. Nothing is
    written to your files. What was done stays when this is stopped.

    Exit code: 0 all done, 2 wrong use, 3 something could not be read and the rest is done, 130
    interrupted.
    """
    from genrescope.cli.progress import progress_display
    from genrescope.library.index.database import Index
    from genrescope.library.index.scan import compare, update

    with Index(folder, index) as opened:
        seen = compare(opened, hidden=hidden)
        with progress_display("Reading") as show:
            changes = update(opened, seen, jobs=jobs, progress=show)
        _print_changes(changes)
        _print_left_out(opened, seen.left_out)
        failed = changes.failed + len(changes.unreadable)
        if classify or retry:
            failed += _classify(opened, model, retry=retry, jobs=jobs, timeout=timeout)
    if failed:
        raise typer.Exit(SOME_FAILED)


@library_app.command("status")
def status_of_library(path: Below, index: IndexFile = None) -> None:
    """Report what the index holds: files, genres in tags, results of each model, problems."""
    from rich.text import Text

    from genrescope.cli.collection.plan_table import bars
    from genrescope.cli.output import console as plain_console
    from genrescope.library.index.database import Index
    from genrescope.library.index.locate import find_place
    from genrescope.library.index.models import newer_model
    from genrescope.library.index.scan import refresh
    from genrescope.library.index.status import status

    console = plain_console()
    place = find_place(path, index)
    with Index(place.root, index) as opened:
        refresh(opened)
        found = status(opened, place.within)
        count = Text(f"{found.files:,} files", "bold")
        console.print(count.append(f", last scanned {found.scanned or 'never'}", "not bold"))
        if found.copies:
            console.print(f"copies of others, by their sound: {found.copies:,}", style="dim")
        console.print(f"{found.tagged:,} have a genre in their tags", style="dim")
        for model in found.models:
            counts = f"{model.classified:,} sounds classified by {model.name}"
            console.print(f"{counts}, {model.failed:,} failed")
        if (newer := newer_model(opened)) is not None:
            remedy = f"genrescope library scan {place.root} --classify"
            text = f"an earlier model's results count; {newer} can classify all again: {remedy}"
            console.print(text, style="yellow")
        console.print(bars(found.genres))
        for name, why in found.problems:
            console.print(f"{name}: {why}", style="yellow")
        console.print(f"index: {opened.path}", style="dim")


@library_app.command("export")
def export_library(
    path: Below,
    m3u: Annotated[
        Path | None, typer.Option(help="Folder for playlists, one a genre (M3U8).")
    ] = None,
    unknown: Annotated[
        bool, typer.Option("--unknown", help="Write a playlist of the unknown too.")
    ] = False,
    csv: Annotated[Path | None, output_option("File for a table (CSV).")] = None,
    json: Annotated[Path | None, output_option("File for JSON lines, one a file.")] = None,
    parquet: Annotated[
        Path | None, output_option("File for a table (Parquet; needs the extra train).")
    ] = None,
    tags: TagsToo = False,
    model: ModelOfResults = None,
    threshold: Annotated[
        float | None, share_option("Confidence below which the genre is unknown.")
    ] = None,
    map_: Map = None,
    style: OfStyle = None,
    mood: OfMood = None,
    by: PlaylistsBy = "genre",
    index: IndexFile = None,
) -> None:
    """Write what is known of a library for other programs; no music file is touched."""
    from genrescope.errors import UsageError
    from genrescope.files.atomic import write_errors
    from genrescope.library.index.database import Index
    from genrescope.library.index.exporting import FORMATS, StoredPredictions, write_playlists
    from genrescope.library.index.locate import find_place
    from genrescope.library.index.models import has_results, indexed_model
    from genrescope.library.index.scan import refresh

    tables = {"csv": csv, "json": json, "parquet": parquet}
    wanted = {kind: path for kind, path in tables.items() if path}
    if m3u is None and not wanted:
        raise UsageError("nothing to export to", remedy="give --m3u, --csv, --json or --parquet")
    labels = wanted_labels(by, style=style, mood=mood)
    place = find_place(path, index)
    with Index(place.root, index) as opened:
        refresh(opened)
        needed = m3u is not None or model is not None or has_results(opened)
        known = indexed_model(opened, model) if needed else None
        predictions = StoredPredictions(known, threshold, map_, place.within, tags, labels)
        with write_errors(m3u, inner=True):
            for kind, path in wanted.items():
                FORMATS[kind](opened, predictions, path)
                write_line(f"written: {path}")
            if m3u is not None:
                _print_playlists(write_playlists(opened, predictions, m3u, unknown=unknown, by=by))


@library_app.command("watch")
def watch_library(
    folder: Folder,
    classify: Annotated[
        bool, typer.Option("--classify/--no-classify", help="Classify what comes.")
    ] = True,
    tag: Annotated[
        bool, typer.Option("--tag", help="Fill in missing genres, as `genrescope tag --apply`.")
    ] = False,
    model: Model = None,
    threshold: Annotated[
        float | None, share_option("Confidence from which a genre is filled in.")
    ] = None,
    map_: Map = None,
    interval: Annotated[float, seconds_option("Seconds between two looks.", 0.1)] = 30.0,
    hidden: Hidden = False,
    index: IndexFile = None,
    jobs: Jobs = None,
) -> None:
    """Look at a library again and again, and take in what comes.

    A file is taken in when two looks find it the same, so one that is still being copied is left
    alone. Ctrl-C ends it; what was done stays.
    """
    from genrescope.library.index.database import Index
    from genrescope.library.index.watching import watch
    from genrescope.library.tagging.planning import PlanOptions

    options = PlanOptions(threshold=threshold, vocabulary=map_)
    with Index(folder, index) as opened:

        def act(changes: Changes) -> None:
            _print_changes(changes)
            if classify or tag:
                _classify(opened, model, retry=False, jobs=jobs, timeout=None)
            if tag:
                _fill_in(opened, options)

        write_line(f"watching {opened.root}; Ctrl-C ends it", err=True)
        try:
            watch(opened, act, interval=interval, hidden=hidden)
        except KeyboardInterrupt:
            write_line("stopped", err=True)


def _classify(
    index: Index, model: str | None, *, retry: bool, jobs: int | None, timeout: float | None
) -> int:
    """Classify what is new; report and return how many failed."""
    from genrescope.cli.progress import progress_display
    from genrescope.library.index.results import classify_library

    with progress_display("Classifying") as show:
        classified = classify_library(
            index, model, retry=retry, jobs=jobs, timeout=timeout, progress=show
        )
    failed = (
        f", {classified.failed} failed: see genrescope library status" if classified.failed else ""
    )
    write_line(f"{classified.done} sounds classified{failed}")
    return classified.failed


def _fill_in(index: Index, options: PlanOptions) -> None:
    """Write the genres that are missing."""
    from genrescope.cli.collection.tag import carry_out
    from genrescope.library.tagging.planning import make_plan

    carry_out(make_plan(index, options).rows, index.root)


def _print_left_out(index: Index, paths: list[bytes]) -> None:
    """Count and name what was left out for the names of folders and files."""
    from genrescope.library.index.walk import music_in
    from genrescope.library.tagging.plan import path_to_text

    counts = {path: count for path in paths if (count := music_in(index.root, path))}
    if not counts:
        return
    largest = sorted(counts, key=lambda path: (-counts[path], path))[:_MOST_NAMED]
    names = [f"{path_to_text(os.fsdecode(path))} {counts[path]}" for path in largest]
    names += [f"{len(counts) - len(names)} more"] if len(counts) > len(names) else []
    total = sum(counts.values())
    write_line(f"{total} left out as hidden ({', '.join(names)}): --hidden takes them in", err=True)


def _print_playlists(written: Playlists) -> None:
    for genre, count in written.songs.items():
        write_line(f"{genre}: {count} songs")
    rest = [f"{count} {why}" for why, count in written.left_out.most_common()]
    if rest:
        write_line(f"in no playlist: {', '.join(rest)}")
    if written.copies:
        write_line(f"copies of other songs, by their sound: {written.copies}")


def _print_changes(changes: Changes) -> None:
    from genrescope.library.tagging.plan import path_to_text

    kinds = ("new", "changed", "retagged", "moved", "removed", "unchanged")
    counts = [(kind, getattr(changes, kind)) for kind in kinds]
    write_line(", ".join(f"{count} {kind}" for kind, count in counts if count) or "no music files")
    for place in changes.unreadable:
        name = path_to_text(place.path.decode("utf-8", "surrogateescape")) or "."
        write_line(f"{name}: {place.problem}", err=True)
    if changes.failed:
        write_line(f"{changes.failed} cannot be read: see genrescope library status", err=True)
