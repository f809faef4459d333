"""`genrescope learn`: a model of a person's own labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.options import IndexFile, Jobs, Model, command_line, output_option, refuse_same
from genrescope.cli.output import console as output_console
from genrescope.cli.output import write_line

if TYPE_CHECKING:
    from genrescope.cli.progress import Show
    from genrescope.data.song_labels import SongLabels
    from genrescope.evaluation.scores import Interval
    from genrescope.learning.own.learn import LearnedModel
    from genrescope.library.index.locate import Place
    from genrescope.library.labels.learning import Source


def learn(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders of libraries, or folders in them; labels are taken from all.",
            show_default=False,
        ),
    ] = None,
    field: Annotated[
        str,
        typer.Option(
            help="Where labels are: genre, grouping, comment, custom:NAME, folder (the name of the "
            "folder directly below PATH) or playlist (the names of the M3U files that list a song)."
        ),
    ] = "genre",
    labels: Annotated[
        Path | None,
        typer.Option(
            help="Labels from a CSV file of songs (path or file name) and labels, several joined "
            "by a bar, as in `genrescope evaluate`."
        ),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            help="Column of that file whose songs belong together; by default artists of tags."
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the model.")] = "mine",
    model: Model = None,
    least_songs: Annotated[
        int, typer.Option(min=2, help="Songs that a label must have to be learned.")
    ] = 8,
    keep_songs: Annotated[
        bool,
        typer.Option(
            "--keep-songs",
            help="Keep names and embeddings of your songs in the model, so that `genrescope "
            "explain` can name the most similar ones.",
        ),
    ] = False,
    correct: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE=GENRE",
            help="Keep the right label of a file, several joined by semicolons; may be given "
            "several times. The next learning uses it in the place of tags. Nothing after the "
            "equals sign: forget it.",
        ),
    ] = None,
    suggest: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="NUMBER",
            help="Learn nothing, but list so many songs whose labels would help most: unlike each "
            "other and what is corrected so far, and like many others. Correct them with "
            "--correct, or on the page.",
        ),
    ] = None,
    suspects: Annotated[
        Path | None,
        output_option("Write all labels to this CSV file, those that look wrong first."),
    ] = None,
    index: IndexFile = None,
    jobs: Jobs = None,
) -> None:
    """Learn the labels of your own libraries; how well is shown before they are used.

    What an index has is not computed again, and a run that was stopped goes on. Nothing is
    written to your files. The model is used as any other: `genrescope classify --model mine`.

    Exit code: 0 done, 2 wrong use, 3 nothing was learned, 130 interrupted.
    """
    from genrescope.errors import UsageError
    from genrescope.learning.own.folder import folder_of
    from genrescope.library.labels.learning import Wanted, learn_libraries

    refuse_same({"--suspects": suspects}, {"--labels": labels})
    for text in correct or ():
        _correct(text, index)
    if not paths:
        if not correct:
            raise UsageError("nothing to learn from", remedy="name your library's folder")
        return
    with ExitStack() as stack, ExitStack() as bars:
        if suggest is not None:
            found = _suggested(_sources(paths, index, stack), suggest, model, jobs, _bars(bars))
            bars.close()
            for song in found:
                write_line(song)
            return
        wanted = Wanted(folder_of(name), field, model, least_songs, keep_songs=keep_songs)
        learned = learn_libraries(
            *(_sources(paths, index, stack, labels, groups), wanted),
            jobs=jobs,
            command=command_line(),
            progress=_bars(bars),
        )
    for line in _lines(learned):
        write_line(line)
    output_console().print(_table(learned))
    if suspects is not None:
        _write_suspects(suspects, learned)
    write_line(f"\nuse it: genrescope classify --model {name} FILES")


def _sources(
    paths: Iterable[Path],
    index: Path | None,
    stack: ExitStack,
    labels: Path | None = None,
    groups: str | None = None,
) -> list[Source]:
    """The songs at or below the paths, each library's index opened once."""
    from genrescope.library.index.database import Index
    from genrescope.library.index.locate import find_place
    from genrescope.library.labels.learning import Source

    opened: dict[Path, Index] = {}
    places = [find_place(path, index) for path in paths]
    for root, _ in places:
        if root not in opened:
            opened[root] = stack.enter_context(Index(root, index))
    return [
        Source(
            opened[place.root],
            place.within,
            None if labels is None else _labels(labels, place, groups),
        )
        for place in places
    ]


