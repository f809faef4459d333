"""`genrescope benchmark audio`: a benchmark on one's own audio and labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.experiments.benchmark_display import show_results, training_progress
from genrescope.cli.options import Jobs, command_line, names_of, seed_option
from genrescope.cli.output import write_line
from genrescope.cli.progress import progress_display

if TYPE_CHECKING:
    from genrescope.benchmark.corpus import Corpus

Vocabulary = Annotated[
    str | None,
    typer.Option(
        help="Bring the labels, in any spelling, to the genres of topMAGD, GTZAN, library, MAGD or "
        "MASD; by default each in its commonest spelling."
    ),
]
Vectors = Annotated[
    Path | None,
    typer.Option(help="Folder of the extracted vectors; by default below the output folder."),
]
Least = Annotated[
    int, typer.Option(min=2, help="Songs, or groups of them, that a genre needs to take part.")
]
AudioSets = Annotated[
    str | None,
    typer.Option(
        help="Feature sets and pretrained networks, separated by commas, ssd+musicnn for several "
        "side by side; descriptors is all eighteen sets side by side. By default descriptors, each "
        "installed network, and all of these side by side."
    ),
]


def audio(
    folder: Annotated[Path, typer.Argument(help="Folder of the audio.", show_default=False)],
    labels: Annotated[
        Path | None,
        typer.Option(
            help="Songs and genres: a CSV file, FMA's tracks.csv, a split file of MTG-Jamendo (or "
            "the folder of its parts), Ballroom's allBallroomFiles, a mirdata index. By default a "
            "song's genre is its folder directly below FOLDER, or in its name as in GTZAN."
        ),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(
            help="What no split may divide: a column of the labels, such as artist; in layouts "
            "that have them artist or album."
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for report.html, records and vectors.")
    ] = Path("benchmark-audio"),
    vectors: Vectors = None,
    sets: AudioSets = None,
    learners: Annotated[
        str,
        typer.Option(
            help="Networks (student, perceptron, ranked) and baselines (lightgbm, lda, kda, "
            "svm_tuned), separated by commas."
        ),
    ] = "lda,kda",
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="Train two SVMs, too.")
    ] = True,
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="Stack all learners but student networks.")
    ] = False,
    vocabulary: Vocabulary = None,
    protocol: Annotated[
        str, typer.Option(help="kfold (stratified), or given: the corpus' own parts.")
    ] = "kfold",
    folds: Annotated[int, typer.Option(min=2, help="Folds of kfold.")] = 5,
    repeats: Annotated[int, typer.Option(min=1, help="Repeats of kfold.")] = 1,
    least: Least = 5,
    seed: Annotated[int, seed_option("Seed of splits, training and intervals.")] = 0,
    jobs: Jobs = None,
) -> None:
    """Benchmark on your own audio and labels, one genre a song or several.

    Vectors are extracted once; the same command goes on where it stopped. Macro recall is over the
    songs with exactly one genre, hit, mean average precision and area under the ROC curve are over
    all songs. Writes report.html, results.json, and each song's prediction as CSV.
    """
    from genrescope.errors import UsageError

    if protocol not in ("kfold", "given"):
        raise UsageError(f"no protocol '{protocol}'", remedy="choose kfold or given")
    corpus = open_corpus(
        folder,
        labels,
        groups,
        names_of(sets),
        vectors or output / "vectors",
        vocabulary,
        least,
        jobs,
    )
    from genrescope.benchmark.audio import (
        corpus_facts,
        corpus_protocol,
        corpus_tasks,
        run_corpus,
        write_results,
    )
    from genrescope.benchmark.config import BenchmarkConfig
    from genrescope.benchmark.repeats import find_repeats
    from genrescope.report.corpora.songs import repeats_table, several_table

    chosen = corpus_protocol(corpus, protocol, folds=folds, repeats=repeats, seed=seed)
    config = BenchmarkConfig(corpus.name, corpus.vocabulary, chosen, seed, command_line(), output)
    tasks = corpus_tasks(corpus, learners=names_of(learners), baselines=baselines)
    if not tasks:
        raise UsageError("nothing to train", remedy="name other learners, or add --baselines")
    with training_progress() as progress:
        results = run_corpus(corpus, tasks, config, ensemble=ensemble, progress=progress)
    repeated = find_repeats([corpus], seed=seed)
    facts = {**corpus_facts(corpus, config), "repeats": [item.as_json() for item in repeated]}
    write_results(output / "results.json", results, facts)
    tables = (several_table(results), repeats_table(repeated))
    title = f"Genres of {corpus.name}, a benchmark on audio"
    show_results(
        [item.record for item in results],
        config,
        title,
        _introduction(corpus, chosen.title),
        tables=tables,
    )


def open_corpus(
    folder: Path,
    labels: Path | None,
    groups: str | None,
    sets: Sequence[str] | None,
    vectors: Path,
    vocabulary: str | None,
    least: int,
    jobs: int | None,
) -> Corpus:
    """The corpus in a folder with its vectors; what is left out is listed."""
    from genrescope.audio.collect import collect
    from genrescope.benchmark.corpus_vectors import audio_corpus, default_sets
    from genrescope.data.song_labels import find_labels
    from genrescope.taxonomy.vocabulary import vocabulary as vocabulary_called

    files = collect([folder]).files
    known = find_labels(labels, files, folder, groups)
    with progress_display("Extracting") as show:
        corpus = audio_corpus(
            folder.resolve().name,
            files,
            folder,
            known,
            sets or default_sets(),
            vectors=vectors,
            vocabulary=vocabulary_called(vocabulary) if vocabulary else None,
            least=least,
            jobs=jobs,
            progress=lambda at: show(at.done, at.failed, at.total),
        )
    write_line(f"{corpus.name}: {len(corpus)} songs of {len(corpus.vocabulary)} genres")
    for why, songs in corpus.left_out.items():
        write_line(f"  left out, {why}: {songs}")
    return corpus


def _introduction(corpus: Corpus, protocol: str) -> str:
    counts = corpus.truth.sum(axis=0).tolist()
    genres = ", ".join(
        f"{name} ({count})" for name, count in zip(corpus.vocabulary.genres, counts, strict=True)
    )
    groups = len(set(corpus.drawn_together.tolist()))
    return (
        f"{len(corpus)} songs of {groups} groups: {genres}. Protocol: {protocol}. Macro recall and "
        "the scores beside it are over the songs with exactly one genre; hit, mean average "
        "precision and area under the curve are over all songs."
    )
