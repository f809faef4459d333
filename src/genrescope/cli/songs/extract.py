"""`genrescope extract`: audio files to tables of vectors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.options import SOME_FAILED, Engine, Jobs, Timeout
from genrescope.cli.output import write_line
from genrescope.cli.progress import progress_display

if TYPE_CHECKING:
    from genrescope.audio.excerpt import Excerpt
    from genrescope.extraction.summary import Summary


def extract(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the tables.", show_default=False)
    ],
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATHS",
            help="Audio files, folders, patterns, playlists (M3U, PLS, XSPF), or - for a list "
            "on standard input.",
        ),
    ] = None,
    sets: Annotated[
        str,
        typer.Option(
            help="Feature sets, separated by commas; by default the thirteen published ones. Five "
            "more by name: spectral_contrast, tonality, band_correlation, loudness_fluctuation, "
            "mel_patches; and pretrained networks: audioset, musicnn, musicnn-mtt."
        ),
    ] = "all",
    model: Annotated[
        str | None,
        typer.Option(
            help="Instead of sets: what this model takes, at its level, as its predict takes it; "
            "a name or a folder."
        ),
    ] = None,
    format_: Annotated[
        str,
        typer.Option(
            "--format", help="store (for training and evaluation), parquet, csv, arff or npz."
        ),
    ] = "store",
    like: Annotated[
        str,
        typer.Option(
            help="Whose files the vectors shall resemble: default (the original programs), 2012 "
            "(TU Wien's files of that year) or msd (the Million Song Dataset Benchmarks)."
        ),
    ] = "default",
    excerpt: Annotated[
        str | None,
        typer.Option(
            help="What is read of a file: middle:SECONDS, whole, or windows:COUNTxSECONDS, "
            "described as one clip; by default middle:30, or the model's."
        ),
    ] = None,
    precision: Annotated[str, typer.Option(help="float32, which is faster, or float64.")] = (
        "float32"
    ),
    masking: Annotated[
        bool | None,
        typer.Option(
            help="Whether loud critical bands mask their neighbours in the TU Wien sets; by "
            "default that of --like."
        ),
    ] = None,
    jobs: Jobs = None,
    engine: Engine = "processes",
    timeout: Timeout = None,
    shard: Annotated[
        str | None,
        typer.Option(help="Do only part I of N, written I/N; join the parts with --merge."),
    ] = None,
    merge: Annotated[
        bool, typer.Option("--merge", help="Join the finished shards in the output folder.")
    ] = False,
    root: Annotated[
        Path | None,
        typer.Option(
            help="Folder to which the songs' names in the tables are relative; by default the "
            "folder named, or the common one of all that is named."
        ),
    ] = None,
) -> None:
    """Extract descriptor sets, and vectors of pretrained networks, from audio files into tables.

    What fails is listed in failures.csv, what is remarkable in notes.csv; neither stops the rest.
    A run that was stopped goes on when the same command is given again.

    Exit code: 0 all done, 2 wrong use, 3 some files failed and the others are done, 130
    interrupted.
    """
    from genrescope.audio.collect import collect
    from genrescope.descriptors.settings import DEFAULT, Settings
    from genrescope.errors import UsageError
    from genrescope.extraction.batch import extract_files
    from genrescope.extraction.merge import merge_shards
    from genrescope.extraction.request import Request
    from genrescope.extraction.songs import Shard, root_of

    if merge:
        _report(merge_shards(output, format_), output)
        return
    if not paths:
        raise UsageError("no files are named", remedy="name files or folders, or - for a list")
    settings = Settings(like, precision, masking)  # type: ignore[arg-type]  # it checks them
    request = Request.of(
        None if sets == "all" else [name.strip() for name in sets.split(",")],
        None if settings == DEFAULT else settings,
        None if excerpt is None else parse_excerpt(excerpt),
        model,
    )
    part = Shard.parse(shard) if shard else None
    collection = collect(paths)
    with progress_display("Extracting") as show:
        summary = extract_files(
            collection.files,
            output,
            request,
            root=root or root_of(paths, collection.files),
            problems=collection.problems,
            format_=format_,
            shard=part,
            jobs=jobs,
            engine=engine,
            timeout=timeout,
            progress=lambda state: show(state.done, state.failed, state.total),
        )
    _report(summary, output / part.folder if part else output)


def parse_excerpt(text: str) -> Excerpt:
    """The excerpt written `middle:SECONDS`, `whole` or `windows:COUNTxSECONDS`.

    Raises:
        UsageError: it is not written so.
    """
    from genrescope.audio.excerpt import Excerpt
    from genrescope.errors import UsageError

    kind, _, length = text.partition(":")
    count, _, seconds = length.rpartition("x")
    try:
        if text == "whole":
            return Excerpt.whole()
        if kind == "middle":
            return Excerpt.middle(float(length))
        if kind == "windows":
            return Excerpt.windows(int(count), float(seconds))
    except ValueError:
        pass
    raise UsageError(
        f"no excerpt '{text}'", remedy="give middle:SECONDS, whole or windows:COUNTxSECONDS"
    )


def _report(summary: Summary, output: Path) -> None:
    """Report what was done and where it is; leave with 3 if something failed."""
    done = summary.songs - summary.failed
    write_line(f"{done} of {summary.songs} songs are in {output}")
    for name, rows in summary.rows.items():
        if rows < done:
            write_line(f"  {name}: {rows} (too short: see {output / 'notes.csv'})")
    if summary.failed:
        write_line(f"  {summary.failed} failed: see {output / 'failures.csv'}", err=True)
        raise typer.Exit(SOME_FAILED)
