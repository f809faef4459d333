"""`genrescope evaluate`: how well a model answers one's own labelled songs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genrescope.cli.options import SOME_FAILED, Engine, HeardExcerpt, Jobs, Model, Timeout
from genrescope.cli.options import command_line as typed
from genrescope.cli.output import console as output_console
from genrescope.cli.output import write_line
from genrescope.cli.songs.classify import counted, interruptible, options_of, progress

if TYPE_CHECKING:
    from genrescope.benchmark.own_songs import MappedLabels, OwnSongs
    from genrescope.data.song_labels import SongLabels
    from genrescope.inference.options import PredictionOptions


def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder of the songs.", show_default=False)],
    labels: Annotated[
        Path | None,
        typer.Option(
            help="CSV file of songs (path or file name) and genres, several joined by a bar; by "
            "default a song's genre is the name of its folder directly below FOLDER."
        ),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            help="Column of the labels file (such as artist) whose songs belong together: "
            "intervals draw groups."
        ),
    ] = None,
    model: Model = None,
    vocabulary: Annotated[
        str | None,
        typer.Option(help="Judge the answers in other genres, as in `genrescope classify`."),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            help="Confidence from which a genre is named; by default what the model's card says.",
        ),
    ] = None,
    excerpt: HeardExcerpt = None,
    results: Annotated[
        Path | None,
        typer.Option(
            help="Keep what is done in this file, as in `genrescope classify`. The same command "
            "goes on from it."
        ),
    ] = None,
    json_: Annotated[
        Path | None, typer.Option("--json", help="Write all of it, as JSON, to this file.")
    ] = None,
    jobs: Jobs = None,
    engine: Engine = "processes",
    timeout: Timeout = None,
) -> None:
    """Evaluate a model on your own labelled songs.

    Labels may be spelt in any way; those that name no genre of the model are listed and left out.
    An answer is right where it is among a song's genres. A bundled model evaluated on songs that
    it was fitted to (`genrescope models show`) looks better than it is.

    Exit code: 0 all done, 2 wrong use, 3 some files failed and the others are done, 130
    interrupted.
    """
    from genrescope.audio.collect import Collection, collect
    from genrescope.benchmark.own_songs import evaluate_songs, map_labels
    from genrescope.cli.songs.extract import parse_excerpt
    from genrescope.data.song_labels import find_labels
    from genrescope.errors import UsageError
    from genrescope.files.atomic import write_json
    from genrescope.inference.collection import classify_files
    from genrescope.inference.registry import find_model

    if not folder.is_dir():
        raise UsageError("no such folder", place=folder, remedy="name the folder of the songs")
    if groups and labels is None:
        raise UsageError("--groups without --labels", remedy="groups are a column of that file")
    found = find_model(model)
    options = options_of(found, None, threshold, vocabulary, top=1)
    said = find_labels(labels, collect([folder]).files, folder, groups)
    mapped = map_labels(said, options.genres)
    songs = Collection(tuple(mapped.genres), ())
    rows = classify_files(
        songs.files,
        found,
        excerpt=parse_excerpt(excerpt) if excerpt else None,
        results=results,
        jobs=jobs,
        engine=engine,
        timeout=timeout,
    )
    with interruptible(results), progress(output_console(), songs, "table") as show:
        judged = evaluate_songs(
            counted(rows, songs, show), mapped.genres, options, said.groups if groups else None
        )
    _print(judged, mapped, said, found.name, options)
    if json_ is not None:
        write_json(json_, _document(judged, mapped, said, found.name, options))
    if judged.unread:
        raise typer.Exit(SOME_FAILED)


def _threshold(options: PredictionOptions) -> float:
    return options.head.threshold if options.threshold is None else options.threshold


def _print(
    judged: OwnSongs,
    mapped: MappedLabels,
    said: SongLabels,
    model: str,
    options: PredictionOptions,
) -> None:
    """Scores, genres, and all that was left out by name."""
    from genrescope.report.own_songs import genre_table, listed, score_lines

    genres = sum(item.support > 0 for item in judged.scores.genres)
    write_line(f"{model}: {judged.scores.rows} songs of {genres} genres\n")
    for line in score_lines(judged, _threshold(options)):
        write_line(line)
    output_console().print(genre_table(judged.scores))
    if mapped.unmapped:
        write_line(f"labels that name no genre of the model: {listed(mapped.unmapped)}")
    if said.unlabelled:
        write_line(f"songs without a label: {len(said.unlabelled)}, {said.unlabelled[0]} first")
    if said.without_file:
        write_line(f"labels without a file: {len(said.without_file)}, {said.without_file[0]} first")
    for path, reason in (*judged.unread.items(), *judged.empty.items()):
        write_line(f"no answer: {path}: {reason}")


def _document(
    judged: OwnSongs,
    mapped: MappedLabels,
    said: SongLabels,
    model: str,
    options: PredictionOptions,
) -> dict[str, Any]:
    """All that is known, as JSON values."""
    from genrescope.version import __version__

    return {
        "command": typed(),
        "version": __version__,
        "model": model,
        "threshold": _threshold(options),
        **judged.as_json(),
        "unmapped_labels": dict(mapped.unmapped),
        "unlabelled": list(map(str, said.unlabelled)),
        "labels_without_file": list(said.without_file),
    }
