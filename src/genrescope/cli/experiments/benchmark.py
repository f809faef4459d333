"""`genrescope benchmark`: train and evaluate classifiers, print a table, write a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genrescope.cli.experiments.audio import audio
from genrescope.cli.experiments.benchmark_display import show_results, training_progress
from genrescope.cli.experiments.gtzan import (
    Vectors,
    WholeGenres,
    built_in_tables,
    gtzan_protocol,
)
from genrescope.cli.experiments.leaderboard import compare, leaderboard
from genrescope.cli.experiments.songs import songs
from genrescope.cli.experiments.transfer import transfer
from genrescope.cli.options import command_line, names_of, seed_option
from genrescope.cli.output import write_line

if TYPE_CHECKING:
    from genrescope.benchmark.config import BenchmarkConfig, Task
    from genrescope.data.table import FeatureTable
    from genrescope.taxonomy.vocabulary import Vocabulary

benchmark_app = typer.Typer(
    name="benchmark",
    help="Train and evaluate genre classifiers: a table here, and report.html.",
    no_args_is_help=True,
)
for _command in (audio, compare, leaderboard, songs, transfer):
    benchmark_app.command()(_command)

Output = Annotated[
    Path, typer.Option("--output", "-o", help="Folder for report.html, records and models.")
]
Sets = Annotated[
    str | None,
    typer.Option(
        help="Feature sets, separated by commas, rh+ssd for one of both side by side; all that "
        "there are by default."
    ),
]
Learners = Annotated[
    str | None,
    typer.Option(
        "--learners",
        "--networks",
        help="Networks (student, perceptron, ranked) and optional baselines (lightgbm, lda, kda, "
        "svm_tuned), separated by commas; student and perceptron by default. (--networks is its "
        "former name.)",
    ),
]
Scheme = Annotated[
    str,
    typer.Option("--protocol", help="kfold (stratified) or fault-filtered (fixed, artist-aware)."),
]
Folds = Annotated[int, typer.Option(min=2, help="Folds of kfold.")]
Repeats = Annotated[int, typer.Option(min=1, help="Repeats of kfold, each with other folds.")]
_BASELINES = ("--baselines/--no-baselines", "--rivals/--no-rivals")
Baselines = Annotated[
    bool,
    typer.Option(*_BASELINES, help="Train two SVMs, too. (--rivals is its former name.)"),
]
Ensemble = Annotated[
    bool,
    typer.Option(
        "--ensemble",
        help="Stack all base learners (all that is trained but the student networks): each is "
        "trained five times more, on inner folds of the training rows.",
    ),
]
Seed = Annotated[int, seed_option("Seed of splits, training and intervals.")]


@benchmark_app.command()
def gtzan(
    output: Output = Path("benchmark-gtzan"),
    sets: Sets = None,
    learners: Learners = None,
    protocol: Scheme = "kfold",
    folds: Folds = 5,
    repeats: Repeats = 1,
    variant: Annotated[
        str, typer.Option(help="default, or 2012: the variant of TU Wien's published files.")
    ] = "default",
    vectors: Vectors = None,
    whole_genres: WholeGenres = False,
    baselines: Baselines = True,
    ensemble: Ensemble = False,
    seed: Seed = 0,
) -> None:
    """Benchmark on the descriptors that come with genrescope (GTZAN songs, ten genres)."""
    from genrescope.benchmark.published import gtzan_dataset
    from genrescope.taxonomy.vocabulary import GTZAN

    tables = built_in_tables(names_of(sets), variant, vectors, whole_genres)
    tables, chosen = gtzan_protocol(tables, protocol, folds, repeats, seed)
    genres = GTZAN.found_in(_labels(tables[0]))
    from genrescope.benchmark.config import BenchmarkConfig, make_tasks

    name = gtzan_dataset(len(genres))
    config = BenchmarkConfig(
        name, genres, chosen, seed, command_line(), output, keep_models=not whole_genres
    )
    tasks = make_tasks(tables, learners=names_of(learners), baselines=baselines)
    introduction = (
        f"{len(tables[0])} songs of GTZAN: {_counts(tables[0], genres)}. Where some genres are "
        "rare macro recall, the mean of the genres' recalls, is the number to read. Protocol: "
        f"{chosen.title}."
    )
    _benchmark(tasks, config, tables, "GTZAN genre benchmark", introduction, ensemble)


@benchmark_app.command()
def tuwien(
    root: Annotated[Path, typer.Option(help="Folder of the files, gtzan_NAME.arff.")],
    output: Output = Path("benchmark-tuwien"),
    sets: Annotated[
        str,
        typer.Option(
            help="NAMEs of the files, separated by commas, rh+ssd for one of both side by side; of "
            "sets that lack a genre, as timbral does, all are restricted to the songs that all of "
            "them have."
        ),
    ] = "rh,ssd,timbral",
    learners: Learners = None,
    protocol: Scheme = "kfold",
    folds: Folds = 10,
    repeats: Repeats = 1,
    baselines: Baselines = True,
    ensemble: Ensemble = False,
    seed: Seed = 0,
) -> None:
    """Benchmark on TU Wien's feature files of all GTZAN songs, as their authors did (AMR 2012)."""
    from dataclasses import replace

    from genrescope.benchmark.published import tuwien_dataset
    from genrescope.data.concatenate import named_tables, single_sets
    from genrescope.data.corpora.tuwien_gtzan import faults_of, load_tuwien_sets
    from genrescope.taxonomy.vocabulary import GTZAN

    names = names_of(sets) or []
    single = load_tuwien_sets(root, single_sets(names))
    tables = named_tables(names, single)
    tables, chosen = gtzan_protocol(tables, protocol, folds, repeats, seed)
    chosen = replace(chosen, warnings=(*chosen.warnings, *faults_of(single)))
    genres = GTZAN.found_in(_labels(tables[0]))
    from genrescope.benchmark.config import BenchmarkConfig, make_tasks

    config = BenchmarkConfig(
        tuwien_dataset(len(genres)), genres, chosen, seed, command_line(), output
    )
    tasks = make_tasks(tables, learners=names_of(learners), baselines=baselines)
    introduction = (
        f"{config.dataset}: {len(tables[0])} songs, {', '.join(genres.genres)}. Protocol: "
        f"{chosen.title}. The published SVMs were evaluated on all ten genres in stratified "
        "10-fold cross-validation (Schindler, Rauber, AMR 2012)."
    )
    title = "TU Wien's GTZAN features, a benchmark"
    _benchmark(tasks, config, tables, title, introduction, ensemble)


