"""`genrescope evaluate`: how well a model predicts the labels of one's own songs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genrescope.cli.options import (
    SOME_FAILED,
    AnalysedExcerpt,
    Engine,
    Jobs,
    Model,
    Timeout,
    output_option,
    refuse_same,
    share_option,
)
from genrescope.cli.output import write_line
from genrescope.cli.songs.classify import counted, interruptible, options_of, progress
from genrescope.cli.songs.scored import Scored, check_page, document, print_scores, write_page

if TYPE_CHECKING:
    from genrescope.data.song_labels import SongLabels


def evaluate(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of the songs; with --predictions and --labels it may be left out.",
            show_default=False,
        ),
    ] = None,
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
        typer.Option(help="Evaluate in other genres, as in `genrescope classify`."),
    ] = None,
    threshold: Annotated[
        float | None,
        share_option(
            "Confidence from which a genre is named; by default that of the model's card."
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            help="Evaluate these instead of a model: CSV or JSON of songs (path) and their genre, "
            "or the probability p(NAME) of each."
        ),
    ] = None,
    excerpt: AnalysedExcerpt = None,
    results: Annotated[
        Path | None,
        typer.Option(
            help="Keep what is done in this file, as in `genrescope classify`. The same command "
            "goes on from it."
        ),
    ] = None,
    json_: Annotated[
        Path | None, output_option("Write all of it, as JSON, to this file.", "--json")
    ] = None,
    report: Annotated[
        Path | None,
        output_option("Write a page (HTML) with scores, confusion and calibration."),
    ] = None,
    jobs: Jobs = None,
    engine: Engine = "processes",
    timeout: Timeout = None,
) -> None:
    """Evaluate a model, or any predictions, on your own labelled songs.

    Labels may be spelt in any way; those that name no genre of the model are listed and left out.
    A prediction is right where it is among a song's genres. A bundled model evaluated on songs that
    it was fitted to (`genrescope models show`) looks better than it is.

    Exit code: 0 all done, 2 wrong use, 3 some files failed and the others are done, 130
    interrupted.
    """
    from genrescope.cli.songs.extract import parse_excerpt
    from genrescope.errors import UsageError
    from genrescope.files.atomic import write_json

    if groups and labels is None:
        raise UsageError("--groups without --labels", remedy="groups are a column of that file")
    read = {"--labels": labels, "--predictions": predictions, "--results": results}
    refuse_same({"--json": json_, "--report": report}, read)
    if report is not None:
        check_page()
    source = _LabelSource(folder, labels, groups)
    if predictions is not None:
        if model or vocabulary or excerpt or results:
            raise UsageError(
                "--predictions and a model do not go together",
                remedy="leave out --model, --vocabulary, --excerpt and --results",
            )
        found = _of_predictions(source, predictions, threshold or 0.0)
    else:
        taken = parse_excerpt(excerpt) if excerpt else None
        kept = {"results": results, "jobs": jobs, "engine": engine, "timeout": timeout}
        found = _of_model(source, model, vocabulary, threshold, {"excerpt": taken, **kept})
    print_scores(found)
    if json_ is not None:
        write_json(json_, document(found))
    if report is not None:
        write_page(report, found)
        write_line(f"report: {report}")
    if found.songs.unread:
        raise typer.Exit(SOME_FAILED)


@dataclass(frozen=True)
class _LabelSource:
    """Where the songs and their labels are."""

    folder: Path | None
    labels: Path | None
    groups: str | None

    def read(self, files: Sequence[Path], folder: Path) -> SongLabels:
        """The labels of files that are called by their paths in `folder`."""
        from genrescope.data.song_labels import find_labels

        return find_labels(self.labels, files, folder, self.groups)


def _of_model(
    source: _LabelSource,
    model: str | None,
    vocabulary: str | None,
    threshold: float | None,
    classifying: dict[str, Any],
) -> Scored:
    """A model's predictions of the songs, scored; `classifying`: options of `classify_files`."""
    from genrescope.audio.collect import Collection, collect
    from genrescope.benchmark.own_songs import evaluate_songs, map_labels
    from genrescope.cli.songs.rows import Form
    from genrescope.errors import UsageError
    from genrescope.inference.collection import classify_files
    from genrescope.inference.registry import find_model

    folder = source.folder
    if folder is None or not folder.is_dir():
        raise UsageError("no such folder", place=folder, remedy="name the folder of the songs")
    found = find_model(model)
    options = options_of(found, None, threshold, vocabulary, top=1)
    given = source.read(collect([folder]).files, folder)
    mapped = map_labels(given, options.genres)
    songs = Collection(tuple(mapped.genres), ())
    rows = classify_files(songs.files, found, **classifying)
    shown = progress(Form("table", 1), songs)
    with interruptible(classifying["results"]), shown as show:
        scored = evaluate_songs(
            counted(rows, songs, show),
            mapped.genres,
            options,
            given.groups if source.groups else None,
        )
    least = options.head.threshold if options.threshold is None else options.threshold
    return Scored(scored, mapped, given, found.name, least)


def _of_predictions(source: _LabelSource, path: Path, threshold: float) -> Scored:
    """Predictions that any program made, scored."""
    from genrescope.benchmark.own_songs import (
        evaluate_predictions,
        genres_of_predictions,
        map_labels,
    )
    from genrescope.data.song_predictions import read_song_predictions
    from genrescope.errors import UsageError

    if source.folder is None and source.labels is None:
        raise UsageError(
            "predictions without labels",
            remedy="name the folder of the songs, a folder a genre, or give --labels FILE",
        )
    found, folder = read_song_predictions(path), source.folder or Path()
    files = {song: _below(folder, Path(song)) for song in found.predicted}
    given = source.read(tuple(files.values()), folder)
    genres = genres_of_predictions(found, given)
    mapped = map_labels(given, genres)
    scored = evaluate_predictions(
        *(found, genres, files, mapped.genres),
        groups=given.groups if source.groups else None,
        threshold=threshold,
    )
    return Scored(scored, mapped, given, path.stem, threshold)


def _below(folder: Path, song: Path) -> Path:
    """The path below `folder` that a song has, however it is called."""
    for base in (folder, folder.absolute()):
        if song.is_relative_to(base):
            return folder / song.relative_to(base)
    return folder / (song.relative_to(song.anchor) if song.anchor else song)
