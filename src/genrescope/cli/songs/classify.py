"""`genrescope classify`: the genres of songs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genrescope.cli.options import (
    SOME_FAILED,
    AnalysedExcerpt,
    Engine,
    Everything,
    Instruments,
    Jobs,
    Model,
    Moods,
    Styles,
    Timeout,
    Voice,
    label_kinds,
    share_option,
)
from genrescope.cli.output import write_line
from genrescope.cli.progress import Show, progress_display

if TYPE_CHECKING:
    from genrescope.audio.collect import Collection
    from genrescope.cli.songs.rows import Form
    from genrescope.errors import AudioError
    from genrescope.inference.options import PredictionOptions
    from genrescope.inference.storage.results import Row

_INTERRUPTED = 130


def classify(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATHS",
            help="Audio files, folders, patterns, playlists (M3U, PLS, XSPF), or - for a list "
            "on standard input.",
            show_default=False,
        ),
    ],
    json_: Annotated[bool, typer.Option("--json", help="Write JSON lines, one a song.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write CSV.")] = False,
    top: Annotated[int, typer.Option(min=1, help="How many genres are named of each song.")] = 3,
    threshold: Annotated[
        float | None,
        share_option(
            "Confidence, 0 to 1, below which the genre is unknown; by default what the "
            "model's card has. 0 names a genre always, except of silence."
        ),
    ] = None,
    model: Model = None,
    excerpt: AnalysedExcerpt = None,
    timeline: Annotated[
        bool,
        typer.Option("--timeline", help="Classify one song over time: of 30 s every 10 s."),
    ] = False,
    vocabulary: Annotated[
        str | None,
        typer.Option(
            help="Predict other genres: library, topMAGD, GTZAN, or those of a mapping file (CSV "
            "or JSON: the model's genre, yours).",
        ),
    ] = None,
    prior: Annotated[
        str | None,
        typer.Option(
            help="How common the model's genres are in these songs: rock=0.5,jazz=20%, or a CSV "
            "or JSON file. Genres that are not named share the rest.",
        ),
    ] = None,
    estimate_prior: Annotated[
        bool,
        typer.Option(
            "--estimate-prior",
            help="Estimate how common the genres are from these songs; rows come after all "
            "have been classified.",
        ),
    ] = False,
    results: Annotated[
        Path | None,
        typer.Option(
            help="Keep what is done in this file. The same command goes on from it, and does not "
            "classify again what has not changed."
        ),
    ] = None,
    jams: Annotated[
        Path | None,
        typer.Option(
            help="Write a JAMS file a song into this folder, too; with --timeline one of segments, "
            "and a .lab file of intervals as mir_eval reads it."
        ),
    ] = None,
    styles: Styles = False,
    moods: Moods = False,
    voice: Voice = False,
    instruments: Instruments = False,
    everything: Everything = False,
    jobs: Jobs = None,
    engine: Engine = "processes",
    timeout: Timeout = None,
) -> None:
    """Predict the genres of songs, and how sure that is.

    A genre is named where the confidence reaches the threshold; otherwise it is `unknown`.
    Styles, moods, voice and instruments are named where they are sure enough, each by its own
    threshold (see `genrescope genres --labels`); JSON and CSV have them in any case.
    Rows appear as they are ready. Nothing is written to your files. Where they carry genres
    already (and the extra `tags` is installed), the agreement with them is printed at the end.

    Exit code: 0 all done, 2 wrong use, 3 some files failed and the others are done, 130
    interrupted.
    """
    from genrescope.audio.collect import collect
    from genrescope.cli.songs.extract import parse_excerpt
    from genrescope.cli.songs.rows import Form, begun
    from genrescope.cli.songs.timeline import show_timeline
    from genrescope.errors import UsageError
    from genrescope.inference.collection import classify_files
    from genrescope.inference.registry import find_model

    _refuse_both({"--json": json_, "--csv": csv})
    _refuse_both({"--prior": prior, "--estimate-prior": estimate_prior})
    whole = {"--excerpt": excerpt, "--results": results, "--estimate-prior": estimate_prior}
    for name, value in whole.items():
        _refuse_both({"--timeline": timeline, name: value})
    folder = find_model(model)
    options = options_of(folder, prior, threshold, vocabulary, top)
    kinds = label_kinds(styles, moods, voice, instruments, everything=everything)
    form = Form("json" if json_ else "csv" if csv else "table", options.top, kinds)
    collection = collect(paths)
    if not collection.files and not collection.problems:
        raise UsageError("there is nothing to classify", remedy="name audio files or their folder")
    if timeline:
        show_timeline(collection, folder, options, form, jams)
        return
    rows = classify_files(
        collection.files,
        folder,
        excerpt=parse_excerpt(excerpt) if excerpt else None,
        results=results,
        jobs=jobs,
        engine=engine,
        timeout=timeout,
    )
    with interruptible(results):
        rest = begun(rows)  # before the bar, whose thread would keep workers from being copies
        with progress(form, collection) as show:
            classified: Iterable[Row] = counted(rest, collection, show)
            if estimate_prior:
                classified = list(classified)
                options = _estimated(classified, options)
            names = _names(paths, collection)
            if jams is not None:
                classified = _kept_as_jams(classified, options, folder.name, names, jams)
            failed = _write(classified, options, form, names)
    if failed:
        raise typer.Exit(SOME_FAILED)


@contextmanager
def interruptible(results: Path | None) -> Iterator[None]:
    """Print how to go on after Ctrl-C where nothing is kept; where it is, the group prints it."""
    try:
        yield
    except KeyboardInterrupt:
        if results is not None:
            raise
        write_line("interrupted; with --results FILE a later run can go on from here", err=True)
        raise typer.Exit(_INTERRUPTED) from None


def _refuse_both(options: dict[str, Any]) -> None:
    from genrescope.errors import UsageError

    if all(options.values()):
        raise UsageError(" and ".join(options) + " do not go together", remedy="give one of them")


def options_of(
    folder: Path, prior: str | None, threshold: float | None, vocabulary: str | None, top: int
) -> PredictionOptions:
    """The options of the command line; genres that can never be predicted are named at once."""
    from genrescope.inference.card import ModelCard
    from genrescope.inference.options import PredictionOptions
    from genrescope.inference.prior import parse_prior

    card = ModelCard.read(folder)
    options = PredictionOptions(card, None, threshold, vocabulary, top)
    if unreachable := options.unreachable():
        write_line(f"{card.name} never predicts: {', '.join(unreachable)}", err=True)
    options = replace(options, top=min(top, len(options.genres)))
    return options if not prior else replace(options, prior=parse_prior(prior, options.head.genres))


def _names(paths: list[str], collection: Collection) -> dict[Path, str]:
    """How each file is called in a table: by its path below what is common to all."""
    from genrescope.extraction.songs import name_songs, root_of

    root = root_of(paths, collection.files) if collection.files else None
    songs = (*collection.files, *map(_place, collection.problems))
    return {path: name for path in songs for name in name_songs([path], root)}


def _place(problem: AudioError) -> Path:
    return Path(problem.place or "")


def progress(form: Form, collection: Collection) -> AbstractContextManager[Show]:
    """The progress of many files, unless it would stand between JSON or CSV on a terminal."""
    if len(collection.files) < 2 or (form.kind != "table" and form.console.is_terminal):
        return nullcontext(lambda *_: None)
    return progress_display("Classifying", form.console)


def counted(rows: Iterable[Row], collection: Collection, show: Show) -> Iterator[Row]:
    """What is known to fail, then the rows, each counted."""
    from genrescope.inference.storage.results import FailedSong

    failed, total = len(collection.problems), len(collection.files) + len(collection.problems)
    for problem in collection.problems:
        yield FailedSong(_place(problem), problem.message, problem.remedy)
    show(failed, failed, total)
    for done, row in enumerate(rows, failed + 1):
        failed += isinstance(row, FailedSong)
        yield row
        show(done, failed, total)


def _estimated(rows: list[Row], options: PredictionOptions) -> PredictionOptions:
    """The options with the shares that these songs most likely have; it prints them."""
    from genrescope.inference.classified import ClassifiedSong

    songs = [row.prediction for row in rows if isinstance(row, ClassifiedSong)]
    estimated = options.with_estimated_prior(songs)
    if estimated.prior is not None:
        shares = sorted(
            zip(estimated.prior, estimated.head.genres, strict=True), key=lambda pair: -pair[0]
        )
        text = ", ".join(f"{genre} {100 * share:.0f} %" for share, genre in shares)
        write_line(f"estimated shares: {text}", err=True)
    return estimated


def _write(
    rows: Iterable[Row], options: PredictionOptions, form: Form, names: dict[Path, str]
) -> int:
    """Write the rows as they come, and how far they agree with tags; how many failed."""
    from genrescope.cli.collection.tagged import TagComparison
    from genrescope.inference.classified import ClassifiedSong

    failed, comparison = 0, TagComparison(options.genres)
    with form.songs(names, options.genres) as writer:
        for row in rows:
            if isinstance(row, ClassifiedSong):
                result = replace(row, prediction=options.apply(row.prediction))
                comparison.add(result.path, result.prediction.genre)
                writer.write(result)
            else:
                failed += 1
                writer.write(row)
    form.remark(comparison.summary())
    return failed


def _kept_as_jams(
    rows: Iterable[Row],
    options: PredictionOptions,
    model: str,
    names: dict[Path, str],
    target: Path,
) -> Iterator[Row]:
    """The rows, each song's genres written into the folder `target` under the song's name."""
    from genrescope.inference.classified import ClassifiedSong
    from genrescope.inference.storage.jams import write_song

    for row in rows:
        if isinstance(row, ClassifiedSong):
            result = replace(row, prediction=options.apply(row.prediction))
            path = target / f"{names[row.path].lstrip('/')}.jams"
            write_song(path, result, model, options.top)
        yield row