@benchmark_app.command()
def msd(
    root: Annotated[Path, typer.Option(help="Folder of the published files.")],
    output: Output = Path("benchmark-msd"),
    labels: Annotated[str, typer.Option(help="topMAGD, MAGD, MASD or CD1.")] = "topMAGD",
    partition: Annotated[
        str, typer.Option(help="Published partition, such as fixedSizeSplit_2000.")
    ] = "fixedSizeSplit_2000",
    sets: Sets = None,
    learners: Learners = None,
    baselines: Annotated[
        bool,
        typer.Option(
            *_BASELINES, help="Train two SVMs on 5,000 rows, too. (--rivals is its former name.)"
        ),
    ] = False,
    ensemble: Ensemble = False,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder for imported feature files; by default beside the files."),
    ] = None,
    seed: Seed = 0,
) -> None:
    """Benchmark on a folder of Million Song Dataset Benchmarks files, whichever sets are there."""
    from dataclasses import replace

    from genrescope.benchmark.published import MSD_TRACKS
    from genrescope.cli.corpora.progress import import_progress
    from genrescope.data.concatenate import named_tables, single_sets
    from genrescope.data.corpora.msd import load_msd
    from genrescope.errors import DataError
    from genrescope.evaluation.protocols import msd_partition

    names = names_of(sets)
    with import_progress("importing") as report:
        data = load_msd(
            root,
            labels=labels,
            partition=partition,
            sets=None if names is None else single_sets(names),
            cache=cache,
            watch=lambda _, at: report(at),
        )
    write_line(str(data.report))
    if data.split is None:
        raise DataError("the partition has no split", place=root)
    protocol = msd_partition(data.split)
    protocol = replace(protocol, warnings=(*protocol.warnings, *data.report.warnings))
    from genrescope.benchmark.config import BenchmarkConfig, make_tasks

    config = BenchmarkConfig(
        MSD_TRACKS, data.vocabulary, protocol, seed, command_line(), output, keep_models=True
    )
    tables = data.tables if names is None else named_tables(names, data.tables)
    tasks = make_tasks(
        tables, learners=names_of(learners), baselines=baselines, baseline_rows=_BASELINE_ROWS
    )
    training = [table.take(data.split.train) for table in data.tables]
    introduction = (
        f"{len(data.split.train):,} tracks to train, {len(data.split.test):,} to test, labels "
        f"{labels}, partition {partition}. Where the test part is skewed, macro recall is the "
        "number to read: accuracy is mostly that of the commonest genre."
    )
    title = "Million Song Dataset genre benchmark"
    _benchmark(tasks, config, training, title, introduction, ensemble)


_BASELINE_ROWS = 5000


def _benchmark(
    tasks: Sequence[Task],
    config: BenchmarkConfig,
    pictured: Sequence[FeatureTable],
    title: str,
    introduction: str,
    ensemble: bool,
) -> None:
    """Run the tasks, print the table and write the report; `pictured` where the set is ours."""
    from genrescope.benchmark.config import run_tasks
    from genrescope.benchmark.ensembles import run_ensembles
    from genrescope.errors import UsageError

    if not tasks:
        raise UsageError("nothing to train", remedy="name other learners, or add --baselines")
    with training_progress() as progress:
        records = run_tasks(tasks, config, progress)
        if ensemble:
            records += run_ensembles(tasks, config, progress=progress)
    show_results(records, config, title, introduction, pictured=pictured)


def _counts(table: FeatureTable, genres: Vocabulary) -> str:
    labels = _labels(table)
    return ", ".join(f"{genre} {labels.count(genre)}" for genre in genres.genres)


def _labels(table: FeatureTable) -> list[str]:
    return [] if table.labels is None else [str(label) for label in table.labels]