def _suggested(
    sources: Iterable[Source],
    count: int,
    model: str | None,
    jobs: int | None,
    progress: Callable[[str], Show],
) -> list[str]:
    """The songs of each library that are most useful to label."""
    from genrescope.inference.card import DescribedModel
    from genrescope.inference.registry import find_model
    from genrescope.library.labels.learning import predicted
    from genrescope.library.labels.suggesting import suggest

    found, base = [], DescribedModel.read(find_model(model))
    for source in sources:
        known = predicted(source, base, jobs=jobs, progress=progress)
        chosen = suggest(source.index, known, count, source.within)
        found += [str(source.index.root / song.path) for song in chosen]
    return found


def _correct(text: str, index: Path | None) -> None:
    from genrescope.library.index.database import Index
    from genrescope.library.index.locate import find_place
    from genrescope.library.labels.corrections import correct, parse_correction

    file, words = parse_correction(text)
    with Index(find_place(file, index).root, index) as opened:
        correct(opened, file, words)
    write_line(f"{file}: {'; '.join(words) or 'no correction'}")


def _labels(path: Path, place: Place, groups: str | None) -> SongLabels:
    from genrescope.audio.collect import collect
    from genrescope.data.song_labels import read_song_labels

    root = Path(place.root).resolve() / place.within
    return read_song_labels(path, collect([root]).files, root, groups)


def _bars(stack: ExitStack) -> Callable[[str], Show]:
    """One bar after the other."""
    from genrescope.cli.progress import progress_display

    def bar(word: str) -> Show:
        stack.close()
        return stack.enter_context(progress_display(word))

    return bar


def _lines(learned: LearnedModel) -> Iterator[str]:
    """How well it is learned, beside what it is compared with, and what is left out."""
    from genrescope.report.wording import percent

    found = learned.assessment
    songs, scores = found.songs, found.scores
    yield f"{learned.card.name}: {len(songs)} songs of {len(songs.labels)} labels\n"
    yield _score("macro recall", scores.macro_recall)
    if found.general is not None:
        beside = "  its macro recall, mapped to these labels"
        yield _score("general model", found.general) + beside
    commonest = f"  the commonest: {percent(found.commonest)}"
    if several := found.several:
        yield f"{'right label':18} {percent(several.hit):>5}{commonest}"
        yield f"{'calibration error':18} {percent(several.calibration_error):>5}"
        yield (
            f"{'several labels':18} {percent(several.macro_recall):>5} macro recall, "
            f"{several.named:.1f} labels named a song"
        )
    else:
        yield _score("right label", found.accuracy_scores.accuracy) + commonest
        yield _score("calibration error", found.accuracy_scores.calibration_error)
    sizes = ", ".join(f"{percent(recall)} from {n}" for n, recall in found.curve.items())
    yield f"{'learning curve':18} {sizes} songs"
    for spelling, label in songs.spellings.items():
        yield f"taken for {label}: {spelling}"
    for label, reason in songs.left_out.items():
        yield f"left out: {label}: {reason}"
    for song, reason in learned.not_used.items():
        yield f"not used: {song}: {reason}"


def _score(word: str, score: Interval) -> str:
    from genrescope.report.wording import percent

    return f"{word:18} {percent(score.value):>5} [{percent(score.low)}, {percent(score.high)}]"


def _table(learned: LearnedModel) -> object:
    from genrescope.report.own_songs import genre_table

    return genre_table(learned.assessment.scores)


def _write_suspects(path: Path, learned: LearnedModel) -> None:
    import csv
    import io

    from genrescope.files.atomic import write_atomic

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("song", "label", "looks like", "probability", "probability of that"))
    for item in learned.assessment.suspects:
        shares = (f"{item.probability:.4f}", f"{item.predicted_probability:.4f}")
        writer.writerow((item.song, item.label, item.predicted, *shares))
    write_atomic(path, text.getvalue().encode("utf-8", "surrogateescape"))
    write_line(f"labels that look wrong first: {path}")
