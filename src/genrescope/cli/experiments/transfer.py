"""`genrescope benchmark transfer`: trained on each corpus, tested on every other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.experiments.audio import Least, open_corpus
from genrescope.cli.experiments.benchmark_display import training_progress
from genrescope.cli.options import Jobs, command_line, names_of, seed_option
from genrescope.cli.output import console, write_line

if TYPE_CHECKING:
    from genrescope.benchmark.corpus import Corpus

BUILT_IN = "gtzan"


def transfer(
    corpora: Annotated[
        list[str],
        typer.Argument(
            help="Two or more: gtzan (the built-in songs), a folder of audio sorted by genre, or "
            "FOLDER=LABELS with a file of labels.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for transfer.md, .json and vectors.")
    ] = Path("benchmark-transfer"),
    vocabulary: Annotated[
        str, typer.Option(help="Genres to which all labels are brought: topMAGD, GTZAN, library.")
    ] = "topMAGD",
    sets: Annotated[
        str,
        typer.Option(
            help="As of `genrescope benchmark audio`; with gtzan only the published descriptor "
            "sets, published for all thirteen side by side."
        ),
    ] = "ssd,marsyas_timbral,ssd+marsyas_timbral",
    learners: Annotated[
        str,
        typer.Option(
            help="As of `genrescope benchmark audio`, and svm_linear, svm_rbf; separated by commas."
        ),
    ] = "lda,kda,svm_linear,svm_rbf",
    groups: Annotated[
        str | None,
        typer.Option(help="Column of the labels that no fold at home may divide, such as artist."),
    ] = None,
    least: Least = 8,
    folds: Annotated[int, typer.Option(min=2, help="Folds at home.")] = 5,
    seed: Annotated[int, seed_option("Seed of folds, training and intervals.")] = 0,
    jobs: Jobs = None,
) -> None:
    """Train on each corpus, test on every other, over the genres that they share.

    Each corpus is also tested with models trained on itself, in folds: the difference is what the
    change of corpus costs. Recordings that are in both are left out of training.
    """
    from genrescope.errors import UsageError

    if len(corpora) < 2:
        raise UsageError("one corpus", remedy="name two or more")
    names = names_of(sets) or []
    found = [
        _opened(name, names, groups, output, vocabulary, least, jobs)
        for name in dict.fromkeys(corpora)
    ]
    from genrescope.benchmark.repeats import find_repeats
    from genrescope.benchmark.transfer import run_transfer, transfer_document
    from genrescope.files.atomic import write_atomic, write_json
    from genrescope.progress import Progress
    from genrescope.report.corpora.transfer import transfer_page, transfer_tables
    from genrescope.report.terminal import plain_table

    repeats = find_repeats(found, seed=seed)
    with training_progress() as show:
        results = run_transfer(
            found,
            learners=names_of(learners) or [],
            least=least,
            folds=folds,
            seed=seed,
            repeats=repeats,
            progress=lambda done, total, name: show(Progress(done, total, text=name)),
        )
    document = transfer_document(found, results, repeats, command_line())
    for item in transfer_tables(document["results"]):
        console().print(plain_table(item))
    write_json(output / "transfer.json", document)
    write_atomic(output / "transfer.md", transfer_page(document).encode())
    write_line(f"page: {output / 'transfer.md'}")


def _opened(
    name: str,
    sets: list[str],
    groups: str | None,
    output: Path,
    vocabulary: str,
    least: int,
    jobs: int | None,
) -> Corpus:
    from genrescope.benchmark.corpus_vectors import builtin_corpus
    from genrescope.taxonomy.vocabulary import vocabulary as vocabulary_called

    if name == BUILT_IN:
        return builtin_corpus(sets, vocabulary_called(vocabulary), least)
    folder, _, labels = name.partition("=")
    place = Path(folder)
    vectors = output / "vectors" / place.resolve().name
    file = Path(labels) if labels else None
    return open_corpus(place, file, groups, sets, vectors, vocabulary, least, jobs)
